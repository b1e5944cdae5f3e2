defmodule Harbour.Survey do
  @moduledoc """
  `Task.async_stream`: look at many ships at once, but not at all at once.

  At most `:inspectors` surveys run at the same time, each in a process of its
  own, and the results come in the order of the ships. An inspector who does not
  come back in time is stopped, and counts as `:overdue`. One who finds nothing
  but trouble takes the process down with him: that is `:abandoned`.
  """

  @doc "Runs `fun` for each ship and returns `[{ship, {:ok, result} | :overdue | :abandoned}]`."
  def run(supervisor, ships, fun, opts \\ []) do
    supervisor
    |> Task.Supervisor.async_stream_nolink(ships, fun,
      max_concurrency: Keyword.get(opts, :inspectors, 2),
      timeout: Keyword.get(opts, :timeout_ms, 1_000),
      on_timeout: :kill_task
    )
    |> Enum.zip_with(ships, fn
      {:ok, result}, ship -> {ship, {:ok, result}}
      {:exit, :timeout}, ship -> {ship, :overdue}
      {:exit, _reason}, ship -> {ship, :abandoned}
    end)
  end
end
