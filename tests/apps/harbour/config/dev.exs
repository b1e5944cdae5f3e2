import Config

config :logger, Harbour.LogBackend, output: :full
