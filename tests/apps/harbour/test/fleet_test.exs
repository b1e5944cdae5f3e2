defmodule Harbour.FleetTest do
  use Harbour.Case

  alias Harbour.{Bulletin, Cargo, Counter, Fleet, Ledger, Names, Ship}

  setup do
    start_supervised!({Fleet, name: :test_fleet, berths: 2})
    Bulletin.subscribe(:ships)
    :ok
  end

  defp dock(name, tonnes, opts \\ []) do
    Fleet.dock(name, Cargo.new("timber", tonnes), [fleet: :test_fleet] ++ opts)
  end

  test "a ship unloads and leaves, and is not missed" do
    landed = Counter.value(:tonnes)
    {:ok, pid} = dock("Aurora", 25, pace_ms: 1)
    ref = Process.monitor(pid)
    assert_receive {:bulletin, :ships, {:ship_arrived, "Aurora", %Cargo{tonnes: 25}}}
    assert_receive {:bulletin, :ships, {:ship_left, "Aurora"}}
    assert_receive {:DOWN, ^ref, :process, ^pid, :normal}
    assert Counter.value(:tonnes) == landed + 25
    assert eventually(fn -> Fleet.occupied(:test_fleet) == 0 end)
    assert Ledger.fetch(:holds, "Aurora") == :error
  end

  test "there are only so many berths" do
    {:ok, first} = dock("Aurora", 10, pace_ms: 60_000)
    {:ok, _} = dock("Boreas", 10, pace_ms: 60_000)
    assert dock("Clio", 10) == {:error, :no_free_berth}
    assert Fleet.docked() == ["Aurora", "Boreas"]
    assert Fleet.capacity(:test_fleet) == 2

    assert Fleet.cast_off(:test_fleet, "Aurora") == :ok
    refute Process.alive?(first)
    assert {:ok, _} = dock("Clio", 10, pace_ms: 60_000)
    assert eventually(fn -> Fleet.docked() == ["Boreas", "Clio"] end)
    for name <- ["Aurora", "Boreas", "Clio"], do: Ledger.delete(:holds, name)
  end

  test "a ship can be here once only, and only who is here can cast off" do
    {:ok, _} = dock("Aurora", 10, pace_ms: 60_000)
    assert dock("Aurora", 10) == {:error, :already_docked}
    assert Fleet.cast_off(:test_fleet, "Ghost") == {:error, :not_docked}
    Ledger.delete(:holds, "Aurora")
  end

  test "a ship that sinks comes back with what was left in its hold", context do
    landed = Counter.value(:tonnes)
    {:ok, pid} = dock("Aurora", 50, pace_ms: 60_000)
    send(pid, :lift)
    send(pid, :lift)
    assert Ship.aboard("Aurora") == 30

    log = log_of("{:ship, \"Aurora\"}} terminating", fn -> Ship.spring_leak("Aurora") end)
    show(context, log)

    assert_receive {:bulletin, :ships, {:ship_back, "Aurora", 30}}
    pid = restarted({:ship, "Aurora"}, pid)
    assert Ship.aboard("Aurora") == 30
    for _ <- 1..3, do: send(pid, :lift)
    assert_receive {:bulletin, :ships, {:ship_left, "Aurora"}}
    assert Counter.value(:tonnes) == landed + 50
  end

  test "a hundred ships, ten of them sinking, land every tonne" do
    start_supervised!(Supervisor.child_spec({Fleet, name: :armada, berths: 100}, id: :armada))

    landed = Counter.value(:tonnes)
    names = for n <- 1..100, do: "ship #{n}"

    for name <- names do
      {:ok, _} = Fleet.dock(name, Cargo.new("coal", 30), fleet: :armada, pace_ms: 5)
    end

    for n <- 1..100//10, do: Ship.spring_leak("ship #{n}")
    for _ <- names, do: assert_receive({:bulletin, :ships, {:ship_left, _}})
    assert Counter.value(:tonnes) == landed + 3000
    assert eventually(fn -> Enum.all?(names, &(Names.whereis({:ship, &1}) == nil)) end)
  end
end
