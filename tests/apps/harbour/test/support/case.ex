defmodule Harbour.Case do
  @moduledoc """
  What the tests of the harbour have in common.

  None of them run at the same time (`async` is off): they share the running
  application, and some of them break it.
  """
  use ExUnit.CaseTemplate

  using do
    quote do
      import Harbour.Case
      import Harbour.Evidence, only: [show: 2]
    end
  end

  @doc """
  Runs `fun`, waits for a log message that contains `pattern`, and returns that
  message. Others are dropped.
  """
  def log_of(pattern, fun) do
    :ok = Harbour.LogBackend.watch()
    fun.()
    text = await_log(pattern)
    :ok = Harbour.LogBackend.unwatch()
    drop_logs()
    text
  end

  defp await_log(pattern) do
    receive do
      {:harbour_log, _level, text} -> if text =~ pattern, do: text, else: await_log(pattern)
    after
      5_000 -> ExUnit.Assertions.flunk("nothing was logged that contains #{inspect(pattern)}")
    end
  end

  defp drop_logs do
    receive do
      {:harbour_log, _, _} -> drop_logs()
    after
      0 -> :ok
    end
  end

  @doc "Calls `fun` until it returns something true, which is the result."
  def eventually(fun, tries \\ 500) do
    cond do
      result = fun.() ->
        result

      tries == 0 ->
        ExUnit.Assertions.flunk("it has not come true")

      true ->
        Process.sleep(10)
        eventually(fun, tries - 1)
    end
  end

  @doc "Kills a process and waits until it is gone."
  def kill(pid) when is_pid(pid) do
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)

    receive do
      {:DOWN, ^ref, :process, ^pid, reason} -> reason
    end
  end

  @doc "The new holder of a name, once it is another process than `old`."
  def restarted(id, old) do
    eventually(fn ->
      pid = Harbour.Names.whereis(id)
      if pid != old, do: pid
    end)
  end
end
