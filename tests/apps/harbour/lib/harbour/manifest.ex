defmodule Harbour.Manifest do
  @moduledoc """
  A ship's papers, two ways: as text for people, read lazily with `Stream`, and
  packed into bits for the radio.

      iex> text = ["# Aurora, from Oslo", "timber 120", "", "wine 4"]
      iex> text |> Harbour.Manifest.parse() |> Enum.to_list()
      [Harbour.Cargo.new("timber", 120), Harbour.Cargo.new("wine", 4)]
  """

  alias Harbour.Cargo

  @doc """
  Turns lines into cargoes, one at a time and only when asked for.

  A stream is a recipe. Nothing is read before somebody consumes it, and then
  no more than is consumed: the lines may be a file of any size.
  """
  def parse(lines) do
    lines
    |> Stream.map(&String.trim/1)
    |> Stream.reject(&(&1 == "" or String.starts_with?(&1, "#")))
    |> Stream.with_index(1)
    |> Stream.map(fn {line, number} -> parse_line(line, number) end)
  end

  defp parse_line(line, number) do
    with [goods, tonnes] <- String.split(line),
         {tonnes, ""} <- Integer.parse(tonnes) do
      Cargo.new(goods, tonnes)
    else
      _ -> raise ArgumentError, "entry #{number} of the manifest makes no sense: #{inspect(line)}"
    end
  end

  @doc "Splits cargoes into crane lifts of at most `lift` tonnes, lazily."
  def lifts(cargoes, lift) do
    Stream.flat_map(cargoes, fn cargo ->
      Stream.unfold(cargo.tonnes, fn
        0 -> nil
        left -> {{cargo.goods, min(left, lift)}, left - min(left, lift)}
      end)
    end)
  end

  @doc """
  Packs cargoes: a magic number, a version in 4 bits, a count in 12, and then for
  each entry the length of its name in 5 bits, the tonnes in 19, and the name.

      iex> Harbour.Manifest.encode([Harbour.Cargo.new("coal", 10)])
      <<0x48, 0x4D, 0x10, 0x01, 0x20, 0x00, 0x0A, "coal">>
  """
  def encode(cargoes) do
    entries =
      for %Cargo{goods: goods, tonnes: tonnes} <- cargoes, into: <<>> do
        <<byte_size(goods)::5, tonnes::19, goods::binary>>
      end

    <<"HM", 1::4, length(cargoes)::12, entries::binary>>
  end

  @doc "Unpacks what `encode/1` has packed: `{:ok, cargoes}` or `{:error, reason}`."
  def decode(<<"HM", 1::4, count::12, rest::binary>>), do: decode(rest, count, [])
  def decode(<<"HM", version::4, _::bitstring>>), do: {:error, {:unknown_version, version}}
  def decode(_), do: {:error, :not_a_manifest}

  defp decode(<<>>, 0, cargoes), do: {:ok, Enum.reverse(cargoes)}

  defp decode(<<size::5, tonnes::19, goods::binary-size(size), rest::binary>>, n, cargoes)
       when n > 0 do
    decode(rest, n - 1, [Cargo.new(goods, tonnes) | cargoes])
  end

  defp decode(rest, n, _), do: {:error, {:damaged, left: n, bytes: byte_size(rest)}}
end
