defmodule Harbour.Evidence do
  @moduledoc """
  What tests want printed beneath their names: crash reports above all.

  It stands in the suite's output, so that two runs, or two virtual machines, can
  be compared by what they say and not only by what they count.
  """

  @doc "Opens the book. It belongs to the calling process."
  def open, do: :ets.new(__MODULE__, [:named_table, :public, :duplicate_bag])

  @doc "Notes a text for the test whose context this is, with pids taken out."
  def show(%{module: module, test: test}, text) do
    :ets.insert(__MODULE__, {{module, test}, anonymous(text)})
    text
  end

  def of(module, test), do: for({_, text} <- :ets.lookup(__MODULE__, {module, test}), do: text)

  @doc """
  Takes out what is different each time.

      iex> Harbour.Evidence.anonymous("from #PID<0.101.0>, #Reference<0.1.2.3>")
      "from #PID<...>, #Reference<...>"
  """
  def anonymous(text) do
    text
    |> String.replace(~r/#(PID|Reference|Port)<[\d.]+>/, "#\\1<...>")
    |> String.replace(~r/^(Heap Size|Stack Size|Reductions): \d+/m, "\\1: ...")
  end
end
