defmodule Harbour.ManifestTest do
  use Harbour.Case

  alias Harbour.{Cargo, Manifest}

  @cargoes [
    Cargo.new("timber", 120),
    Cargo.new("wine", 4),
    Cargo.new("", 0),
    Cargo.new("salt", 524_287)
  ]

  test "a manifest is read no further than needed" do
    test = self()

    lines =
      Stream.resource(
        fn -> 1 end,
        fn n ->
          send(test, {:read, n})
          {["coal #{n}\n"], n + 1}
        end,
        fn n -> send(test, {:closed, n}) end
      )

    assert lines |> Manifest.parse() |> Enum.take(2) == [
             Cargo.new("coal", 1),
             Cargo.new("coal", 2)
           ]

    assert_receive {:closed, 3}
    assert_receive {:read, 2}
    refute_receive {:read, 3}
  end

  @tag :tmp_dir
  test "a manifest is read from a file", %{tmp_dir: dir} do
    path = Path.join(dir, "manifest.txt")
    File.write!(path, "# Aurora\n\n  timber   120\nwine 4\n")

    assert path |> File.stream!() |> Manifest.parse() |> Enum.map(&to_string/1) ==
             ["120 t of timber", "4 t of wine"]
  end

  test "what makes no sense is said to make none", context do
    error =
      assert_raise ArgumentError, fn ->
        ["timber 120", "wine a lot"] |> Manifest.parse() |> Stream.run()
      end

    show(context, Exception.message(error))
  end

  test "cargoes are split into lifts" do
    lifts = [Cargo.new("timber", 25), Cargo.new("wine", 4)] |> Manifest.lifts(10)
    assert Enum.to_list(lifts) == [{"timber", 10}, {"timber", 10}, {"timber", 5}, {"wine", 4}]

    assert [Cargo.new("coal", 1_000_000_000_000)] |> Manifest.lifts(1) |> Enum.take(1) |> length() ==
             1
  end

  test "what is packed can be unpacked" do
    packed = Manifest.encode(@cargoes)
    assert byte_size(packed) == 4 + 4 * 3 + byte_size("timberwinesalt")
    assert Manifest.decode(packed) == {:ok, @cargoes}
    assert Manifest.decode(Manifest.encode([])) == {:ok, []}
  end

  test "every prefix of a packed manifest is found to be damaged" do
    packed = Manifest.encode(@cargoes)

    for size <- 0..(byte_size(packed) - 1) do
      assert {:error, _} = packed |> binary_part(0, size) |> Manifest.decode()
    end

    assert Manifest.decode(packed <> "!") == {:error, {:damaged, left: 0, bytes: 1}}
    assert Manifest.decode(<<"HM", 2::4, 0::12>>) == {:error, {:unknown_version, 2}}
    assert Manifest.decode("ship") == {:error, :not_a_manifest}
  end

  test "a manifest of four thousand entries survives the radio" do
    cargoes = for n <- 1..4095, do: Cargo.new(String.duplicate("x", rem(n, 32)), n * 7)
    packed = Manifest.encode(cargoes)
    assert Manifest.decode(packed) == {:ok, cargoes}

    assert Manifest.decode(IO.iodata_to_binary(for <<byte <- packed>>, do: byte)) ==
             {:ok, cargoes}
  end

  test "dues are what the protocol says, for anything" do
    assert Harbour.Dues.of(@cargoes) == 360 + 36 + 0 + 2 * 524_287
    assert Harbour.Dues.of(:empty) == 0
    assert Protocol.consolidated?(Harbour.Dues)
  end
end
