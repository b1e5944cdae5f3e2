defmodule Harbour.Gateway do
  @moduledoc ~S"""
  One door, many services.

      Harbour.Gateway.get("/weather?hour=7")   #=> {200, "wind from the west, tide 0.90 m"}

  The gateway finds the service by the first part of the path and asks it in a
  process of its own, behind that service's circuit breaker. Whatever happens to
  that process becomes a status:

    * 200 an answer, 400 the service said no, 404 there is no such service
    * 500 it crashed, 504 it was too slow and was stopped
    * 503 its breaker is open, and it was not asked at all

  The caller is never harmed: `Task.Supervisor.async_nolink/3` monitors the
  process that does the work, where `Task.async/1` would also link to it.
  """
  use Supervisor

  alias Harbour.{Breaker, Logbook}
  alias Harbour.Services.{Pilots, Tariff, Weather}

  @services [Weather, Pilots, Tariff]

  def start_link(opts \\ []) do
    Supervisor.start_link(__MODULE__, Keyword.put_new(opts, :name, __MODULE__))
  end

  def child_spec(opts) do
    Supervisor.child_spec(super(opts), id: Keyword.get(opts, :name, __MODULE__))
  end

  # Options: `:services` (modules), `:max_failures` and `:cool_ms` for their
  # breakers. The routes are settled at the start and read by every request, so
  # they are a persistent term: reading one copies nothing and asks nobody.
  @impl true
  def init(opts) do
    name = opts[:name]
    services = Keyword.get(opts, :services, @services)
    routes = Map.new(services, &{&1.path(), &1})
    :persistent_term.put({__MODULE__, name}, routes)

    breakers =
      for path <- Map.keys(routes) do
        {Breaker, [name: {name, path}] ++ Keyword.take(opts, [:max_failures, :cool_ms])}
      end

    Supervisor.init(
      [{Task.Supervisor, name: tasks(name)} | breakers],
      strategy: :one_for_one
    )
  end

  @doc """
  Asks for a path such as `/weather?hour=7`, and returns `{status, text}`.
  Options: `:timeout_ms`, and `:gateway` for another than the usual one.
  """
  def get(request, opts \\ []) do
    gateway = Keyword.get(opts, :gateway, __MODULE__)
    %URI{path: path, query: query} = URI.parse(request)
    service = path |> to_string() |> String.trim("/")
    params = URI.decode_query(query || "")

    reply =
      case :persistent_term.get({__MODULE__, gateway}) do
        %{^service => module} -> ask(gateway, service, module, params, opts)
        %{} -> {404, "no service #{inspect(service)}"}
      end

    Logbook.write({:request, request, elem(reply, 0)})
    reply
  end

  def breaker(gateway \\ __MODULE__, service), do: Breaker.state({gateway, service})

  defp ask(gateway, service, module, params, opts) do
    timeout_ms = Keyword.get(opts, :timeout_ms, 1_000)

    result =
      Breaker.run({gateway, service}, fn ->
        task = Task.Supervisor.async_nolink(tasks(gateway), module, :handle, [params])

        case Task.yield(task, timeout_ms) || Task.shutdown(task, :brutal_kill) do
          # To say no is an answer: the breaker counts only what is broken.
          {:ok, {:error, reason}} -> {:ok, {400, inspect(reason)}}
          {:ok, {:ok, text}} -> {:ok, {200, text}}
          {:exit, reason} -> {:error, {500, crash(reason)}}
          nil -> {:error, {504, "no answer in #{timeout_ms} ms"}}
        end
      end)

    case result do
      {:ok, reply} -> reply
      {:error, :breaker_open} -> {503, "#{service} is out of order"}
      {:error, reply} -> reply
    end
  end

  # A process that raised exits with the error and its stack trace. The first line
  # of its message is for the caller; the rest is in the log.
  defp crash({error, stacktrace}) when is_list(stacktrace) do
    :error
    |> Exception.normalize(error, stacktrace)
    |> Exception.message()
    |> String.split("\n")
    |> hd()
  end

  defp crash(reason), do: inspect(reason)

  defp tasks(gateway), do: Module.concat(gateway, Tasks)
end
