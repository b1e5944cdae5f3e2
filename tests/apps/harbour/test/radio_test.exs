defmodule Harbour.RadioTest do
  use Harbour.Case

  alias Harbour.{Names, Radio}

  # The sailors of the test before end with its process, which may be a moment
  # after its result is known.
  setup do
    assert eventually(fn -> Radio.rooms() == [] end)
    :ok
  end

  # Somebody on the radio: joins, does as told, and passes on what is heard.
  defp sailor(room, nick) do
    test = self()

    pid =
      spawn_link(fn ->
        send(test, {:joined, nick, Radio.join(room, nick)})
        listen(test, room, nick)
      end)

    assert_receive {:joined, ^nick, {:ok, history}}
    {pid, history}
  end

  defp listen(test, room, nick) do
    receive do
      {:say, text} ->
        send(test, {:said, nick, Radio.say(room, text)})
        listen(test, room, nick)

      {:radio, ^room, from, text} ->
        send(test, {:heard, nick, from, text})
        listen(test, room, nick)

      :hang_up ->
        send(test, {:left, nick, Radio.leave(room)})
    end
  end

  test "what one says all others hear" do
    {ann, []} = sailor("12", "Ann")
    {_bob, []} = sailor("12", "Bob")
    {_cy, []} = sailor("12", "Cy")
    assert Radio.members("12") == ["Ann", "Bob", "Cy"]
    assert "12" in Radio.rooms()
    assert_receive {:heard, "Ann", "Bob", "joined"}

    send(ann, {:say, "fog ahead"})
    assert_receive {:said, "Ann", :ok}
    assert_receive {:heard, "Bob", "Ann", "fog ahead"}
    assert_receive {:heard, "Cy", "Ann", "fog ahead"}
    refute_receive {:heard, "Ann", "Ann", _}
  end

  test "rooms do not hear each other" do
    {ann, []} = sailor("12", "Ann")
    {_bob, []} = sailor("16", "Bob")
    send(ann, {:say, "anyone?"})
    assert_receive {:said, "Ann", :ok}
    refute_receive {:heard, "Bob", _, _}
  end

  test "who comes late is told what was said" do
    {ann, []} = sailor("12", "Ann")
    for n <- 1..25, do: send(ann, {:say, "line #{n}"})
    for _ <- 1..25, do: assert_receive({:said, "Ann", :ok})
    {_bob, history} = sailor("12", "Bob")
    assert length(history) == 20
    assert hd(history) == {"Ann", "line 6"}
    assert List.last(history) == {"Ann", "line 25"}
  end

  test "a nickname belongs to one member" do
    sailor("12", "Ann")
    assert Radio.join("12", "Ann") == {:error, :nick_taken}
  end

  test "only members may speak, and only where there is a room" do
    sailor("12", "Ann")
    assert Radio.say("12", "psst") == {:error, :not_in_room}
    assert Radio.leave("12") == {:error, :not_in_room}
    assert Radio.say("nowhere", "hello") == {:error, :no_such_room}
    assert Radio.members("nowhere") == []
  end

  test "a crashed member has left, and the last one out closes the room" do
    {ann, []} = sailor("12", "Ann")
    {bob, []} = sailor("12", "Bob")
    room = Names.whereis({:room, "12"})
    ref = Process.monitor(room)

    Process.unlink(ann)
    assert kill(ann) == :killed
    assert_receive {:heard, "Bob", "Ann", "left"}
    assert Radio.members("12") == ["Bob"]

    send(bob, :hang_up)
    assert_receive {:left, "Bob", :ok}
    assert_receive {:DOWN, ^ref, :process, ^room, :normal}
    assert eventually(fn -> "12" not in Radio.rooms() end)
  end

  test "a room that crashes is opened again, empty" do
    {_ann, []} = sailor("12", "Ann")
    room = Names.whereis({:room, "12"})
    kill(room)
    restarted({:room, "12"}, room)
    assert Radio.members("12") == []
    {:ok, []} = Radio.join("12", "Ann")
    :ok = Radio.leave("12")
  end

  test "fifty sailors on one channel hear each other out" do
    nicks = for n <- 1..50, do: "sailor #{n}"
    sailors = for nick <- nicks, do: elem(sailor("busy", nick), 0)
    for pid <- sailors, do: send(pid, {:say, "here"})
    for nick <- nicks, do: assert_receive({:said, ^nick, :ok})

    for nick <- nicks, other <- nicks, nick != other do
      assert_receive {:heard, ^nick, ^other, "here"}
    end
  end
end
