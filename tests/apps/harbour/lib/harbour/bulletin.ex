defmodule Harbour.Bulletin do
  @moduledoc """
  Publish and subscribe: the bulletin board.

  A `Registry` with duplicate keys is all it takes. Every subscriber is an
  entry under its topic, and publishing sends to all entries. Nobody has to
  unsubscribe: a process that dies takes its entries with it.

      iex> Harbour.Bulletin.subscribe(:doc_weather)
      iex> Harbour.Bulletin.publish(:doc_weather, "fog")
      1
      iex> receive do message -> message end
      {:bulletin, :doc_weather, "fog"}
  """

  def child_spec(_), do: Registry.child_spec(keys: :duplicate, name: __MODULE__)

  @doc "Sends `{:bulletin, topic, message}` to the caller from now on."
  def subscribe(topic) do
    {:ok, _} = Registry.register(__MODULE__, topic, nil)
    :ok
  end

  def unsubscribe(topic), do: Registry.unregister(__MODULE__, topic)

  @doc "Tells all subscribers and returns how many there were."
  def publish(topic, message) do
    entries = Registry.lookup(__MODULE__, topic)
    for {pid, _} <- entries, do: send(pid, {:bulletin, topic, message})
    length(entries)
  end
end
