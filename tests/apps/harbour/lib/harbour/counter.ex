defmodule Harbour.Counter do
  @moduledoc """
  The first process everybody writes: it counts.

  All five ways in which a `GenServer` is spoken to are here.

    * a *call* waits for its answer: `value/1`, `take/2`
    * a *cast* does not: `add/2`
    * anything else that arrives is an *info*: `{:tick, n}`
    * *continue* is work that a process gives itself: it opens its books after
      `start_link/1` has already returned
    * a *timeout* comes when nothing else has for a while: a counter started
      with `:idle_ms` goes home

  The state is a count. When the process dies the count is gone, and a
  supervisor starts over from the beginning. `Harbour.Ship` shows what to do
  about numbers that have to survive.

      iex> {:ok, _} = Harbour.Counter.start_link(name: :doc_counter, start: 40)
      iex> Harbour.Counter.add(:doc_counter, 2)
      :ok
      iex> Harbour.Counter.value(:doc_counter)
      42
  """

  # A counter that goes home after its idle time exits with :normal, and
  # :transient tells the supervisor that this is no reason to restart it.
  use GenServer, restart: :transient

  alias Harbour.Names

  ## What callers use

  @doc """
  Starts a counter.

    * `:name` - any term, unique among counters
    * `:start` - the first value, or a function that works it out
    * `:idle_ms` - stop when nobody calls for so long
  """
  def start_link(opts) do
    name = Keyword.fetch!(opts, :name)
    GenServer.start_link(__MODULE__, opts, name: via(name))
  end

  def child_spec(opts) do
    Supervisor.child_spec(super(opts), id: {__MODULE__, Keyword.fetch!(opts, :name)})
  end

  @doc "Adds and does not wait."
  def add(name, amount \\ 1) when is_integer(amount) do
    GenServer.cast(via(name), {:add, amount})
  end

  def value(name), do: GenServer.call(via(name), :value)

  @doc "Takes away, but never below zero: this needs an answer, so it is a call."
  def take(name, amount) when is_integer(amount) and amount > 0 do
    GenServer.call(via(name), {:take, amount})
  end

  def stop(name), do: GenServer.stop(via(name))

  def via(name), do: Names.via({:counter, name})

  ## What the process does

  @impl true
  def init(opts) do
    state = %{count: 0, idle_ms: Keyword.get(opts, :idle_ms, :infinity)}
    {:ok, state, {:continue, {:open, Keyword.get(opts, :start, 0)}}}
  end

  # Nothing else can get in between init/1 and this, however early it was sent.
  @impl true
  def handle_continue({:open, start}, state) do
    count = if is_function(start, 0), do: start.(), else: start
    {:noreply, %{state | count: count}, state.idle_ms}
  end

  @impl true
  def handle_call(:value, _from, state) do
    {:reply, state.count, state, state.idle_ms}
  end

  def handle_call({:take, amount}, _from, %{count: count} = state) when amount <= count do
    {:reply, {:ok, count - amount}, %{state | count: count - amount}, state.idle_ms}
  end

  def handle_call({:take, _amount}, _from, state) do
    {:reply, {:error, {:only, state.count}}, state, state.idle_ms}
  end

  # A cast of anything but a number is a programming error of the caller. There
  # is no clause for it: the process crashes, loudly, with the reason.
  @impl true
  def handle_cast({:add, amount}, state) do
    {:noreply, %{state | count: state.count + amount}, state.idle_ms}
  end

  @impl true
  def handle_info({:tick, n}, state) do
    {:noreply, %{state | count: state.count + n}, state.idle_ms}
  end

  def handle_info(:timeout, state) do
    {:stop, :normal, state}
  end
end
