defmodule Harbour.DayTest do
  use Harbour.Case

  alias Harbour.{Counter, Day, Fleet}

  test "a whole day, with all its accidents" do
    {:ok, out} = StringIO.open("")
    test = self()

    start_supervised!({Day, days: 1, tempo_ms: 12, out: out, at_end: fn -> send(test, :over) end})

    assert_receive :over, 60_000
    {"", told} = StringIO.contents(out)
    lines = String.split(told, "\n", trim: true)

    assert Enum.at(lines, 0) == "06:00  Welcome to the test harbour"
    assert Enum.at(lines, 1) =~ "harbour is open, day 1: 3 berths, 2 customs desks, tide 1.25 m"
    assert List.last(lines) =~ ~r"^22:00  harbour is closed: \d ships, \d+ t landed, 6 broken"

    for expected <- [
          "crane north breaks down",
          "crane north is back (restart 1)",
          "the lock opens its outer gate",
          "the inner gate stays shut: outer gate is open",
          "inner_gate main is back (restart 1)",
          "outer_gate main is back (restart 1)",
          "cold_store main is back (restart 1)",
          "alarm main is back (restart 1)",
          "the breaker of tariff is open",
          "503 tariff is out of order",
          "fog: the light is flashing",
          "the foreman hears: crane heavy is jammed",
          "tug on channel 12: slack water, all clear outside",
          "Fram is caught at customs: contraband"
        ] do
      assert told =~ expected
    end

    refute told =~ "generator main is back"
    # The last ships may still be at work.
    eventually(fn -> Fleet.docked() == [] end)
  end

  test "a day that is stopped says so" do
    {:ok, out} = StringIO.open("")
    landed = Counter.value(:tonnes)
    {:ok, day} = start_supervised({Day, days: :forever, tempo_ms: 60_000, out: out})
    assert {:minute, 360} in Map.to_list(:sys.get_state(day))
    stop_supervised!(Day)
    {"", told} = StringIO.contents(out)

    assert told =~
             "06:00  harbour is closing early: 0 ships, 0 t landed, 0 broken on purpose, " <>
               "0 restarts in all\n"

    assert Counter.value(:tonnes) == landed
  end
end
