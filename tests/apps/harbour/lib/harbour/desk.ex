defmodule Harbour.Desk do
  @moduledoc """
  The harbour master's desk: orders from standard input, one to a line.

  It serves without a socket, which makes a harbour that anything with a pipe can
  talk to:

      (echo "kill crane north"; sleep 1; echo close) |
        HARBOUR_DESK=on bin/harbour start

  The desk is a `Task`: a process that runs one function. When the input ends, so
  does the function. It returns, and a `:transient` child that returns is left
  alone; the harbour stays open.
  """
  use Task, restart: :transient

  alias Harbour.{Cargo, EntranceLight, Fleet, Gateway, Logbook, Machine}

  def start_link(_opts), do: Task.start_link(__MODULE__, :run, [])

  def run do
    IO.stream(:stdio, :line)
    |> Stream.map(&String.trim/1)
    |> Stream.reject(&(&1 == ""))
    |> Enum.each(&IO.puts("desk   " <> obey(&1)))
  end

  @doc """
  Does what a line says, and returns what to answer.

      iex> Harbour.Desk.obey("kill crane nowhere")
      "there is no crane nowhere"
      iex> Harbour.Desk.obey("get /tariff?goods=wine&tonnes=4")
      "200 4 t of wine: 36 crowns"
      iex> Harbour.Desk.obey("sing")
      "orders: close, dock NAME GOODS TONNES, get PATH, jam KIND NAME, " <>
        "kill KIND NAME, light, log, off NAME, status"
  """
  def obey(line) do
    line |> String.split() |> order()
  catch
    :exit, {{%{__exception__: true} = error, _stack}, _call} ->
      "it crashed: " <> Exception.message(error)

    :exit, {:noproc, _call} ->
      "nobody there"
  end

  defp order(["status"]), do: inspect(Map.to_list(Harbour.status()))
  defp order(["light"]), do: "the light is #{EntranceLight.colour(EntranceLight)}"
  defp order(["log"]), do: Logbook.recent() |> Enum.take(-5) |> inspect()

  defp order(["get", path]) do
    {status, text} = Gateway.get(path)
    "#{status} #{text}"
  end

  defp order(["kill", kind, name]) do
    with {:ok, id} <- machine(kind, name) do
      Machine.kill(id)
      "#{kind} #{name} is killed"
    end
  end

  defp order(["jam", kind, name]) do
    with {:ok, id} <- machine(kind, name), do: Machine.jam(id)
  end

  defp order(["dock", name, goods, tonnes]) do
    with {tonnes, ""} when tonnes >= 0 <- Integer.parse(tonnes),
         {:ok, _pid} <- Fleet.dock(name, Cargo.new(goods, tonnes)) do
      "#{name} is docked"
    else
      {:error, reason} -> "#{name} is not docked: #{reason}"
      _ -> "#{tonnes} is no tonnage"
    end
  end

  defp order(["off", name]) do
    case Fleet.cast_off(name) do
      :ok -> "#{name} has cast off"
      {:error, reason} -> "#{name}: #{reason}"
    end
  end

  defp order(["close"]) do
    System.stop(0)
    "closing"
  end

  defp order(_) do
    "orders: close, dock NAME GOODS TONNES, get PATH, jam KIND NAME, " <>
      "kill KIND NAME, light, log, off NAME, status"
  end

  # Words from outside never become new atoms: there is no bottom to that well.
  defp machine(kind, name) do
    id = {String.to_existing_atom(kind), String.to_existing_atom(name)}
    if Harbour.Names.whereis(id), do: {:ok, id}, else: "there is no #{kind} #{name}"
  rescue
    ArgumentError -> "there is no #{kind} #{name}"
  end
end
