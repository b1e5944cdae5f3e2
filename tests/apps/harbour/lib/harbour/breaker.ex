defmodule Harbour.Breaker do
  @moduledoc """
  A circuit breaker: stop asking a service that keeps failing.

      closed  --too many failures-->  open  --cool-down-->  half open
         ^                              ^                       |
         +------- the probe works ------+--- the probe fails ---+

  While open, calls are refused at once, which is kinder to both sides than
  waiting. When it has cooled down, one single call is let through as a probe,
  and decides what comes next.

  The work itself runs in the calling process. The breaker only grants and is
  told the outcome, so one slow call holds up nobody else. It is a `:gen_statem`
  like `Harbour.EntranceLight`, but with all states in one function: here the
  rules are few and the states differ in little.
  """
  @behaviour :gen_statem

  alias Harbour.{Bulletin, Names}

  def child_spec(opts) do
    %{id: {__MODULE__, Keyword.fetch!(opts, :name)}, start: {__MODULE__, :start_link, [opts]}}
  end

  @doc """
  Starts a breaker called `:name` that opens after `:max_failures` failures in
  a row, and cools down for `:cool_ms`.
  """
  def start_link(opts) do
    :gen_statem.start_link(via(opts[:name]), __MODULE__, opts, [])
  end

  @doc """
  Runs `fun`, if the breaker allows, and returns what it returns. `{:error, _}`
  counts as a failure; so does an exception, a throw or an exit, which goes on to
  the caller. Anything else is a success.
  """
  def run(name, fun) do
    case :gen_statem.call(via(name), :permit) do
      :refused -> {:error, :breaker_open}
      {:granted, permit} -> run_granted(name, permit, fun)
    end
  end

  defp run_granted(name, permit, fun) do
    fun.()
  catch
    kind, reason ->
      report(name, permit, :failure)
      :erlang.raise(kind, reason, __STACKTRACE__)
  else
    {:error, _} = failure ->
      report(name, permit, :failure)
      failure

    result ->
      report(name, permit, :success)
      result
  end

  defp report(name, permit, outcome), do: :gen_statem.call(via(name), {outcome, permit})

  @doc "`:closed`, `:open` or `:half_open`."
  def state(name), do: :gen_statem.call(via(name), :state)

  def via(name), do: Names.via({:breaker, name})

  ## The machine

  @impl true
  def callback_mode, do: :handle_event_function

  # `probe` is the monitor on the process that holds the one permit of the
  # half-open state: should it die before it reports, that was a failure too.
  @impl true
  def init(opts) do
    {:ok, :closed,
     %{
       name: opts[:name],
       max_failures: Keyword.get(opts, :max_failures, 3),
       cool_ms: Keyword.get(opts, :cool_ms, 1_000),
       failures: 0,
       probe: nil
     }}
  end

  @impl true
  def handle_event({:call, from}, :state, state, _data) do
    {:keep_state_and_data, {:reply, from, state}}
  end

  def handle_event({:call, from}, :permit, :closed, _data) do
    {:keep_state_and_data, {:reply, from, {:granted, :ordinary}}}
  end

  def handle_event({:call, from}, :permit, :open, _data) do
    {:keep_state_and_data, {:reply, from, :refused}}
  end

  def handle_event({:call, {pid, _} = from}, :permit, :half_open, %{probe: nil} = data) do
    probe = Process.monitor(pid)
    {:keep_state, %{data | probe: probe}, {:reply, from, {:granted, probe}}}
  end

  def handle_event({:call, from}, :permit, :half_open, _data) do
    {:keep_state_and_data, {:reply, from, :refused}}
  end

  # The probe's outcome settles the matter.
  def handle_event({:call, from}, {outcome, probe}, :half_open, %{probe: probe} = data) do
    Process.demonitor(probe, [:flush])
    data = %{data | probe: nil}
    settle(outcome, data, [{:reply, from, :ok}])
  end

  def handle_event(:info, {:DOWN, probe, :process, _, _}, :half_open, %{probe: probe} = data) do
    settle(:failure, %{data | probe: nil}, [])
  end

  # Ordinary outcomes count while closed. Those of calls that began before the
  # breaker opened, and end after, change nothing any more.
  def handle_event({:call, from}, {:success, :ordinary}, :closed, data) do
    {:keep_state, %{data | failures: 0}, {:reply, from, :ok}}
  end

  def handle_event({:call, from}, {:failure, :ordinary}, :closed, data) do
    data = %{data | failures: data.failures + 1}

    if data.failures >= data.max_failures do
      settle(:failure, data, [{:reply, from, :ok}])
    else
      {:keep_state, data, {:reply, from, :ok}}
    end
  end

  def handle_event({:call, from}, {_outcome, _permit}, _state, _data) do
    {:keep_state_and_data, {:reply, from, :ok}}
  end

  def handle_event(:state_timeout, :cooled_down, :open, data) do
    announce(data, :half_open)
    {:next_state, :half_open, data}
  end

  defp settle(:success, data, actions) do
    announce(data, :closed)
    {:next_state, :closed, %{data | failures: 0}, actions}
  end

  defp settle(:failure, data, actions) do
    announce(data, :open)
    {:next_state, :open, data, [{:state_timeout, data.cool_ms, :cooled_down} | actions]}
  end

  defp announce(data, state), do: Bulletin.publish(:breakers, {:breaker, data.name, state})
end
