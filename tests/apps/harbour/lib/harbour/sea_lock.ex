defmodule Harbour.SeaLock do
  @moduledoc """
  `:one_for_all`: three processes that must agree.

  A sea lock has two gates, and they must never be open together. The keeper
  remembers which gate it has opened; each gate knows where it stands. If any
  of the three dies, what the others remember may be wrong. There is one state
  that all agree on without asking: everything shut, as at the start. So when
  one goes, all go, and start anew.
  """
  use Supervisor

  alias Harbour.Names

  defmodule Gate do
    @moduledoc "One gate: shut or open."
    use GenServer

    def start_link(id), do: GenServer.start_link(__MODULE__, id, name: Names.via(id))
    def child_spec(id), do: Supervisor.child_spec(super(id), id: id)

    def position(id), do: GenServer.call(Names.via(id), :position)
    def move(id, position), do: GenServer.call(Names.via(id), {:move, position})

    @impl true
    def init(id) do
      Harbour.Bulletin.publish(:machines, {:machine_started, id})
      {:ok, :shut}
    end

    @impl true
    def handle_call(:position, _from, position), do: {:reply, position, position}
    def handle_call({:move, position}, _from, _old), do: {:reply, :ok, position}
  end

  defmodule Keeper do
    @moduledoc "Opens one gate at a time. All requests go through this process."
    use GenServer

    def start_link(lock),
      do: GenServer.start_link(__MODULE__, lock, name: Names.via({:keeper, lock}))

    @impl true
    def init(lock), do: {:ok, %{lock: lock, open: nil}}

    @impl true
    def handle_call({:open, gate}, _from, %{open: open} = state) when open in [nil, gate] do
      :ok = Gate.move({gate, state.lock}, :open)
      {:reply, :ok, %{state | open: gate}}
    end

    def handle_call({:open, _gate}, _from, state) do
      {:reply, {:error, {:still_open, state.open}}, state}
    end

    def handle_call(:shut, _from, state) do
      if state.open, do: :ok = Gate.move({state.open, state.lock}, :shut)
      {:reply, :ok, %{state | open: nil}}
    end
  end

  def start_link(opts \\ []) do
    Supervisor.start_link(__MODULE__, opts, Keyword.take(opts, [:name]))
  end

  @doc "Opens the `:inner_gate` or the `:outer_gate`."
  def open(lock, gate) when gate in [:inner_gate, :outer_gate] do
    GenServer.call(Names.via({:keeper, lock}), {:open, gate})
  end

  def shut(lock), do: GenServer.call(Names.via({:keeper, lock}), :shut)

  @doc "Where the two gates stand, asked of the gates themselves."
  def positions(lock) do
    for gate <- [:inner_gate, :outer_gate], into: %{} do
      {gate, Gate.position({gate, lock})}
    end
  end

  @impl true
  def init(opts) do
    lock = Keyword.get(opts, :lock, :main)

    Supervisor.init(
      [{Gate, {:inner_gate, lock}}, {Gate, {:outer_gate, lock}}, {Keeper, lock}],
      strategy: :one_for_all
    )
  end
end
