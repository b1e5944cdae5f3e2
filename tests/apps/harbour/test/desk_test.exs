defmodule Harbour.DeskTest do
  use Harbour.Case

  import ExUnit.CaptureIO

  alias Harbour.{Desk, Ledger, Names}

  test "kills a crane, which comes back" do
    crane = Names.whereis({:crane, :north})
    assert Desk.obey("kill crane north") == "crane north is killed"
    assert restarted({:crane, :north}, crane)
  end

  test "a crash in what it asked for is an answer" do
    crane = Names.whereis({:crane, :heavy})
    assert Desk.obey("jam crane heavy") == "it crashed: crane heavy is jammed"
    assert restarted({:crane, :heavy}, crane)
  end

  test "docks ships and sends them away" do
    assert Desk.obey("dock Galeon gold 50") == "Galeon is docked"
    assert Desk.obey("dock Galeon gold 50") == "Galeon is not docked: already_docked"
    assert Desk.obey("dock Galeon gold none") == "none is no tonnage"
    assert Desk.obey("off Galeon") == "Galeon has cast off"
    assert Desk.obey("off Galeon") == "Galeon: not_docked"
    Ledger.delete(:holds, "Galeon")
  end

  test "reads one order after the other until the input ends" do
    output =
      capture_io([input: "get /pilots\n\n  kill crane west \nget /moon"], fn -> Desk.run() end)

    assert output == """
           desk   200 free pilots: Ida, Jon, Kim
           desk   there is no crane west
           desk   404 no service "moon"
           """
  end

  test "words of strangers make no new atoms" do
    atoms = :erlang.system_info(:atom_count)
    for n <- 1..100, do: Desk.obey("kill unheard-of-#{n} name-#{n}")
    assert :erlang.system_info(:atom_count) - atoms < 100
  end
end
