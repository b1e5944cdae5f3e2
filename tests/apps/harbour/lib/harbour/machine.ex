defmodule Harbour.Machine do
  @moduledoc """
  A machine on the quay: the plain worker that the supervisors look after.

  It works until it breaks. It announces its starts on the bulletin board, and
  a machine that `:needs` another one refuses to start when that one is not
  running.
  """
  use GenServer

  alias Harbour.{Bulletin, Names}

  def start_link(opts) do
    GenServer.start_link(__MODULE__, opts, name: Names.via(Keyword.fetch!(opts, :id)))
  end

  def child_spec(opts), do: Supervisor.child_spec(super(opts), id: Keyword.fetch!(opts, :id))

  @doc "Does some work and returns all the work done since the start."
  def work(id, amount \\ 1), do: GenServer.call(Names.via(id), {:work, amount})

  @doc "The way a bug would do it: an exception in the middle of a call."
  def jam(id), do: GenServer.call(Names.via(id), :jam)

  @doc "The way the world does it: gone, without a word. False if it is not running."
  def kill(id) do
    case Names.whereis(id) do
      nil -> false
      pid -> Process.exit(pid, :kill)
    end
  end

  @impl true
  def init(opts) do
    id = opts[:id]
    needs = opts[:needs]

    if needs == nil or Names.whereis(needs) != nil do
      Bulletin.publish(:machines, {:machine_started, id})
      {:ok, %{id: id, done: 0}}
    else
      {:stop, {:not_running, needs}}
    end
  end

  @impl true
  def handle_call({:work, amount}, _from, state) do
    done = state.done + amount
    {:reply, done, %{state | done: done}}
  end

  def handle_call(:jam, _from, state) do
    raise "#{Harbour.Machine.label(state.id)} is jammed"
  end

  @doc """
  How people call it.

      iex> Harbour.Machine.label({:crane, :north})
      "crane north"
  """
  def label({kind, name}), do: "#{kind} #{name}"
end
