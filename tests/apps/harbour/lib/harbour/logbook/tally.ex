defmodule Harbour.Logbook.Tally do
  @moduledoc """
  A handler that counts events by kind, and that knows only so many kinds.

  It takes kinds that are atoms. Anything else is an event that its author
  never thought of, and crashes it: `Harbour.Logbook.Watch` is for that.
  """
  @behaviour :gen_event

  @impl true
  def init(_), do: {:ok, %{}}

  @impl true
  def handle_event({:event, what}, counts) do
    case Harbour.Logbook.kind(what) do
      kind when is_atom(kind) -> {:ok, Map.update(counts, kind, 1, &(&1 + 1))}
    end
  end

  @impl true
  def handle_call(:tally, counts), do: {:ok, counts, counts}
end
