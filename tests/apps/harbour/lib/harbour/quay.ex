defmodule Harbour.Quay do
  @moduledoc """
  A supervisor of supervisors: the three classic strategies side by side.

      Harbour.Quay
       |-- Harbour.Cranes      one_for_one    strangers
       |-- Harbour.SeaLock     one_for_all    must agree
       |-- Harbour.PowerLine   rest_for_one   each feeds the next

  If one of them gives up, it is started anew from here, fresh: a failure that
  is not mended locally goes one level up, where more is thrown away and more can
  be repaired.
  """
  use Supervisor

  def start_link(opts \\ []), do: Supervisor.start_link(__MODULE__, opts, name: __MODULE__)

  @impl true
  def init(_opts) do
    Supervisor.init(
      [
        {Harbour.Cranes, name: Harbour.Cranes},
        {Harbour.SeaLock, name: Harbour.SeaLock},
        {Harbour.PowerLine, name: Harbour.PowerLine}
      ],
      strategy: :one_for_one
    )
  end
end
