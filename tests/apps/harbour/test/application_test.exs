defmodule Harbour.ApplicationTest do
  use Harbour.Case

  alias Harbour.{Bulletin, Counter, EntranceLight, Fleet, Logbook, Names}

  test "configuration comes from the project, and from files over it" do
    assert Application.fetch_env!(:harbour, :berths) == 3
    assert Application.fetch_env!(:harbour, :days) == 0
    assert Harbour.greeting() == "Welcome to the test harbour"
    assert Application.spec(:harbour, :vsn) == '1.0.0'
    assert {Harbour.Application, []} == Application.spec(:harbour, :mod)
  end

  test "the tree stands as drawn", context do
    show(context, tree(Harbour.Supervisor, 0) |> Enum.join("\n"))
  end

  defp tree(supervisor, depth) do
    for {id, pid, type, _} <- supervisor |> Supervisor.which_children() |> Enum.reverse() do
      # Partitions and registries have children of their own kind, and as many as the
      # machine has schedulers: not to be shown.
      below = if type == :supervisor and known?(id), do: tree(pid, depth + 1), else: []
      [String.duplicate("  ", depth) <> inspect(id) | below]
    end
    |> List.flatten()
  end

  defp known?(id) do
    id in [Harbour.Quay, Harbour.Cranes, Harbour.SeaLock, Harbour.PowerLine] or
      id in [Harbour.Logbook, Harbour.Gateway]
  end

  test "a changed configuration reaches the running processes" do
    Bulletin.subscribe(:config)
    old = Application.fetch_env!(:harbour, :light)
    before = :application_controller.prep_config_change()

    Application.put_env(:harbour, :light, red: 61, green: 60, amber: 30)
    Application.put_env(:harbour, :anchorage, :open)
    :ok = :application_controller.config_change(before)

    assert_receive {:bulletin, :config, {:config_changed, [:light], [:anchorage], []}}
    assert {_colour, %{times: %{red: 61}}} = :sys.get_state(EntranceLight)

    Application.put_env(:harbour, :light, old)
    Application.delete_env(:harbour, :anchorage)
    EntranceLight.retime(EntranceLight, old)
  end

  test "when the foundations go, the whole harbour is rebuilt on new ones" do
    registry = Process.whereis(Harbour.Registry)
    fleet = Process.whereis(Fleet)
    Counter.add(:tonnes, 1)
    # Not killed: a supervisor that is killed leaves its children no time to go.
    :ok = Supervisor.stop(registry, :shutdown)
    eventually(fn -> Process.whereis(Fleet) not in [nil, fleet] end)
    eventually(fn -> Process.whereis(Harbour.Errands) end)
    assert Process.whereis(Harbour.Registry) != registry
    assert Counter.value(:tonnes) == 0
    assert Names.list(:crane) == [:heavy, :north, :south]
  end

  test "stops and starts as a whole", context do
    supervisor = Process.whereis(Harbour.Supervisor)
    ref = Process.monitor(supervisor)

    log = log_of("Application harbour exited", fn -> :ok = Application.stop(:harbour) end)
    show(context, log)
    assert_receive {:DOWN, ^ref, :process, ^supervisor, :shutdown}
    assert {:noproc, _} = catch_exit(Fleet.occupied())
    assert Application.stop(:harbour) == {:error, {:not_started, :harbour}}

    assert Application.ensure_all_started(:harbour) == {:ok, [:harbour]}
    assert Logbook.recent() == []
    assert Harbour.status().docked == []
  end

  test "runtime.exs reads the environment of the day it runs" do
    read = fn vars ->
      System.put_env(vars)

      try do
        Config.Reader.read!("config/runtime.exs", env: :prod)[:harbour]
      after
        for {name, _} <- vars, do: System.delete_env(name)
      end
    end

    assert read.(%{"RELEASE_COMMAND" => "start"})[:days] == :forever
    assert read.(%{"RELEASE_COMMAND" => "eval"})[:days] == 0

    settings = %{"HARBOUR_DAYS" => "2", "HARBOUR_TEMPO_MS" => "5", "HARBOUR_GREETING" => "Ahoy"}
    assert read.(settings) == [days: 2, tempo_ms: 5, desk: false, greeting: "Ahoy"]
    assert_raise ArgumentError, fn -> read.(%{"HARBOUR_DAYS" => "some"}) end
    assert Config.Reader.read!("config/runtime.exs", env: :test) == []
  end

  test "the front door" do
    assert Harbour.hello() ==
             "Welcome to the test harbour (Elixir #{System.version()}, OTP #{System.otp_release()})"

    assert Map.keys(Harbour.status()) == [:berths, :docked, :light, :tide, :tonnes]
  end
end
