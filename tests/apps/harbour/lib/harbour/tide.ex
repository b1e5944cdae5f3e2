defmodule Harbour.Tide do
  @moduledoc """
  The water level: an `Agent`, which is a process that does nothing but hold a
  value, with a pure function beside it that knows the value for any time.

      iex> Harbour.Tide.at(0)
      1.25
      iex> Enum.map([180, 360, 540], &Harbour.Tide.at/1)
      [1.95, 1.25, 0.55]
  """
  use Agent

  @period_min 720

  def start_link(opts \\ []) do
    Agent.start_link(fn -> {0, at(0)} end, name: Keyword.get(opts, :name, __MODULE__))
  end

  @doc "The level in metres at a minute of the day."
  def at(minute) do
    Float.round(
      1.25 + 0.7 * :math.sin(2 * :math.pi() * rem(minute, @period_min) / @period_min),
      2
    )
  end

  def level(tide), do: Agent.get(tide, fn {_minute, level} -> level end)

  @doc "Moves the tide to a minute of the day, and says whether it rose or fell."
  def turn(tide, minute) do
    Agent.get_and_update(tide, fn _old ->
      new = at(minute)
      direction = if at(minute + 10) > new, do: :rising, else: :falling
      {{direction, new}, {minute, new}}
    end)
  end
end
