defmodule Harbour.BulletinTest do
  use Harbour.Case

  alias Harbour.Bulletin

  test "all subscribers hear what is published, others do not" do
    test = self()

    listeners =
      for n <- 1..3 do
        spawn_link(fn ->
          Bulletin.subscribe({:test, rem(n, 2)})
          send(test, {:ready, n})

          receive do
            message -> send(test, {:heard, n, message})
          end
        end)
      end

    for n <- 1..3, do: assert_receive({:ready, ^n})
    assert Bulletin.publish({:test, 1}, :fog) == 2
    assert_receive {:heard, 1, {:bulletin, {:test, 1}, :fog}}
    assert_receive {:heard, 3, {:bulletin, {:test, 1}, :fog}}
    refute_receive {:heard, 2, _}
    Process.exit(Enum.at(listeners, 1), :normal)
  end

  test "the dead are not counted" do
    {pid, ref} =
      spawn_monitor(fn ->
        Bulletin.subscribe(:short)

        receive do
          :go -> :ok
        end
      end)

    eventually(fn -> Bulletin.publish(:short, :one) == 1 end)
    send(pid, :go)
    assert_receive {:DOWN, ^ref, :process, ^pid, :normal}
    assert eventually(fn -> Bulletin.publish(:short, :two) == 0 end)
  end

  test "messages of one publisher arrive in order" do
    Bulletin.subscribe(:order)
    for n <- 1..1000, do: Bulletin.publish(:order, n)

    heard =
      for _ <- 1..1000 do
        receive do
          {:bulletin, :order, n} -> n
        end
      end

    assert heard == Enum.to_list(1..1000)
  end

  test "who unsubscribes is left in peace" do
    Bulletin.subscribe(:peace)
    assert Bulletin.publish(:peace, 1) == 1
    Bulletin.unsubscribe(:peace)
    assert Bulletin.publish(:peace, 2) == 0
    assert_receive {:bulletin, :peace, 1}
    refute_receive {:bulletin, :peace, 2}
  end
end
