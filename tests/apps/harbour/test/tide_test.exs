defmodule Harbour.TideTest do
  use Harbour.Case

  alias Harbour.Tide

  test "rises and falls twice a day", context do
    levels = for hour <- 0..24, do: Tide.at(hour * 60)
    show(context, inspect(levels, limit: :infinity, width: 72))
    assert Enum.min_max(levels) == {0.55, 1.95}
    assert Enum.take(levels, 12) == Enum.slice(levels, 12, 12)
  end

  test "an agent holds the level" do
    start_supervised!({Tide, name: :test_tide})
    assert Tide.level(:test_tide) == 1.25
    assert Tide.turn(:test_tide, 60) == {:rising, 1.6}
    assert Tide.turn(:test_tide, 240) == {:falling, 1.86}
    assert Tide.level(:test_tide) == 1.86
  end
end
