defmodule Harbour.Logbook.Watch do
  @moduledoc """
  Keeps the handlers of a logbook installed.

  `:gen_event.add_sup_handler/3` links the handler to this process: it gets
  `{:gen_event_EXIT, handler, reason}` when the handler is gone, and the handler
  is removed should this process die.
  """
  use GenServer

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

  @impl true
  def init(opts) do
    state = %{manager: opts[:manager], handlers: Map.new(opts[:handlers])}
    for handler <- Map.keys(state.handlers), do: :ok = install(handler, state)
    {:ok, state}
  end

  @impl true
  def handle_info({:gen_event_EXIT, _handler, reason}, state)
      when reason in [:normal, :shutdown] do
    {:noreply, state}
  end

  def handle_info({:gen_event_EXIT, handler, _reason}, state) do
    :ok = install(handler, state)
    Harbour.Bulletin.publish(:logbook, {:handler_restored, handler})
    {:noreply, state}
  end

  defp install(handler, state) do
    :gen_event.add_sup_handler(state.manager, handler, Map.fetch!(state.handlers, handler))
  end
end
