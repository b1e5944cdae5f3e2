defmodule Harbour.GatewayTest do
  use Harbour.Case

  alias Harbour.{Gateway, Logbook}

  # A service that does whatever it is asked to.
  defmodule Puppet do
    use Harbour.Service, path: "puppet"

    @impl true
    def handle(%{"do" => "answer"} = params), do: {:ok, "hello " <> params["to"]}
    def handle(%{"do" => "refuse"}), do: {:error, :not_today}
    def handle(%{"do" => "raise"}), do: raise("strings are cut")
    def handle(%{"do" => "exit"}), do: exit(:stage_left)
    def handle(%{"do" => "hang"}), do: Process.sleep(:infinity)
    def handle(%{"do" => "die"}), do: Process.exit(self(), :kill)
  end

  setup do
    start_supervised!(
      {Gateway, name: TestGateway, services: [Puppet], max_failures: 3, cool_ms: 50}
    )

    :ok
  end

  defp get(request, opts \\ []), do: Gateway.get(request, [gateway: TestGateway] ++ opts)

  test "answers" do
    assert get("/puppet?do=answer&to=the%20sea") == {200, "hello the sea"}
    assert get("/puppet?do=refuse") == {400, ":not_today"}
    assert get("/theatre") == {404, "no service \"theatre\""}
    assert get("") == {404, "no service \"\""}
  end

  test "whatever happens in a service, the caller gets a status", context do
    log =
      log_of("strings are cut", fn ->
        assert get("/puppet?do=raise") == {500, "strings are cut"}
      end)

    show(context, log)
    assert get("/puppet?do=exit") == {500, ":stage_left"}
    assert get("/puppet?do=answer&to=you") == {200, "hello you"}
    assert get("/puppet?do=die") == {500, ":killed"}
    assert get("/puppet?do=hang", timeout_ms: 20) == {504, "no answer in 20 ms"}
    assert Task.Supervisor.children(TestGateway.Tasks) == []
  end

  test "a service that keeps failing is left alone for a while" do
    for _ <- 1..3, do: assert({500, _} = get("/puppet?do=exit"))
    assert get("/puppet?do=answer&to=you") == {503, "puppet is out of order"}
    assert Gateway.breaker(TestGateway, "puppet") == :open
    eventually(fn -> Gateway.breaker(TestGateway, "puppet") == :half_open end)
    assert get("/puppet?do=answer&to=you") == {200, "hello you"}
    assert Gateway.breaker(TestGateway, "puppet") == :closed
  end

  test "to say no is no failure" do
    for _ <- 1..5, do: assert({400, _} = get("/puppet?do=refuse"))
    assert Gateway.breaker(TestGateway, "puppet") == :closed
  end

  test "slow requests do not hold up others" do
    slow = Task.async(fn -> get("/puppet?do=hang", timeout_ms: 300) end)

    replies =
      1..20
      |> Task.async_stream(&get("/puppet?do=answer&to=#{&1}"), max_concurrency: 20)
      |> Enum.map(fn {:ok, {200, text}} -> text end)

    assert replies == for(n <- 1..20, do: "hello #{n}")
    assert Task.await(slow) == {504, "no answer in 300 ms"}
  end

  test "requests are in the logbook" do
    get("/puppet?do=refuse")
    assert {:request, "/puppet?do=refuse", 400} in Logbook.recent()
  end

  test "the harbour's own services" do
    assert Gateway.get("/weather?hour=7") == {200, "wind from the west, tide 0.90 m"}
    assert Gateway.get("/weather?hour=25") == {400, "{:bad_hour, \"25\"}"}
    assert Gateway.get("/tariff?goods=wine&tonnes=4") == {200, "4 t of wine: 36 crowns"}
    assert Gateway.get("/tariff?goods=wine") == {400, "{:missing, [\"tonnes\"]}"}
    assert Gateway.get("/tariff?goods=wine&tonnes=few") |> elem(0) == 500
    assert Gateway.get("/pilots") == {200, "free pilots: Ida, Jon, Kim"}
  end
end
