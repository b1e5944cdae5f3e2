import Config

# The tests crash things by the dozen. The backend stays silent, and hands the
# reports to the test that asked for them.
config :logger, level: :notice

config :logger, Harbour.LogBackend, output: :none

# Short times: no test waits long for a state or for a reply.
config :harbour,
  greeting: "Welcome to the test harbour",
  light: [red: 60, green: 60, amber: 30]
