defmodule Harbour.PilotsTest do
  use Harbour.Case

  alias Harbour.Services.Pilots

  setup do
    %{pool: start_supervised!({Pilots, pilots: ["Ann", "Bob"]})}
  end

  test "pilots are lent and given back", %{pool: pool} do
    assert Pilots.borrow(pool) == {:ok, "Ann"}
    assert Pilots.borrow(pool) == {:ok, "Bob"}
    assert Pilots.borrow(pool) == {:error, :none_free}
    assert Pilots.free(pool) == []
    assert Pilots.give_back(pool, "Bob") == :ok
    assert Pilots.free(pool) == ["Bob"]
    assert Pilots.give_back(pool, "Bob") == {:error, :not_yours}
  end

  test "the dead give back what they had", %{pool: pool} do
    test = self()

    pid =
      spawn(fn ->
        send(test, {Pilots.borrow(pool), Pilots.borrow(pool)})
        Process.sleep(:infinity)
      end)

    assert_receive {{:ok, "Ann"}, {:ok, "Bob"}}
    assert Pilots.give_back(pool, "Ann") == {:error, :not_yours}
    kill(pid)
    assert eventually(fn -> Pilots.free(pool) == ["Ann", "Bob"] end)
  end

  test "two hundred borrowers, some of them dying, lose no pilot", %{pool: pool} do
    workers =
      for n <- 1..200 do
        spawn_monitor(fn ->
          with {:ok, pilot} <- Pilots.borrow(pool) do
            if rem(n, 3) == 0, do: exit(:normal)
            Pilots.give_back(pool, pilot)
          end
        end)
      end

    for {pid, ref} <- workers, do: assert_receive({:DOWN, ^ref, :process, ^pid, _})
    assert eventually(fn -> Pilots.free(pool) == ["Ann", "Bob"] end)
  end
end
