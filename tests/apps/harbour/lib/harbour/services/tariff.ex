defmodule Harbour.Services.Tariff do
  @moduledoc """
  What it costs to land a cargo. It computes, and keeps nothing: no process.
  """
  use Harbour.Service, path: "tariff"

  alias Harbour.{Cargo, Dues}

  @impl true
  def handle(%{"goods" => goods, "tonnes" => tonnes}) do
    # A tonnage that is no number does not match here, and that is the caller's 500.
    {tonnes, ""} = Integer.parse(tonnes)
    cargo = Cargo.new(goods, tonnes)
    {:ok, "#{cargo}: #{Dues.of(cargo)} crowns"}
  end

  def handle(params), do: {:error, {:missing, Enum.sort(["goods", "tonnes"] -- Map.keys(params))}}
end
