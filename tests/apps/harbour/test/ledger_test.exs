defmodule Harbour.LedgerTest do
  use Harbour.Case

  alias Harbour.Ledger

  setup do
    %{pid: start_supervised!({Ledger, name: :book, entries: [{:pilot, "Ida"}]})}
  end

  test "keeps what it is given" do
    assert Ledger.get(:book, :pilot) == "Ida"
    assert Ledger.get(:book, :tug, :none) == :none
    assert Ledger.put(:book, {:berth, 1}, "Aurora") == :ok
    assert Ledger.fetch(:book, {:berth, 1}) == {:ok, "Aurora"}
    assert Ledger.keys(:book) == [:pilot, {:berth, 1}]
    Ledger.delete(:book, :pilot)
    assert Ledger.fetch(:book, :pilot) == :error
  end

  test "forgets when the time is up, and hibernates", %{pid: pid} do
    Ledger.put(:book, :fog, true, ttl_ms: 20)
    assert Ledger.get(:book, :fog) == true

    # Asking the ledger would wake it up.
    assert eventually(fn ->
             Process.info(pid, :current_function) ==
               {:current_function, {:erlang, :hibernate, 3}}
           end)

    assert Ledger.fetch(:book, :fog) == :error
  end

  test "a value written anew lives on, whatever its old timer says" do
    Ledger.put(:book, :fog, :thin, ttl_ms: 20)
    Ledger.put(:book, :fog, :thick)
    Process.sleep(60)
    assert Ledger.get(:book, :fog) == :thick
  end

  test "a stale timer in the mailbox does no harm", %{pid: pid} do
    send(pid, {:timeout, make_ref(), {:expire, :pilot}})
    assert Ledger.get(:book, :pilot) == "Ida"
  end

  test "an update is one step, however many do it at once" do
    1..20
    |> Enum.map(fn _ ->
      Task.async(fn -> for _ <- 1..50, do: Ledger.update(:book, :visits, 0, &(&1 + 1)) end)
    end)
    |> Task.await_many()

    assert Ledger.get(:book, :visits) == 1000
  end

  test "an update that raises kills the ledger, and the report hides the values", context do
    Ledger.put(:book, :secret, "buried treasure")

    log =
      log_of("{:ledger, :book}} terminating", fn ->
        reason = catch_exit(Ledger.update(:book, :visits, nil, &(&1 + 1)))
        assert {{:badarith, [_ | _]}, {GenServer, :call, _}} = reason
      end)

    show(context, log)
    assert log =~ "entries, not shown"
    refute log =~ "buried treasure"
    restarted({:ledger, :book}, context.pid)
    assert Ledger.keys(:book) == [:pilot]
  end
end
