defmodule Harbour.LogBackend do
  @moduledoc """
  A backend for Elixir's `Logger`, which is a `:gen_event` handler like those of
  `Harbour.Logbook`.

  It writes to standard error, since what a program has to say and what is said
  about the program are two things. It also sends what it gets to processes that
  `watch/0`, and so the tests can read crash reports.

  Configuration, under `config :logger, Harbour.LogBackend`: `:output` is `:full`
  for whole messages, `:first_line`, or `:none`.
  """
  @behaviour :gen_event

  @doc "Sends `{:harbour_log, level, text}` to the calling process from now on."
  def watch, do: :gen_event.call(Logger, __MODULE__, {:watch, self()})

  def unwatch, do: :gen_event.call(Logger, __MODULE__, {:unwatch, self()})

  @impl true
  def init(__MODULE__) do
    {:ok, configure(%{watchers: MapSet.new()}, Application.get_env(:logger, __MODULE__, []))}
  end

  # Messages of processes on another node are that node's business.
  @impl true
  def handle_event({_level, leader, _event}, state) when node(leader) != node() do
    {:ok, state}
  end

  def handle_event({level, _leader, {Logger, message, _timestamp, _metadata}}, state) do
    for pid <- state.watchers do
      send(pid, {:harbour_log, level, IO.chardata_to_string(message)})
    end

    write(state.output, level, message)
    {:ok, state}
  end

  def handle_event(:flush, state), do: {:ok, state}

  @impl true
  def handle_call({:configure, options}, state), do: {:ok, :ok, configure(state, options)}

  def handle_call({:watch, pid}, state) do
    Process.monitor(pid)
    {:ok, :ok, update_in(state.watchers, &MapSet.put(&1, pid))}
  end

  def handle_call({:unwatch, pid}, state) do
    {:ok, :ok, update_in(state.watchers, &MapSet.delete(&1, pid))}
  end

  @impl true
  def handle_info({:DOWN, _ref, :process, pid, _reason}, state) do
    {:ok, update_in(state.watchers, &MapSet.delete(&1, pid))}
  end

  # Replies that come too late for Logger end up here, in its handlers.
  def handle_info(_message, state), do: {:ok, state}

  defp configure(state, options) do
    Map.put(state, :output, Keyword.get(options, :output, :full))
  end

  defp write(:none, _level, _message), do: :ok
  defp write(:full, level, message), do: put(level, message)

  defp write(:first_line, level, message) do
    [first | _] = message |> IO.chardata_to_string() |> String.split("\n", parts: 2)
    put(level, first)
  end

  defp put(level, message), do: IO.puts(:standard_error, ["       | #{level}: ", message])
end
