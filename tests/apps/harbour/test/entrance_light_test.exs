defmodule Harbour.EntranceLightTest do
  use Harbour.Case

  alias Harbour.{Bulletin, EntranceLight}

  @long 60_000

  defp light(times) do
    topic = {:test_light, make_ref()}
    Bulletin.subscribe(topic)
    pid = start_supervised!({EntranceLight, times: times, topic: topic})
    {pid, topic}
  end

  defp next(topic) do
    assert_receive {:bulletin, ^topic, {:light, colour}}
    colour
  end

  test "goes round by itself" do
    {_light, topic} = light(red: 5, green: 5, amber: 5)

    assert for(_ <- 1..7, do: next(topic)) ==
             [:red, :green, :amber, :red, :green, :amber, :red]
  end

  test "a ship at red waits, and is answered at green" do
    {light, topic} = light(red: 60, green: @long, amber: 5)
    assert EntranceLight.colour(light) == :red
    assert EntranceLight.request_entry(light) == :proceed
    assert EntranceLight.colour(light) == :green
    assert [next(topic), next(topic)] == [:red, :green]
  end

  test "a ship that comes at green goes on at once" do
    {light, _} = light(red: 1, green: @long, amber: 1)
    eventually(fn -> EntranceLight.colour(light) == :green end)
    assert EntranceLight.request_entry(light, 1_000) == :proceed
  end

  test "ten ships that waited go in as they came" do
    {light, _} = light(red: @long, green: @long, amber: 5)
    test = self()

    for n <- 1..10 do
      spawn_link(fn ->
        send(test, {:asking, n})
        send(test, {n, EntranceLight.request_entry(light)})
      end)

      assert_receive {:asking, ^n}
    end

    refute_receive {_, :proceed}
    # The state timeout of red is long: alarm and all clear lead to a shorter one.
    EntranceLight.retime(light, red: 10)
    EntranceLight.alarm(light)
    EntranceLight.all_clear(light)
    for n <- 1..10, do: assert_receive({^n, :proceed})
  end

  test "one who does not wait long enough is told so" do
    {light, topic} = light(red: 60, green: 5, amber: @long)
    assert EntranceLight.request_entry(light, 10) == {:error, :timeout}
    assert for(_ <- 1..3, do: next(topic)) == [:red, :green, :amber]
    # It was answered at green, but nobody was waiting any more: no stray message.
    refute_receive _anything
  end

  test "an alarm stops the clock, an all clear starts it at red" do
    {light, topic} = light(red: 20, green: 20, amber: 20)
    assert next(topic) == :red
    EntranceLight.alarm(light)
    EntranceLight.alarm(light)
    assert next(topic) == :flashing
    refute_receive {:bulletin, ^topic, _}, 100
    assert EntranceLight.colour(light) == :flashing
    EntranceLight.all_clear(light)
    assert [next(topic), next(topic)] == [:red, :green]
  end

  test "an event that no state knows is a crash", context do
    Process.flag(:trap_exit, true)
    {:ok, light} = EntranceLight.start_link(times: [red: @long], topic: :nobody)

    log = log_of("FunctionClauseError", fn -> :gen_statem.cast(light, :dance) end)
    show(context, log)
    assert_receive {:EXIT, ^light, {:function_clause, [_ | _]}}
  end
end
