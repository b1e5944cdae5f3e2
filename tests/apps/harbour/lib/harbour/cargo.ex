defmodule Harbour.Cargo do
  @moduledoc """
  A struct, and what protocols can do for it.

      iex> cargo = Harbour.Cargo.new("timber", 120)
      iex> "aboard: \#{cargo}"
      "aboard: 120 t of timber"
      iex> inspect(cargo)
      "#Cargo<120 t of timber>"
      iex> Harbour.Dues.of([cargo, Harbour.Cargo.new("coal", 10)])
      370
  """
  @enforce_keys [:goods, :tonnes]
  defstruct [:goods, :tonnes]

  @type t :: %__MODULE__{goods: String.t(), tonnes: non_neg_integer}

  @spec new(String.t(), non_neg_integer) :: t
  def new(goods, tonnes) when is_binary(goods) and is_integer(tonnes) and tonnes >= 0 do
    %__MODULE__{goods: goods, tonnes: tonnes}
  end

  defimpl String.Chars do
    def to_string(cargo), do: "#{cargo.tonnes} t of #{cargo.goods}"
  end

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(cargo, _opts), do: concat(["#Cargo<", to_string(cargo), ">"])
  end
end

defprotocol Harbour.Dues do
  @moduledoc "What must be paid for a thing that is landed, in crowns."
  @fallback_to_any true
  def of(thing)
end

defimpl Harbour.Dues, for: Harbour.Cargo do
  @rates %{"timber" => 3, "coal" => 1, "wine" => 9}

  def of(cargo), do: cargo.tonnes * Map.get(@rates, cargo.goods, 2)
end

defimpl Harbour.Dues, for: List do
  def of(list), do: list |> Enum.map(&Harbour.Dues.of/1) |> Enum.sum()
end

defimpl Harbour.Dues, for: Any do
  def of(_), do: 0
end
