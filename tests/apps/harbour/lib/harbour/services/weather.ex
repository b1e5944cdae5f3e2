defmodule Harbour.Services.Weather do
  @moduledoc """
  The weather. Each hour is observed once and then answered from the cache.
  """
  use Harbour.Service, path: "weather"

  alias Harbour.{Bulletin, Cache, Tide}

  @skies {"clear", "cloudy", "rain", "fog", "wind from the west"}

  @impl true
  def handle(params) do
    with {:ok, hour} <- hour(params) do
      {:ok, Cache.fetch(Cache, {:weather, hour}, 60_000, fn -> observe(hour) end)}
    end
  end

  defp hour(%{"hour" => text}) do
    case Integer.parse(text) do
      {hour, ""} when hour in 0..23 -> {:ok, hour}
      _ -> {:error, {:bad_hour, text}}
    end
  end

  defp hour(_), do: {:ok, 12}

  defp observe(hour) do
    Bulletin.publish(:weather, {:observed, hour})
    sky = elem(@skies, rem(hour * 7, tuple_size(@skies)))
    "#{sky}, tide #{:erlang.float_to_binary(Tide.at(hour * 60), decimals: 2)} m"
  end
end
