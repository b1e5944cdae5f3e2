defmodule Harbour.Logbook.Memory do
  @moduledoc "A handler that keeps the last events."
  @behaviour :gen_event

  @impl true
  def init(limit), do: {:ok, %{limit: limit, size: 0, events: :queue.new()}}

  @impl true
  def handle_event({:event, what}, %{size: size, limit: limit} = state) do
    events = :queue.in(what, state.events)

    if size < limit do
      {:ok, %{state | events: events, size: size + 1}}
    else
      {:ok, %{state | events: :queue.drop(events)}}
    end
  end

  @impl true
  def handle_call(:recent, state), do: {:ok, :queue.to_list(state.events), state}
end
