# Read when the project is compiled, and written into a release as sys.config.
import Config

config :harbour,
  berths: 3,
  customs_desks: 2

# Our own backend instead of Logger's console: see Harbour.LogBackend.
config :logger,
  backends: [Harbour.LogBackend],
  level: :info

config :logger, Harbour.LogBackend, output: :first_line

import_config "#{config_env()}.exs"
