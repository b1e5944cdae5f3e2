defmodule Harbour.CounterTest do
  use Harbour.Case

  alias Harbour.{Counter, Names}

  test "counts by call and by cast" do
    start_supervised!({Counter, name: :crates, start: 5})
    assert Counter.add(:crates) == :ok
    assert Counter.add(:crates, 4) == :ok
    assert Counter.value(:crates) == 10
    assert Counter.take(:crates, 3) == {:ok, 7}
    assert Counter.take(:crates, 8) == {:error, {:only, 7}}
  end

  test "a plain message counts as well" do
    pid = start_supervised!({Counter, name: :crates})
    send(pid, {:tick, 3})
    assert Counter.value(:crates) == 3
  end

  test "start_link does not wait for the books, a caller does" do
    test = self()

    slow_books = fn ->
      send(test, {:opening, self()})

      receive do
        :opened -> 40
      end
    end

    pid = start_supervised!({Counter, name: :crates, start: slow_books})
    assert_receive {:opening, ^pid}
    Counter.add(:crates, 2)
    send(pid, :opened)
    assert Counter.value(:crates) == 42
  end

  test "an idle counter goes home and is not restarted" do
    pid = start_supervised!({Counter, name: :crates, idle_ms: 20})
    ref = Process.monitor(pid)
    assert_receive {:DOWN, ^ref, :process, ^pid, :normal}
    assert eventually(fn -> Names.whereis({:counter, :crates}) == nil end)
  end

  test "two counters cannot have the same name" do
    pid = start_supervised!({Counter, name: :crates})
    assert Counter.start_link(name: :crates) == {:error, {:already_started, pid}}
  end

  test "asking a counter that is not there exits with noproc" do
    assert {:noproc, {GenServer, :call, [_via, :value, 5000]}} =
             catch_exit(Counter.value(:nobody))
  end

  test "a crash loses the count and nothing else", context do
    pid = start_supervised!({Counter, name: :crates, start: 100})
    Counter.add(:crates, 1)

    log =
      log_of("{:counter, :crates}} terminating", fn ->
        GenServer.cast(Counter.via(:crates), {:add, "many"})
      end)

    show(context, log)
    assert log =~ ":erlang.+(101, \"many\")"
    assert restarted({:counter, :crates}, pid) != pid
    assert Counter.value(:crates) == 100
  end

  test "a message that no clause knows is a crash", context do
    start_supervised!({Counter, name: :crates})

    log =
      log_of("{:counter, :crates}} terminating", fn ->
        catch_exit(GenServer.call(Counter.via(:crates), {:lend, 1}))
      end)

    show(context, log)
    assert log =~ "no function clause matching in Harbour.Counter.handle_call/3"
  end

  test "sys can look inside" do
    pid = start_supervised!({Counter, name: :crates, start: 7})
    assert %{count: 7} = :sys.get_state(pid)
    :sys.replace_state(pid, &%{&1 | count: 8})
    assert Counter.value(:crates) == 8
    :ok = :sys.suspend(pid)
    Counter.add(:crates)
    assert catch_exit(GenServer.call(pid, :value, 20)) |> elem(0) == :timeout
    :ok = :sys.resume(pid)
    assert Counter.value(:crates) == 9
  end
end
