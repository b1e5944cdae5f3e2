defmodule Harbour.Logbook do
  @moduledoc """
  The event logger, on `:gen_event`.

  One process, the manager, and any number of handlers inside it, each with a
  state of its own. `write/2` returns at once; every handler sees the event.

  A handler that crashes is thrown out and the manager lives on. That is the
  point of `:gen_event`, and its trap: nobody restarts a handler. So
  `Harbour.Logbook.Watch` installs them with a link to itself, and when told
  that one has gone, installs it anew.
  """
  use Supervisor

  alias Harbour.Logbook.{Memory, Tally, Watch}

  def start_link(opts \\ []) do
    Supervisor.start_link(__MODULE__, Keyword.put_new(opts, :name, __MODULE__))
  end

  def child_spec(opts) do
    Supervisor.child_spec(super(opts), id: Keyword.get(opts, :name, __MODULE__))
  end

  # rest_for_one: without a manager there is nothing to watch.
  @impl true
  def init(opts) do
    manager = manager(opts[:name])
    handlers = Keyword.get(opts, :handlers, [{Memory, 100}, {Tally, []}])

    Supervisor.init(
      [
        %{id: :manager, start: {:gen_event, :start_link, [{:local, manager}]}, modules: :dynamic},
        {Watch, manager: manager, handlers: handlers}
      ],
      strategy: :rest_for_one
    )
  end

  @doc "Tells all handlers that `what` happened."
  def write(logbook \\ __MODULE__, what), do: :gen_event.notify(manager(logbook), {:event, what})

  @doc "The same, and waits until they have all seen it."
  def sync_write(logbook \\ __MODULE__, what) do
    :gen_event.sync_notify(manager(logbook), {:event, what})
  end

  @doc "The latest events, oldest first."
  def recent(logbook \\ __MODULE__), do: :gen_event.call(manager(logbook), Memory, :recent)

  @doc "How often each kind of event was seen."
  def tally(logbook \\ __MODULE__), do: :gen_event.call(manager(logbook), Tally, :tally)

  def handlers(logbook \\ __MODULE__) do
    logbook |> manager() |> :gen_event.which_handlers() |> Enum.sort()
  end

  def manager(logbook), do: Module.concat(logbook, Manager)

  @doc """
  The kind of an event: the event itself, or the first element of a tuple.

      iex> Harbour.Logbook.kind({:arrived, "Aurora"})
      :arrived
      iex> Harbour.Logbook.kind(:fog)
      :fog
  """
  def kind(what) when is_tuple(what), do: elem(what, 0)
  def kind(what), do: what
end
