defmodule Harbour.BreakerTest do
  use Harbour.Case

  alias Harbour.{Breaker, Bulletin}

  setup do
    Bulletin.subscribe(:breakers)
    start_supervised!({Breaker, name: :test, max_failures: 2, cool_ms: 50})
    :ok
  end

  defp fail, do: Breaker.run(:test, fn -> {:error, :broken} end)
  defp work, do: Breaker.run(:test, fn -> {:ok, :fine} end)

  defp announced(state), do: assert_receive({:bulletin, :breakers, {:breaker, :test, ^state}})

  test "lets through what works" do
    for _ <- 1..10, do: assert(work() == {:ok, :fine})
    assert Breaker.run(:test, fn -> 42 end) == 42
    assert Breaker.state(:test) == :closed
  end

  test "only failures in a row count" do
    for _ <- 1..5 do
      assert fail() == {:error, :broken}
      assert work() == {:ok, :fine}
    end

    assert Breaker.state(:test) == :closed
  end

  test "opens, cools down, and closes again when the probe works" do
    fail()
    fail()
    announced(:open)
    assert Breaker.run(:test, fn -> flunk("this must not run") end) == {:error, :breaker_open}
    announced(:half_open)
    assert work() == {:ok, :fine}
    announced(:closed)
    assert Breaker.state(:test) == :closed
  end

  test "opens again when the probe fails" do
    fail()
    fail()
    announced(:half_open)
    assert fail() == {:error, :broken}
    announced(:open)
    announced(:half_open)
  end

  test "lets through one probe at a time" do
    fail()
    fail()
    announced(:half_open)

    assert Breaker.run(:test, fn ->
             assert work() == {:error, :breaker_open}
             :done
           end) == :done

    assert Breaker.state(:test) == :closed
  end

  test "a probe that dies on the way has failed" do
    fail()
    fail()
    announced(:half_open)
    test = self()

    pid =
      spawn(fn ->
        Breaker.run(:test, fn ->
          send(test, :probing)
          Process.sleep(:infinity)
        end)
      end)

    assert_receive :probing
    kill(pid)
    announced(:open)
  end

  test "errors, throws and exits fail, and go on to the caller" do
    assert_raise RuntimeError, "oh", fn -> Breaker.run(:test, fn -> raise "oh" end) end
    assert Breaker.state(:test) == :closed
    assert catch_throw(Breaker.run(:test, fn -> throw(:ball) end)) == :ball
    assert Breaker.state(:test) == :open
    announced(:half_open)
    assert catch_exit(Breaker.run(:test, fn -> exit(:gone) end)) == :gone
    assert Breaker.state(:test) == :open
  end

  test "an exception keeps its own stack trace", context do
    trace =
      try do
        Breaker.run(:test, fn -> String.to_integer("many") end)
      rescue
        error -> Exception.format(:error, error, Enum.take(__STACKTRACE__, 3))
      end

    show(context, trace)
    assert trace =~ "test/breaker_test.exs"
  end
end
