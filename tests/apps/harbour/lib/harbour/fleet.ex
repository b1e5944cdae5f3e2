defmodule Harbour.Fleet do
  @moduledoc """
  `DynamicSupervisor`: children that are not known beforehand.

  Ships come when they come. `:max_children` is the number of berths: when all
  are taken, the supervisor says so, and nobody had to count.
  """
  use DynamicSupervisor

  alias Harbour.{Cargo, Names, Ship}

  def start_link(opts \\ []) do
    opts = Keyword.put_new(opts, :name, __MODULE__)
    DynamicSupervisor.start_link(__MODULE__, opts, name: opts[:name])
  end

  @impl true
  def init(opts) do
    berths = Keyword.get_lazy(opts, :berths, fn -> Application.fetch_env!(:harbour, :berths) end)
    :persistent_term.put({__MODULE__, opts[:name]}, berths)
    DynamicSupervisor.init(strategy: :one_for_one, max_children: berths, max_restarts: 20)
  end

  @doc """
  Brings a ship in: `{:ok, pid}`, or `{:error, reason}` with a reason to print.
  Options are those of the ship, and `:fleet` for another than the usual one.
  """
  def dock(name, %Cargo{} = cargo, opts \\ []) do
    {fleet, opts} = Keyword.pop(opts, :fleet, __MODULE__)

    case DynamicSupervisor.start_child(fleet, {Ship, [name: name, cargo: cargo] ++ opts}) do
      {:ok, pid} -> {:ok, pid}
      {:error, :max_children} -> {:error, :no_free_berth}
      {:error, {:already_started, _}} -> {:error, :already_docked}
    end
  end

  @doc "Sends a ship away, loaded or not."
  def cast_off(fleet \\ __MODULE__, name) do
    case Names.whereis({:ship, name}) do
      nil -> {:error, :not_docked}
      pid -> DynamicSupervisor.terminate_child(fleet, pid)
    end
  end

  def docked, do: Names.list(:ship)
  def capacity(fleet \\ __MODULE__), do: :persistent_term.get({__MODULE__, fleet})
  def occupied(fleet \\ __MODULE__), do: DynamicSupervisor.count_children(fleet).active
end
