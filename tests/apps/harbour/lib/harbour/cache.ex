defmodule Harbour.Cache do
  @moduledoc """
  A cache in an ETS table.

  Asking a process for each read would put all readers in one queue. A table
  can be read by everyone at once, so readers go to it directly, and the process
  is there to own the table and to sweep out what is stale.

  The table lives as long as its owner. After a crash the cache is empty, which
  for a cache is nothing worse than slow.
  """
  use GenServer

  def start_link(opts \\ []) do
    opts = Keyword.put_new(opts, :name, __MODULE__)
    GenServer.start_link(__MODULE__, opts, name: opts[:name])
  end

  def child_spec(opts), do: Supervisor.child_spec(super(opts), id: opts[:name] || __MODULE__)

  @doc """
  The cached value of `key`; if there is none, or it is older than its
  `ttl_ms`, what `fun` returns, which is kept.

  `fun` runs in the calling process. Two callers that miss at the same time both
  run it, and both get the same result if it is a function worth caching.
  """
  def fetch(cache, key, ttl_ms, fun) do
    case lookup(cache, key) do
      {:ok, value} ->
        :ets.update_counter(cache, :hits, 1, {:hits, 0})
        value

      :error ->
        :ets.update_counter(cache, :misses, 1, {:misses, 0})
        value = fun.()
        :ets.insert(cache, {{:entry, key}, value, now_ms() + ttl_ms})
        value
    end
  end

  @doc "`{:ok, value}` if it is there and fresh, else `:error`."
  def lookup(cache, key) do
    now_ms = now_ms()

    case :ets.lookup(cache, {:entry, key}) do
      [{_, value, expires_ms}] when expires_ms > now_ms -> {:ok, value}
      _ -> :error
    end
  end

  @doc "Removes what is stale, and returns how many entries that were."
  def sweep(cache), do: GenServer.call(cache, :sweep)

  def stats(cache) do
    counters = Map.new([:hits, :misses], &{&1, counter(cache, &1)})
    entries = :ets.select_count(cache, [{{{:entry, :_}, :_, :_}, [], [true]}])
    Map.put(counters, :entries, entries)
  end

  defp counter(cache, key) do
    case :ets.lookup(cache, key) do
      [{^key, n}] -> n
      [] -> 0
    end
  end

  @impl true
  def init(opts) do
    table =
      :ets.new(opts[:name], [
        :named_table,
        :public,
        :set,
        read_concurrency: true,
        write_concurrency: true
      ])

    state = %{table: table, every_ms: Keyword.get(opts, :sweep_ms, 30_000)}
    {:ok, schedule(state)}
  end

  @impl true
  def handle_call(:sweep, _from, state), do: {:reply, remove_stale(state.table), state}

  @impl true
  def handle_info(:sweep, state) do
    remove_stale(state.table)
    {:noreply, schedule(state)}
  end

  # A match specification: for every entry, if its time has come, true deletes.
  defp remove_stale(table) do
    :ets.select_delete(table, [{{{:entry, :_}, :_, :"$1"}, [{:"=<", :"$1", now_ms()}], [true]}])
  end

  defp schedule(state) do
    Process.send_after(self(), :sweep, state.every_ms)
    state
  end

  defp now_ms, do: System.monotonic_time(:millisecond)
end
