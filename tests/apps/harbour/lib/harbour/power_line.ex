defmodule Harbour.PowerLine do
  @moduledoc """
  `:rest_for_one`: each link feeds the next one.

      generator  ->  cold store  ->  alarm

  When a link breaks, everything after it has lost its feed, and is restarted
  in order. What comes before it never notices.
  """
  use Supervisor

  def start_link(opts \\ []) do
    Supervisor.start_link(__MODULE__, opts, Keyword.take(opts, [:name]))
  end

  @impl true
  def init(opts) do
    quay = Keyword.get(opts, :quay, :main)
    generator = {:generator, quay}
    cold_store = {:cold_store, quay}
    alarm = {:alarm, quay}

    Supervisor.init(
      [
        {Harbour.Machine, id: generator},
        {Harbour.Machine, id: cold_store, needs: generator},
        {Harbour.Machine, id: alarm, needs: cold_store}
      ],
      strategy: :rest_for_one
    )
  end
end
