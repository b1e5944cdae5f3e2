defmodule Harbour.Services.Pilots do
  @moduledoc """
  A pool: pilots are lent to processes.

  The pool monitors whoever borrows a pilot. A borrower that dies on the way
  gives its pilot back without a word; this is what makes a pool safe.
  """
  use GenServer
  use Harbour.Service, path: "pilots"

  def start_link(opts) do
    GenServer.start_link(__MODULE__, Keyword.fetch!(opts, :pilots), Keyword.take(opts, [:name]))
  end

  @doc "Lends a pilot to the calling process: `{:ok, name}` or `{:error, :none_free}`."
  def borrow(pool \\ __MODULE__), do: GenServer.call(pool, :borrow)

  def give_back(pool \\ __MODULE__, pilot), do: GenServer.call(pool, {:give_back, pilot})

  def free(pool \\ __MODULE__), do: GenServer.call(pool, :free)

  @impl Harbour.Service
  def handle(_params), do: {:ok, "free pilots: " <> Enum.join(free(), ", ")}

  @impl GenServer
  def init(pilots), do: {:ok, %{free: pilots, lent: %{}}}

  # lent: monitor reference => {borrower, pilot}
  @impl GenServer
  def handle_call(:borrow, {pid, _}, %{free: [pilot | rest]} = state) do
    lent = Map.put(state.lent, Process.monitor(pid), {pid, pilot})
    {:reply, {:ok, pilot}, %{state | free: rest, lent: lent}}
  end

  def handle_call(:borrow, _from, state), do: {:reply, {:error, :none_free}, state}

  def handle_call({:give_back, pilot}, {pid, _}, state) do
    case Enum.find(state.lent, &match?({_, {^pid, ^pilot}}, &1)) do
      {ref, _} ->
        Process.demonitor(ref, [:flush])
        {:reply, :ok, returned(state, ref)}

      nil ->
        {:reply, {:error, :not_yours}, state}
    end
  end

  def handle_call(:free, _from, state), do: {:reply, Enum.sort(state.free), state}

  @impl GenServer
  def handle_info({:DOWN, ref, :process, _, _}, state), do: {:noreply, returned(state, ref)}

  defp returned(state, ref) do
    {{_pid, pilot}, lent} = Map.pop!(state.lent, ref)
    %{state | free: state.free ++ [pilot], lent: lent}
  end
end
