defmodule Harbour.CustomsTest do
  use Harbour.Case

  alias Harbour.Customs

  setup do
    start_supervised!({Customs, name: TestCustoms, desks: 3})
    :ok
  end

  test "there are as many desks as asked for" do
    assert Customs.desks(TestCustoms) == 3
    assert PartitionSupervisor.count_children(TestCustoms).workers == 3
  end

  test "all papers of a ship go over the same desk, in order" do
    stamps = for _ <- 1..4, do: Customs.declare(TestCustoms, "Aurora", "timber")
    assert [{:stamped, desk, 1}, {:stamped, desk, 2}, {:stamped, desk, 3}, _] = stamps
    assert Enum.at(stamps, 3) == {:stamped, desk, 4}
  end

  test "ships are spread over the desks, always alike", context do
    spread =
      Enum.group_by(1..30, fn n ->
        {:stamped, desk, _} = Customs.declare(TestCustoms, "ship #{n}", "coal")
        desk
      end)

    assert Map.keys(spread) == [0, 1, 2]
    show(context, inspect(spread, charlists: :as_lists))
  end

  test "a number is a key that can be computed by hand" do
    for n <- 0..8 do
      assert {:stamped, desk, _} = Customs.declare(TestCustoms, n, "coal")
      assert desk == rem(n, 3)
    end
  end

  test "contraband closes one desk, and only until it is restarted", context do
    for n <- 0..2, do: Customs.declare(TestCustoms, n, "coal")

    log =
      log_of("** (stop) :contraband", fn ->
        assert {:contraband, _} = catch_exit(Customs.declare(TestCustoms, 1, "contraband"))
      end)

    show(context, log)

    eventually(fn ->
      try do
        Customs.declare(TestCustoms, 1, "coal") == {:stamped, 1, 1}
      catch
        :exit, _ -> false
      end
    end)

    assert Customs.declare(TestCustoms, 0, "coal") == {:stamped, 0, 2}
    assert Customs.declare(TestCustoms, 2, "coal") == {:stamped, 2, 2}
  end
end
