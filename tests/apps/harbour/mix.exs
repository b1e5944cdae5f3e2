defmodule Harbour.MixProject do
  use Mix.Project

  def project do
    [
      app: :harbour,
      version: "1.0.0",
      elixir: "~> 1.14",
      elixirc_paths: elixirc_paths(Mix.env()),
      start_permanent: Mix.env() == :prod,
      # Nothing but Elixir and OTP: no network and no Hex is ever needed.
      deps: [],
      releases: releases()
    ]
  end

  def application do
    [
      mod: {Harbour.Application, []},
      extra_applications: [:logger],
      # Defaults of the application environment. config/*.exs lies over these,
      # and config/runtime.exs over both.
      env: [
        greeting: "Welcome to the harbour",
        berths: 3,
        customs_desks: 2,
        light: [red: 240, green: 300, amber: 60],
        days: 0,
        tempo_ms: 60,
        desk: false
      ]
    ]
  end

  # A release holds the compiled applications, a boot script and sys.config.
  # Without `include_erts` it runs on whichever `erl` comes first in the PATH;
  # HARBOUR_ERTS may name the erts folder of a virtual machine to pack instead.
  defp releases do
    [
      harbour: [
        include_executables_for: [:unix],
        include_erts: System.get_env("HARBOUR_ERTS") || false
      ]
    ]
  end

  defp elixirc_paths(:test), do: ["lib", "test/support"]
  defp elixirc_paths(_), do: ["lib"]
end
