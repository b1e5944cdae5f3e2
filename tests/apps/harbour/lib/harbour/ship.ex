defmodule Harbour.Ship do
  @moduledoc """
  A ship at its berth, unloading until it is empty.

  A ship is `:transient`: it leaves with `:normal` and is not missed, but a ship
  that crashes is started again. What is left in its hold must not be lost with
  it, and so is written to a ledger, in another process, before it is counted as
  landed. The restarted ship goes on from there: *state that must survive a
  crash lives where the crash is not*.
  """
  use GenServer, restart: :transient

  alias Harbour.{Bulletin, Counter, Ledger, Logbook, Names}

  @doc "Options: `:name`, `:cargo`, `:pace_ms` between two lifts, `:lift` in tonnes."
  def start_link(opts) do
    GenServer.start_link(__MODULE__, opts, name: Names.via({:ship, opts[:name]}))
  end

  @doc "Tonnes still aboard."
  def aboard(name), do: GenServer.call(Names.via({:ship, name}), :aboard)

  @doc "A hole in the hull: the process crashes at its next step."
  def spring_leak(name), do: GenServer.cast(Names.via({:ship, name}), :leak)

  @impl true
  def init(opts) do
    name = opts[:name]

    state = %{
      name: name,
      cargo: opts[:cargo],
      lift: Keyword.get(opts, :lift, 10),
      pace_ms: Keyword.get(opts, :pace_ms, 20)
    }

    case Ledger.fetch(:holds, name) do
      {:ok, tonnes} -> tell({:ship_back, name, tonnes})
      :error -> arrive(state)
    end

    {:ok, next_lift(state)}
  end

  defp arrive(state) do
    Ledger.put(:holds, state.name, state.cargo.tonnes)
    tell({:ship_arrived, state.name, state.cargo})
  end

  @impl true
  def handle_call(:aboard, _from, state) do
    {:reply, Ledger.get(:holds, state.name), state}
  end

  @impl true
  def handle_cast(:leak, state) do
    raise "#{state.name} springs a leak"
  end

  @impl true
  def handle_info(:lift, state) do
    left = Ledger.get(:holds, state.name)
    lifted = min(left, state.lift)
    Ledger.put(:holds, state.name, left - lifted)
    Counter.add(:tonnes, lifted)

    if left == lifted do
      Ledger.delete(:holds, state.name)
      tell({:ship_left, state.name})
      {:stop, :normal, state}
    else
      {:noreply, next_lift(state)}
    end
  end

  defp next_lift(state) do
    Process.send_after(self(), :lift, state.pace_ms)
    state
  end

  defp tell(what) do
    Bulletin.publish(:ships, what)
    Logbook.write(what)
  end
end
