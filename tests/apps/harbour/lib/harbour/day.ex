defmodule Harbour.Day do
  @moduledoc """
  A day in the harbour, played by itself and told on the terminal.

  One process keeps the clock: every `:tempo_ms` it moves on by ten minutes and
  does what the timetable says for that time, some of which is to break things on
  purpose. Whatever then happens in the other processes it hears from the bulletin
  board, like any subscriber, and tells.

  It never waits for others. What may take long, such as a ship waiting for green,
  is an errand: a task of its own.
  """
  use GenServer

  alias Harbour.{Bulletin, Cargo, Counter, Customs, EntranceLight, Errands, Fleet}
  alias Harbour.{Gateway, Machine, Radio, SeaLock, Ship, Survey, Tide}

  @opens 6 * 60
  @closes 22 * 60
  @step 10

  @timetable [
    {"06:10", {:ship, "Aurora", "timber", 120}},
    {"06:20", {:ship, "Boreas", "coal", 150}},
    {"06:30", {:ship, "Clio", "wine", 90}},
    {"07:00", {:get, "/weather?hour=7"}},
    {"07:10", {:ship, "Dorado", "timber", 60}},
    {"07:30", {:leak, "Boreas"}},
    {"08:10", {:kill, {:crane, :north}}},
    {"08:40", {:lock, :outer_gate}},
    {"08:50", {:lock, :inner_gate}},
    {"09:10", {:kill, {:outer_gate, :main}}},
    {"09:40", {:lock, :inner_gate}},
    {"10:10", {:kill, {:cold_store, :main}}},
    {"10:40", {:ship, "Dorado", "timber", 60}},
    {"11:00", {:get, "/tariff?goods=wine&tonnes=many"}},
    {"11:10", {:get, "/tariff?goods=wine&tonnes=many"}},
    {"11:20", {:get, "/tariff?goods=wine&tonnes=many"}},
    {"11:30", {:get, "/tariff?goods=wine&tonnes=90"}},
    {"13:30", {:get, "/tariff?goods=wine&tonnes=90"}},
    {"14:00", :fog},
    {"14:10", {:ship, "Electra", "coal", 40}},
    {"15:00", :all_clear},
    {"15:30", {:jam, {:crane, :heavy}}},
    {"16:00", {:radio, "tug", "slack water, all clear outside"}},
    {"16:30", {:ship, "Fram", "salt", 70}},
    {"17:00", :survey},
    {"18:00", {:contraband, "Fram"}},
    {"19:00", {:get, "/pilots"}}
  ]

  @doc """
  Starts the first day. `:days` to play, or `:forever`; `:tempo_ms` for ten
  minutes; `:out`, a device to tell it to; `:at_end`, what to do after the last day,
  which is to stop the whole system unless told otherwise.
  """
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, Keyword.take(opts, [:name]))

  @doc """
  Minutes as a clock shows them.

      iex> Harbour.Day.clock(8 * 60 + 5)
      "08:05"
  """
  def clock(minute) do
    [div(minute, 60), rem(minute, 60)]
    |> Enum.map_join(":", &String.pad_leading(Integer.to_string(&1), 2, "0"))
  end

  @impl true
  def init(opts) do
    # With exits trapped, terminate/2 is called when the supervisor stops us.
    Process.flag(:trap_exit, true)
    for topic <- [:ships, :machines, :breakers], do: Bulletin.subscribe(topic)

    state = %{
      day: 0,
      days: Keyword.fetch!(opts, :days),
      tempo_ms: Keyword.fetch!(opts, :tempo_ms),
      out: Keyword.get(opts, :out, :stdio),
      at_end: Keyword.get(opts, :at_end, &System.stop/0),
      minute: @opens,
      ships: 0,
      tonnes_before: 0,
      crashes: 0,
      restarts: %{}
    }

    {:ok, state, {:continue, :open}}
  end

  @impl true
  def handle_continue(:open, state) do
    state = %{
      state
      | day: state.day + 1,
        minute: @opens,
        ships: 0,
        crashes: 0,
        tonnes_before: Counter.value(:tonnes)
    }

    {direction, level} = Tide.turn(Tide, @opens)
    if state.day == 1, do: tell(state, Harbour.greeting())

    tell(
      state,
      "harbour is open, day #{state.day}: #{Fleet.capacity()} berths, " <>
        "#{Customs.desks()} customs desks, tide #{level} m and #{direction}, " <>
        "#{System.schedulers()} schedulers"
    )

    {:noreply, tick(state)}
  end

  @impl true
  def handle_info(:tick, %{minute: minute} = state) when minute >= @closes do
    summary(state, "harbour is closed")

    if state.days == :forever or state.day < state.days do
      {:noreply, state, {:continue, :open}}
    else
      state.at_end.()
      {:noreply, state}
    end
  end

  def handle_info(:tick, state) do
    state = %{state | minute: state.minute + @step}
    time = clock(state.minute)
    Tide.turn(Tide, state.minute)

    state =
      for {^time, action} <- @timetable, reduce: state do
        state -> act(action, state)
      end

    {:noreply, tick(state)}
  end

  def handle_info({:bulletin, _topic, event}, state), do: {:noreply, heard(event, state)}

  def handle_info({:errand, text}, state) do
    tell(state, text)
    {:noreply, state}
  end

  @impl true
  def terminate(:shutdown, state) when state.minute < @closes do
    summary(state, "harbour is closing early")
  end

  def terminate(_reason, _state), do: :ok

  ## What the timetable asks for

  defp act({:ship, name, goods, tonnes}, state) do
    tempo_ms = state.tempo_ms

    errand(fn ->
      cargo = Cargo.new(goods, tonnes)

      with :proceed <- EntranceLight.request_entry(EntranceLight),
           {:stamped, desk, _serial} <- Customs.declare(name, goods),
           {:ok, _pid} <- Fleet.dock(name, cargo, pace_ms: tempo_ms) do
        "#{name} has its papers stamped at desk #{desk}"
      else
        {:error, :no_free_berth} -> "#{name} finds no free berth and anchors outside"
        {:error, reason} -> "#{name} does not come in: #{reason}"
      end
    end)

    state
  end

  defp act({:leak, name}, state) do
    Ship.spring_leak(name)
    crash(state, "#{name} springs a leak")
  end

  defp act({:kill, id}, state) do
    Machine.kill(id)
    crash(state, "#{Machine.label(id)} breaks down")
  end

  defp act({:jam, id}, state) do
    errand(fn ->
      try do
        Machine.jam(id)
      catch
        :exit, {{error, _stack}, _call} -> "the foreman hears: " <> Exception.message(error)
      end
    end)

    crash(state, "#{Machine.label(id)} is asked for too much")
  end

  defp act({:lock, gate}, state) do
    case SeaLock.open(:main, gate) do
      :ok ->
        tell(state, "the lock opens its #{words(gate)}")

      {:error, {_, other}} ->
        tell(state, "the #{words(gate)} stays shut: #{words(other)} is open")
    end

    state
  end

  defp act({:get, path}, state) do
    errand(fn ->
      {status, text} = Gateway.get(path)
      "GET #{path} -> #{status} #{text}"
    end)

    state
  end

  defp act(:fog, state) do
    EntranceLight.alarm(EntranceLight)
    tell(state, "fog: the light is #{EntranceLight.colour(EntranceLight)}")
    state
  end

  defp act(:all_clear, state) do
    EntranceLight.all_clear(EntranceLight)
    tell(state, "the fog lifts: the light is #{EntranceLight.colour(EntranceLight)}")
    state
  end

  defp act({:radio, nick, text}, state) do
    errand(fn ->
      {:ok, _history} = Radio.join("channel 12", "harbour")
      tug = Task.async(fn -> {Radio.join("channel 12", nick), Radio.say("channel 12", text)} end)
      {{:ok, []}, :ok} = Task.await(tug)

      receive do
        {:radio, room, ^nick, ^text} -> "#{nick} on #{room}: #{text}"
      end
    end)

    state
  end

  defp act(:survey, state) do
    errand(fn ->
      results = Survey.run(Errands, Fleet.docked(), &Ship.aboard/1)
      found = for {ship, {:ok, tonnes}} <- results, do: "#{ship} #{tonnes} t"
      "survey of the ships: " <> if(found == [], do: "none in", else: Enum.join(found, ", "))
    end)

    state
  end

  defp act({:contraband, name}, state) do
    errand(fn ->
      try do
        Customs.declare(name, "contraband")
      catch
        :exit, {reason, _call} -> "#{name} is caught at customs: #{reason}"
      end
    end)

    crash(state, "#{name} declares contraband, which no desk has a stamp for")
  end

  ## What the bulletin board says

  defp heard({:ship_arrived, name, cargo}, state) do
    tell(state, "#{name} arrives with #{cargo}")
    %{state | ships: state.ships + 1}
  end

  defp heard({:ship_back, name, tonnes}, state) do
    restarted(state, name, "#{name} is afloat again, #{tonnes} t still aboard")
  end

  defp heard({:ship_left, name}, state) do
    tell(state, "#{name} leaves, empty")
    state
  end

  defp heard({:machine_started, id}, state) do
    restarted(state, id, "#{Machine.label(id)} is back")
  end

  defp heard({:breaker, {_gateway, service}, position}, state) do
    tell(state, "the breaker of #{service} is #{words(position)}")
    state
  end

  defp heard(_event, state), do: state

  ## Telling

  defp crash(state, text) do
    tell(state, text)
    %{state | crashes: state.crashes + 1}
  end

  defp restarted(state, id, text) do
    restarts = Map.update(state.restarts, id, 1, &(&1 + 1))
    tell(state, "#{text} (restart #{restarts[id]})")
    %{state | restarts: restarts}
  end

  defp summary(state, text) do
    restarts = state.restarts |> Map.values() |> Enum.sum()
    tonnes = Counter.value(:tonnes) - state.tonnes_before

    tell(
      state,
      "#{text}: #{state.ships} ships, #{tonnes} t landed, " <>
        "#{state.crashes} broken on purpose, #{restarts} restarts in all"
    )
  end

  defp tell(state, text), do: IO.puts(state.out, "#{clock(state.minute)}  #{text}")

  defp tick(state) do
    Process.send_after(self(), :tick, state.tempo_ms)
    state
  end

  defp errand(fun) do
    day = self()
    {:ok, _} = Task.Supervisor.start_child(Errands, fn -> send(day, {:errand, fun.()}) end)
  end

  defp words(atom), do: atom |> Atom.to_string() |> String.replace("_", " ")
end
