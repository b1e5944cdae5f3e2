defmodule Harbour.EntranceLight do
  @moduledoc """
  The traffic light at the harbour mouth, a `:gen_statem`.

      red  --time-->  green  --time-->  amber  --time-->  red
       any of them  --alarm-->  flashing  --all_clear-->  red

  What a state machine does better than a `GenServer`:

    * one function per state, so that each says what it answers to
    * *state timeouts*, which are cancelled by leaving the state: no stale timer
      can ever switch the light
    * *postponed* events: a ship that asks for entry at red is simply answered
      later, when the state has changed, without a queue of our own
    * *state enter* calls: whatever must happen on every way into a state stands
      in one place
  """
  @behaviour :gen_statem

  alias Harbour.Bulletin

  def child_spec(opts) do
    %{id: Keyword.get(opts, :name, __MODULE__), start: {__MODULE__, :start_link, [opts]}}
  end

  @doc """
  Starts a light. `:times` is a keyword list with the milliseconds for `:red`,
  `:green` and `:amber`; `:topic` is where its changes are published.
  """
  def start_link(opts) do
    case Keyword.fetch(opts, :name) do
      {:ok, name} -> :gen_statem.start_link({:local, name}, __MODULE__, opts, [])
      :error -> :gen_statem.start_link(__MODULE__, opts, [])
    end
  end

  def colour(light), do: :gen_statem.call(light, :colour)

  @doc "Waits for green. Returns `:proceed`, or `{:error, :timeout}` after a while."
  def request_entry(light, timeout_ms \\ 5_000) do
    :gen_statem.call(light, :request_entry, timeout_ms)
  catch
    :exit, {:timeout, _} -> {:error, :timeout}
  end

  def alarm(light), do: :gen_statem.cast(light, :alarm)
  def all_clear(light), do: :gen_statem.cast(light, :all_clear)

  @doc "New times, from the next change of the light on."
  def retime(light, times), do: :gen_statem.cast(light, {:retime, times})

  ## The machine

  @impl true
  def callback_mode, do: [:state_functions, :state_enter]

  @impl true
  def init(opts) do
    times = Keyword.get_lazy(opts, :times, fn -> Application.fetch_env!(:harbour, :light) end)
    {:ok, :red, %{times: Map.new(times), topic: Keyword.get(opts, :topic, :light)}}
  end

  def red(:enter, _from, data), do: lit(:red, data)
  def red(:state_timeout, :change, data), do: {:next_state, :green, data}
  def red({:call, _from}, :request_entry, _data), do: {:keep_state_and_data, :postpone}
  def red(type, event, data), do: in_any_state(type, event, :red, data)

  def green(:enter, _from, data), do: lit(:green, data)
  def green(:state_timeout, :change, data), do: {:next_state, :amber, data}

  def green({:call, from}, :request_entry, _data) do
    {:keep_state_and_data, {:reply, from, :proceed}}
  end

  def green(type, event, data), do: in_any_state(type, event, :green, data)

  def amber(:enter, _from, data), do: lit(:amber, data)
  def amber(:state_timeout, :change, data), do: {:next_state, :red, data}
  def amber({:call, _from}, :request_entry, _data), do: {:keep_state_and_data, :postpone}
  def amber(type, event, data), do: in_any_state(type, event, :amber, data)

  # No time brings this one to an end.
  def flashing(:enter, _from, data) do
    Bulletin.publish(data.topic, {:light, :flashing})
    :keep_state_and_data
  end

  def flashing(:cast, :all_clear, data), do: {:next_state, :red, data}
  def flashing(:cast, :alarm, _data), do: :keep_state_and_data
  def flashing({:call, _from}, :request_entry, _data), do: {:keep_state_and_data, :postpone}
  def flashing(type, event, data), do: in_any_state(type, event, :flashing, data)

  defp lit(colour, data) do
    Bulletin.publish(data.topic, {:light, colour})
    {:keep_state_and_data, {:state_timeout, Map.fetch!(data.times, colour), :change}}
  end

  defp in_any_state({:call, from}, :colour, colour, _data) do
    {:keep_state_and_data, {:reply, from, colour}}
  end

  defp in_any_state(:cast, :alarm, _colour, data), do: {:next_state, :flashing, data}
  defp in_any_state(:cast, :all_clear, _colour, _data), do: :keep_state_and_data

  defp in_any_state(:cast, {:retime, times}, _colour, data) do
    {:keep_state, %{data | times: Map.merge(data.times, Map.new(times))}}
  end
end
