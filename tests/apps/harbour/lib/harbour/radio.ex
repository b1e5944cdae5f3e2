defmodule Harbour.Radio do
  @moduledoc """
  A chat with rooms: the harbour radio and its channels.

  A room is a process, started under a `DynamicSupervisor` when the first one
  joins and gone when the last one has left. It monitors its members, so that
  hanging up and crashing are the same to it. Members get
  `{:radio, room, from, text}`.
  """
  use Supervisor

  alias Harbour.Names

  defmodule Room do
    @moduledoc "One channel: who is listening, and the last things said."
    use GenServer, restart: :transient

    @keep 20

    def start_link(name) do
      GenServer.start_link(__MODULE__, name, name: Names.via({:room, name}))
    end

    @impl true
    def init(name), do: {:ok, %{name: name, members: %{}, history: []}}

    # members: monitor reference => {pid, nickname}
    @impl true
    def handle_call({:join, nick}, {pid, _tag}, state) do
      taken? = Enum.any?(state.members, fn {_, {_, other}} -> other == nick end)

      if taken? do
        {:reply, {:error, :nick_taken}, state}
      else
        state = put_in(state.members[Process.monitor(pid)], {pid, nick})
        tell(state, nick, "joined", pid)
        {:reply, {:ok, Enum.reverse(state.history)}, state}
      end
    end

    def handle_call({:say, text}, {pid, _tag}, state) do
      case find(state, pid) do
        {_ref, {_pid, nick}} ->
          tell(state, nick, text, pid)
          {:reply, :ok, %{state | history: Enum.take([{nick, text} | state.history], @keep)}}

        nil ->
          {:reply, {:error, :not_in_room}, state}
      end
    end

    def handle_call(:leave, {pid, _tag}, state) do
      case find(state, pid) do
        {ref, _} ->
          Process.demonitor(ref, [:flush])
          gone(state, ref, :ok)

        nil ->
          {:reply, {:error, :not_in_room}, state}
      end
    end

    def handle_call(:members, _from, state) do
      {:reply, state.members |> Map.values() |> Enum.map(&elem(&1, 1)) |> Enum.sort(), state}
    end

    @impl true
    def handle_info({:DOWN, ref, :process, _pid, _reason}, state), do: gone(state, ref, nil)

    defp gone(state, ref, reply) do
      {{pid, nick}, members} = Map.pop!(state.members, ref)
      state = %{state | members: members}
      tell(state, nick, "left", pid)

      case {map_size(members), reply} do
        {0, nil} -> {:stop, :normal, state}
        {0, reply} -> {:stop, :normal, reply, state}
        {_, nil} -> {:noreply, state}
        {_, reply} -> {:reply, reply, state}
      end
    end

    defp find(state, pid), do: Enum.find(state.members, &match?({_, {^pid, _}}, &1))

    # The one who speaks does not hear himself.
    defp tell(state, from, text, except) do
      for {_, {pid, _}} <- state.members, pid != except do
        send(pid, {:radio, state.name, from, text})
      end
    end
  end

  def start_link(_opts \\ []), do: Supervisor.start_link(__MODULE__, [], name: __MODULE__)

  @impl true
  def init(_) do
    Supervisor.init(
      [{DynamicSupervisor, name: Harbour.Radio.Rooms, strategy: :one_for_one}],
      strategy: :one_for_one
    )
  end

  @doc "Enters a room, which opens if need be, and returns what was said lately."
  def join(room, nick) do
    {:ok, pid} = open(room)
    GenServer.call(pid, {:join, nick})
  catch
    # The last member left between our finding the room and our joining it.
    :exit, {reason, {GenServer, :call, _}} when reason in [:normal, :noproc] -> join(room, nick)
  end

  def say(room, text), do: ask(room, {:say, text})
  def leave(room), do: ask(room, :leave)
  def members(room), do: with({:error, :no_such_room} <- ask(room, :members), do: [])
  def rooms, do: Names.list(:room)

  # Two callers may open the same room at once. The registry lets one of them
  # win, and the other is told who did.
  defp open(room) do
    case DynamicSupervisor.start_child(Harbour.Radio.Rooms, {Room, room}) do
      {:ok, pid} -> {:ok, pid}
      {:error, {:already_started, pid}} -> {:ok, pid}
    end
  end

  defp ask(room, request) do
    case Names.whereis({:room, room}) do
      nil -> {:error, :no_such_room}
      pid -> GenServer.call(pid, request)
    end
  end
end
