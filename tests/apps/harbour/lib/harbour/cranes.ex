defmodule Harbour.Cranes do
  @moduledoc """
  `:one_for_one`: the cranes have nothing to do with each other.

  When one breaks, it alone is restarted. Should they break more than
  `:max_restarts` times in `:max_seconds`, mending them one by one is clearly
  not helping: the supervisor gives up, and its own supervisor decides.
  """
  use Supervisor

  def start_link(opts \\ []) do
    Supervisor.start_link(__MODULE__, opts, Keyword.take(opts, [:name]))
  end

  @impl true
  def init(opts) do
    cranes = Keyword.get(opts, :cranes, [:north, :south, :heavy])

    Supervisor.init(
      for(crane <- cranes, do: {Harbour.Machine, id: {:crane, crane}}),
      strategy: :one_for_one,
      max_restarts: Keyword.get(opts, :max_restarts, 10),
      max_seconds: Keyword.get(opts, :max_seconds, 1)
    )
  end
end
