defmodule Harbour.CacheTest do
  use Harbour.Case

  alias Harbour.Cache

  setup do
    %{pid: start_supervised!({Cache, name: :test_cache})}
  end

  test "computes once" do
    test = self()
    compute = fn -> send(test, :computed) && 42 end
    assert Cache.fetch(:test_cache, :answer, 60_000, compute) == 42
    assert Cache.fetch(:test_cache, :answer, 60_000, compute) == 42
    assert_receive :computed
    refute_receive :computed
    assert Cache.stats(:test_cache) == %{hits: 1, misses: 1, entries: 1}
  end

  test "what is stale is computed anew" do
    assert Cache.fetch(:test_cache, :tide, 10, fn -> :high end) == :high
    Process.sleep(20)
    assert Cache.lookup(:test_cache, :tide) == :error
    assert Cache.fetch(:test_cache, :tide, 60_000, fn -> :low end) == :low
    assert Cache.lookup(:test_cache, :tide) == {:ok, :low}
  end

  test "a sweep removes only what is stale" do
    for n <- 1..50, do: Cache.fetch(:test_cache, n, if(n > 20, do: 60_000, else: 0), fn -> n end)
    assert Cache.stats(:test_cache).entries == 50
    assert Cache.sweep(:test_cache) == 20
    assert Cache.stats(:test_cache).entries == 30
  end

  test "sweeps by itself" do
    start_supervised!({Cache, name: :swept_cache, sweep_ms: 10})
    Cache.fetch(:swept_cache, :fog, 1, fn -> true end)
    assert eventually(fn -> Cache.stats(:swept_cache).entries == 0 end)
  end

  test "a computation that raises leaves nothing behind" do
    assert_raise RuntimeError, fn ->
      Cache.fetch(:test_cache, :bad, 60_000, fn -> raise "no idea" end)
    end

    assert Cache.lookup(:test_cache, :bad) == :error
  end

  test "readers need no process, but the table needs its owner", %{pid: pid} do
    Cache.fetch(:test_cache, :answer, 60_000, fn -> 42 end)
    :ok = :sys.suspend(pid)
    assert Cache.lookup(:test_cache, :answer) == {:ok, 42}
    kill(pid)
    # The new owner has its name before it has its table.
    eventually(fn -> :ets.info(:test_cache, :owner) not in [:undefined, pid] end)
    assert Cache.lookup(:test_cache, :answer) == :error
  end

  test "many readers and writers at once lose no count" do
    1..8
    |> Enum.map(fn _ ->
      Task.async(fn ->
        for n <- 1..250, do: Cache.fetch(:test_cache, rem(n, 10), 60_000, fn -> n end)
      end)
    end)
    |> Task.await_many()

    stats = Cache.stats(:test_cache)
    assert stats.hits + stats.misses == 2000
    assert stats.entries == 10
  end
end
