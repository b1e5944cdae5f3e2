defmodule Harbour.SupervisorsTest do
  use Harbour.Case

  alias Harbour.{Bulletin, Cranes, Machine, Names, PowerLine, SeaLock}

  defp pids(ids), do: Map.new(ids, &{&1, Names.whereis(&1)})

  describe "one_for_one" do
    test "only the broken crane is replaced" do
      start_supervised!({Cranes, cranes: [:left, :right]})
      before = pids([{:crane, :left}, {:crane, :right}])
      Machine.work({:crane, :left}, 5)
      Machine.work({:crane, :right}, 5)

      kill(before[{:crane, :left}])
      restarted({:crane, :left}, before[{:crane, :left}])
      assert Machine.work({:crane, :left}) == 1
      assert Machine.work({:crane, :right}) == 6
      assert Names.whereis({:crane, :right}) == before[{:crane, :right}]
    end

    test "a crash is reported by the crane and by its supervisor", context do
      start_supervised!({Cranes, cranes: [:left]})

      show(context, log_of("{:crane, :left}} terminating", fn -> jam({:crane, :left}) end))

      supervisor_says =
        log_of("Child {:crane, :left} of Supervisor", fn -> jam({:crane, :left}) end)

      show(context, supervisor_says)
      assert supervisor_says =~ "crane left is jammed"
    end

    test "a supervisor that must restart too often gives up", context do
      options = [cranes: [:left], max_restarts: 2, max_seconds: 60]
      supervisor = start_supervised!({Cranes, options}, restart: :temporary)
      ref = Process.monitor(supervisor)

      log =
        log_of("reached_max_restart_intensity", fn ->
          for _ <- 1..3 do
            kill(eventually(fn -> Names.whereis({:crane, :left}) end))
          end
        end)

      show(context, log)
      assert_receive {:DOWN, ^ref, :process, ^supervisor, :shutdown}
      assert eventually(fn -> Names.whereis({:crane, :left}) == nil end)
    end

    test "children can be counted, listed, stopped, restarted and deleted" do
      supervisor = start_supervised!({Cranes, cranes: [:left, :right]})

      assert Supervisor.count_children(supervisor) ==
               %{active: 2, specs: 2, supervisors: 0, workers: 2}

      assert [{{:crane, :right}, _, :worker, [Machine]}, {{:crane, :left}, _, :worker, [Machine]}] =
               Supervisor.which_children(supervisor)

      assert Supervisor.terminate_child(supervisor, {:crane, :left}) == :ok
      refute Machine.kill({:crane, :left})
      assert {:ok, pid} = Supervisor.restart_child(supervisor, {:crane, :left})
      assert Names.whereis({:crane, :left}) == pid
      assert Supervisor.restart_child(supervisor, {:crane, :left}) == {:error, :running}
      assert Supervisor.delete_child(supervisor, {:crane, :left}) == {:error, :running}
      assert Supervisor.terminate_child(supervisor, {:crane, :left}) == :ok
      assert Supervisor.delete_child(supervisor, {:crane, :left}) == :ok
      assert Supervisor.count_children(supervisor).specs == 1
    end

    defp jam(id) do
      old = Names.whereis(id)
      catch_exit(Machine.jam(id))
      restarted(id, old)
    end
  end

  describe "rest_for_one" do
    setup do
      start_supervised!({PowerLine, quay: :test})
      ids = [generator: :test, cold_store: :test, alarm: :test]
      %{ids: ids, before: pids(ids)}
    end

    test "what comes after the broken link restarts, what comes before does not", context do
      Bulletin.subscribe(:machines)
      kill(context.before[{:cold_store, :test}])
      assert_receive {:bulletin, :machines, {:machine_started, {:cold_store, :test}}}
      assert_receive {:bulletin, :machines, {:machine_started, {:alarm, :test}}}

      now = pids(context.ids)
      changed = for id <- context.ids, now[id] != context.before[id], do: id
      assert changed == [cold_store: :test, alarm: :test]
    end

    test "without the first link, all start anew, in order", context do
      Bulletin.subscribe(:machines)
      kill(context.before[{:generator, :test}])

      started =
        for _ <- 1..3 do
          assert_receive {:bulletin, :machines, {:machine_started, {kind, :test}}}
          kind
        end

      assert started == [:generator, :cold_store, :alarm]
    end

    test "a machine without its feed does not start" do
      Process.flag(:trap_exit, true)

      assert Machine.start_link(id: {:pump, :test}, needs: {:well, :test}) ==
               {:error, {:not_running, {:well, :test}}}
    end
  end

  describe "one_for_all" do
    setup do
      start_supervised!({SeaLock, lock: :test})
      :ok
    end

    test "the gates are never open together" do
      assert SeaLock.open(:test, :inner_gate) == :ok
      assert SeaLock.open(:test, :inner_gate) == :ok
      assert SeaLock.open(:test, :outer_gate) == {:error, {:still_open, :inner_gate}}
      assert SeaLock.shut(:test) == :ok
      assert SeaLock.open(:test, :outer_gate) == :ok
      assert SeaLock.positions(:test) == %{inner_gate: :shut, outer_gate: :open}
    end

    for id <- [:inner_gate, :outer_gate, :keeper] do
      test "if the #{id} dies, everything starts anew, shut" do
        assert SeaLock.open(:test, :outer_gate) == :ok
        ids = [inner_gate: :test, outer_gate: :test, keeper: :test]
        before = pids(ids)
        kill(before[{unquote(id), :test}])
        for id <- ids, do: restarted(id, before[id])
        eventually(fn -> Enum.all?(ids, &Names.whereis/1) end)

        assert SeaLock.positions(:test) == %{inner_gate: :shut, outer_gate: :shut}
        assert SeaLock.open(:test, :inner_gate) == :ok
      end
    end
  end

  test "a branch that gives up is regrown by the branch above" do
    quay = Process.whereis(Harbour.Quay)
    cranes = Process.whereis(Cranes)
    ref = Process.monitor(cranes)

    # The harbour's own cranes may be restarted ten times in a second.
    for _ <- 1..11 do
      kill(eventually(fn -> Names.whereis({:crane, :heavy}) end))
    end

    assert_receive {:DOWN, ^ref, :process, ^cranes, :shutdown}
    eventually(fn -> Process.whereis(Cranes) not in [nil, cranes] end)
    eventually(fn -> Names.whereis({:crane, :heavy}) end)
    assert Process.whereis(Harbour.Quay) == quay
    assert Machine.work({:crane, :heavy}) == 1
  end
end
