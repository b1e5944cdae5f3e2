defmodule Harbour.SortedFormatter do
  @moduledoc """
  Prints the results of a suite at its end, sorted by file and line, each with its
  evidence. A formatter is a `GenServer` to which ExUnit casts what happens.
  """
  use GenServer

  alias Harbour.Evidence

  @impl true
  def init(opts), do: {:ok, %{seed: opts[:seed], tests: [], broken_modules: []}}

  @impl true
  def handle_cast({:test_finished, test}, state) do
    {:noreply, %{state | tests: [test | state.tests]}}
  end

  def handle_cast({:module_finished, %{state: {:failed, failures}} = module}, state) do
    {:noreply, %{state | broken_modules: [{module, failures} | state.broken_modules]}}
  end

  def handle_cast({:suite_finished, times_us}, state) do
    tests = Enum.sort_by(state.tests, &{&1.tags.file, inspect(&1.module), &1.tags.line, &1.name})

    for {module, tests} <- Enum.chunk_by(tests, & &1.module) |> Enum.map(&{hd(&1).module, &1}) do
      IO.puts("\n#{inspect(module)}")
      Enum.each(tests, &print_test/1)
    end

    failed = Enum.filter(tests, &match?({:failed, _}, &1.state))
    for {test, number} <- Enum.with_index(failed, 1), do: print_failure(test, number)

    for {module, failures} <- state.broken_modules do
      IO.puts(ExUnit.Formatter.format_test_all_failure(module, failures, 0, 80, &plain/2))
    end

    IO.puts("\n" <> ExUnit.Formatter.format_times(times_us))
    IO.puts(counts(tests) <> "\n\nRandomized with seed #{state.seed}")
    {:noreply, state}
  end

  def handle_cast(_, state), do: {:noreply, state}

  defp print_test(test) do
    IO.puts("  #{mark(test.state)}  #{test.name}")

    for text <- Evidence.of(test.module, test.name), line <- String.split(text, "\n") do
      IO.puts(String.trim_trailing("        | " <> line))
    end
  end

  defp print_failure(%{state: {:failed, failures}} = test, number) do
    IO.puts("")
    IO.puts(ExUnit.Formatter.format_test_failure(test, failures, number, 80, &plain/2))
  end

  defp mark(nil), do: "ok    "
  defp mark({:failed, _}), do: "FAILED"
  defp mark({state, _}), do: String.pad_trailing(to_string(state), 6)

  defp counts(tests) do
    types = tests |> Enum.frequencies_by(& &1.tags.test_type) |> Enum.sort()
    states = Enum.frequencies_by(tests, &(&1.state && elem(&1.state, 0)))

    extra = for state <- [:invalid, :skipped, :excluded], n = states[state], do: ", #{n} #{state}"

    Enum.map_join(types, ", ", fn {type, n} -> "#{n} #{type}s" end) <>
      ", #{states[:failed] || 0} failures#{extra}"
  end

  # No colours and no highlighted differences.
  defp plain(:diff_enabled?, _), do: false
  defp plain(_, text), do: text
end
