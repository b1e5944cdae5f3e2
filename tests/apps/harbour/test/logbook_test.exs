defmodule Harbour.LogbookTest do
  use Harbour.Case

  alias Harbour.{Bulletin, Logbook}
  alias Harbour.Logbook.{Memory, Tally}

  setup do
    start_supervised!({Logbook, name: TestBook, handlers: [{Memory, 3}, {Tally, []}]})
    :ok
  end

  test "every handler sees every event" do
    for what <- [{:arrived, "Aurora"}, :fog, {:arrived, "Boreas"}, {:left, "Aurora"}] do
      assert Logbook.sync_write(TestBook, what) == :ok
    end

    assert Logbook.recent(TestBook) == [:fog, {:arrived, "Boreas"}, {:left, "Aurora"}]
    assert Logbook.tally(TestBook) == %{arrived: 2, fog: 1, left: 1}
  end

  test "a handler that crashes is put back, without its memory; others keep theirs", context do
    Bulletin.subscribe(:logbook)
    Logbook.sync_write(TestBook, :fog)

    log = log_of("Harbour.Logbook.Tally", fn -> Logbook.write(TestBook, {"no kind", 1}) end)
    show(context, log)

    assert_receive {:bulletin, :logbook, {:handler_restored, Tally}}
    Logbook.sync_write(TestBook, :fog)
    assert Logbook.tally(TestBook) == %{fog: 1}
    assert Logbook.recent(TestBook) == [:fog, {"no kind", 1}, :fog]
    assert Logbook.handlers(TestBook) == [Memory, Tally]
  end

  test "a handler that is not installed cannot be asked" do
    manager = Logbook.manager(TestBook)
    assert :gen_event.call(manager, :nobody, :recent) == {:error, :bad_module}
    assert :gen_event.delete_handler(manager, :nobody, []) == {:error, :module_not_found}
  end

  test "without a manager, manager and watch start anew" do
    Logbook.sync_write(TestBook, :fog)
    old = Process.whereis(Logbook.manager(TestBook))
    kill(old)
    eventually(fn -> Process.whereis(Logbook.manager(TestBook)) not in [nil, old] end)
    eventually(fn -> Logbook.handlers(TestBook) == [Memory, Tally] end)
    assert Logbook.recent(TestBook) == []
  end
end
