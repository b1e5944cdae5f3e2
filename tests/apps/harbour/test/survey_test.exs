defmodule Harbour.SurveyTest do
  use Harbour.Case

  alias Harbour.Survey

  setup do
    %{tasks: start_supervised!(Task.Supervisor)}
  end

  test "results come in the order of the ships", %{tasks: tasks} do
    look = fn n -> Process.sleep(30 - n) && n * n end

    assert Survey.run(tasks, [1, 20, 30], look, inspectors: 3) ==
             [{1, {:ok, 1}}, {20, {:ok, 400}}, {30, {:ok, 900}}]
  end

  test "no more inspectors than there are", %{tasks: tasks} do
    at_work = :counters.new(1, [])

    look = fn _ ->
      :counters.add(at_work, 1, 1)
      now = :counters.get(at_work, 1)
      Process.sleep(5)
      :counters.sub(at_work, 1, 1)
      now
    end

    found = for {_, {:ok, n}} <- Survey.run(tasks, 1..20, look, inspectors: 3), do: n
    assert length(found) == 20
    assert Enum.max(found) <= 3
  end

  test "the slow and the crashed are told apart, and harm nobody", context do
    look = fn
      :slow -> Process.sleep(:infinity)
      :wreck -> raise "rotten to the keel"
      ship -> ship
    end

    log =
      log_of("rotten to the keel", fn ->
        assert Survey.run(context.tasks, [:sound, :slow, :wreck, :neat], look, timeout_ms: 400) ==
                 [sound: {:ok, :sound}, slow: :overdue, wreck: :abandoned, neat: {:ok, :neat}]
      end)

    show(context, log)
    assert Task.Supervisor.children(context.tasks) == []
  end
end
