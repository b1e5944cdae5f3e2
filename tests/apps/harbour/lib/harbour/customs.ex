defmodule Harbour.Customs do
  @moduledoc """
  `PartitionSupervisor`: several desks that do the same work.

  One desk would be a queue for the whole harbour. The partition supervisor
  starts as many as it is told and sends each caller to one by a key: here the
  ship's name, so that all papers of a ship go over the same desk, in order.
  """

  defmodule Desk do
    @moduledoc "Stamps papers. The stamp carries the desk's number and a serial number."
    use GenServer

    def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

    @impl true
    def init(opts) do
      Harbour.Bulletin.publish(:machines, {:machine_started, {:desk, opts[:desk]}})
      {:ok, %{desk: opts[:desk], serial: 0}}
    end

    @impl true
    def handle_call({:stamp, _ship, "contraband"}, _from, _state) do
      # Not in the regulations. The next in line at the other desks is served all
      # the same.
      exit(:contraband)
    end

    def handle_call({:stamp, _ship, _goods}, _from, state) do
      serial = state.serial + 1
      {:reply, {:stamped, state.desk, serial}, %{state | serial: serial}}
    end
  end

  def child_spec(opts) do
    opts = Keyword.put_new(opts, :name, __MODULE__)

    desks =
      Keyword.get_lazy(opts, :desks, fn -> Application.fetch_env!(:harbour, :customs_desks) end)

    PartitionSupervisor.child_spec(
      child_spec: Desk,
      name: opts[:name],
      partitions: desks,
      # Each desk is told its number.
      with_arguments: fn [args], partition -> [Keyword.put(args, :desk, partition)] end
    )
  end

  @doc "Has the papers of a ship stamped: `{:stamped, desk, serial}`."
  def declare(customs \\ __MODULE__, ship, goods) do
    GenServer.call({:via, PartitionSupervisor, {customs, ship}}, {:stamp, ship, goods})
  end

  def desks(customs \\ __MODULE__), do: PartitionSupervisor.partitions(customs)
end
