defmodule Harbour.Application do
  @moduledoc """
  What starts with the harbour, in order, and what happens when it stops.

  The top is `:rest_for_one`: each child may rely on those above it, and the
  names and the bulletin board, on which all others rely, come first. They stop in
  the opposite order, so the day ends before the cranes are switched off.
  """
  use Application

  @impl true
  def start(_type, _args) do
    children =
      [
        Harbour.Names,
        Harbour.Bulletin,
        Harbour.Logbook,
        Harbour.Cache,
        Harbour.Tide,
        {Harbour.Counter, name: :tonnes},
        {Harbour.Ledger, name: :holds},
        Harbour.Quay,
        Harbour.Customs,
        Harbour.Fleet,
        Harbour.Radio,
        {Harbour.EntranceLight, name: Harbour.EntranceLight},
        {Harbour.Services.Pilots, name: Harbour.Services.Pilots, pilots: ~w(Ida Jon Kim)},
        # The breakers cool down for an hour of harbour time.
        {Harbour.Gateway, cool_ms: 6 * env(:tempo_ms)},
        {Task.Supervisor, name: Harbour.Errands}
      ] ++ optional()

    Supervisor.start_link(children,
      strategy: :rest_for_one,
      name: Harbour.Supervisor,
      max_restarts: 10
    )
  end

  # What only a harbour that is open to the public has.
  defp optional do
    day = if env(:days) != 0, do: [{Harbour.Day, days: env(:days), tempo_ms: env(:tempo_ms)}]
    desk = if env(:desk), do: [Harbour.Desk]
    List.wrap(day) ++ List.wrap(desk)
  end

  # A release upgrade, or whoever plays one, has changed our environment. What
  # reads it anew each time needs no telling; the light holds its own copy.
  @impl true
  def config_change(changed, new, removed) do
    if light = changed[:light], do: Harbour.EntranceLight.retime(Harbour.EntranceLight, light)

    Harbour.Bulletin.publish(
      :config,
      {:config_changed, Keyword.keys(changed), Keyword.keys(new), removed}
    )

    :ok
  end

  # Everything still runs here: the last chance to write something down.
  @impl true
  def prep_stop(state) do
    Harbour.Logbook.sync_write(:stopping)
    state
  end

  defp env(key), do: Application.fetch_env!(:harbour, key)
end
