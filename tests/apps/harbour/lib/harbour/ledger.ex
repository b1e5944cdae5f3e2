defmodule Harbour.Ledger do
  @moduledoc """
  A key-value store that forgets on time.

  It grows from `Harbour.Counter` by three habits of long-lived processes:

    * entries may carry a time to live, kept by `Process.send_after/3`. A timer
      that was not cancelled in time is told apart by its reference
    * after every expiry the process hibernates, which packs its memory: a
      ledger spends most of its life doing nothing
    * `format_status/2` keeps the values out of crash reports and `:sys` tools

      iex> {:ok, _} = Harbour.Ledger.start_link(name: :doc_ledger, entries: %{pilot: "Ida"})
      iex> Harbour.Ledger.put(:doc_ledger, :tug, "Bo")
      iex> Harbour.Ledger.fetch(:doc_ledger, :tug)
      {:ok, "Bo"}
      iex> Harbour.Ledger.keys(:doc_ledger)
      [:pilot, :tug]
      iex> Harbour.Ledger.update(:doc_ledger, :visits, 0, &(&1 + 1))
      1
  """
  use GenServer

  alias Harbour.Names

  def start_link(opts) do
    name = Keyword.fetch!(opts, :name)
    GenServer.start_link(__MODULE__, opts, name: via(name))
  end

  def child_spec(opts) do
    Supervisor.child_spec(super(opts), id: {__MODULE__, Keyword.fetch!(opts, :name)})
  end

  @doc "Stores a value, for `:ttl_ms` milliseconds if that is given."
  def put(ledger, key, value, opts \\ []) do
    GenServer.call(via(ledger), {:put, key, value, Keyword.get(opts, :ttl_ms)})
  end

  def fetch(ledger, key), do: GenServer.call(via(ledger), {:fetch, key})

  def get(ledger, key, default \\ nil) do
    case fetch(ledger, key) do
      {:ok, value} -> value
      :error -> default
    end
  end

  def delete(ledger, key), do: GenServer.cast(via(ledger), {:delete, key})

  def keys(ledger), do: GenServer.call(via(ledger), :keys)

  @doc """
  Changes a value in one step, inside the ledger, and returns the new one.

  No other caller can come between reading and writing. The price: if `fun`
  raises, it is the ledger that dies.
  """
  def update(ledger, key, default, fun) when is_function(fun, 1) do
    GenServer.call(via(ledger), {:update, key, default, fun})
  end

  def via(ledger), do: Names.via({:ledger, ledger})

  ## The process

  # entries: key => {value, timer reference or nil}
  @impl true
  def init(opts) do
    {:ok, %{name: opts[:name], entries: %{}}, {:continue, {:load, opts[:entries] || %{}}}}
  end

  @impl true
  def handle_continue({:load, entries}, state) do
    {:noreply, %{state | entries: Map.new(entries, fn {k, v} -> {k, {v, nil}} end)}}
  end

  @impl true
  def handle_call({:put, key, value, ttl_ms}, _from, state) do
    cancel(state.entries[key])
    timer = ttl_ms && :erlang.start_timer(ttl_ms, self(), {:expire, key})
    {:reply, :ok, put_in(state.entries[key], {value, timer})}
  end

  def handle_call({:fetch, key}, _from, state) do
    case state.entries do
      %{^key => {value, _timer}} -> {:reply, {:ok, value}, state}
      %{} -> {:reply, :error, state}
    end
  end

  def handle_call(:keys, _from, state) do
    {:reply, state.entries |> Map.keys() |> Enum.sort(), state}
  end

  def handle_call({:update, key, default, fun}, _from, state) do
    {old, timer} = Map.get(state.entries, key, {default, nil})
    new = fun.(old)
    {:reply, new, put_in(state.entries[key], {new, timer})}
  end

  @impl true
  def handle_cast({:delete, key}, state) do
    {entry, entries} = Map.pop(state.entries, key)
    cancel(entry)
    {:noreply, %{state | entries: entries}}
  end

  # The entry goes only if it still belongs to this very timer: it may have been
  # written anew while the message was already in the mailbox.
  @impl true
  def handle_info({:timeout, timer, {:expire, key}}, state) do
    case state.entries do
      %{^key => {_value, ^timer}} ->
        {:noreply, %{state | entries: Map.delete(state.entries, key)}, :hibernate}

      %{} ->
        {:noreply, state}
    end
  end

  @impl true
  def format_status(_reason, [_process_dictionary, state]) do
    %{name: state.name, entries: "#{map_size(state.entries)} entries, not shown"}
  end

  defp cancel({_value, timer}) when is_reference(timer), do: :erlang.cancel_timer(timer)
  defp cancel(_), do: :ok
end
