defmodule Harbour.LogBackendTest do
  use Harbour.Case

  import ExUnit.CaptureIO

  alias Harbour.LogBackend

  require Logger

  # Standard error belongs to the whole system, so what is written to it is caught
  # until the backend has written for sure.
  defp written(options, log) do
    capture_io(:stderr, fn ->
      :ok = Logger.configure_backend(LogBackend, options)
      log.()
      Logger.flush()
      :gen_event.sync_notify(Logger, :flush)
      :ok = Logger.configure_backend(LogBackend, output: :none)
    end)
  end

  test "writes whole messages, first lines, or nothing" do
    log = fn -> Logger.error("a storm\nis coming") end
    assert written([output: :full], log) == "       | error: a storm\nis coming\n"
    assert written([output: :first_line], log) == "       | error: a storm\n"
    assert written([output: :none], log) == ""
  end

  test "tells who watches" do
    assert log_of("anchor", fn -> Logger.warning("the anchor drags") end) == "the anchor drags"
    Logger.warning("nobody watches")
    refute_receive {:harbour_log, _, _}
  end

  test "levels below the configured one are not even formatted" do
    Logger.configure(level: :error)
    Logger.info(fn -> flunk("this is not evaluated") end)
    Logger.configure(level: :debug)
    assert log_of("now it is", fn -> Logger.info(fn -> "now it is" end) end) == "now it is"
  end

  test "a watcher that dies is forgotten" do
    pid = spawn(fn -> LogBackend.watch() && Process.sleep(:infinity) end)
    watching? = fn -> pid in watchers() end
    eventually(watching?)
    kill(pid)
    assert eventually(fn -> not watching?.() end)
  end

  defp watchers do
    for {LogBackend, _, state} <- :sys.get_state(Logger), pid <- state.watchers, do: pid
  end
end
