# Read each time the system boots, in `mix run` and in a release alike: the only
# one of these files that sees the environment of the machine it runs on.
#
#   HARBOUR_DAYS      how many days to play: a number, 0 for none, or "forever".
#                     `bin/harbour start` plays forever, every other command none.
#   HARBOUR_TEMPO_MS  milliseconds for ten minutes of harbour time
#   HARBOUR_DESK      "on": take orders from standard input
#   HARBOUR_GREETING  the first line of the day
import Config

if config_env() != :test do
  default_days = if System.get_env("RELEASE_COMMAND") == "start", do: "forever", else: "0"

  days =
    case System.get_env("HARBOUR_DAYS", default_days) do
      "forever" -> :forever
      number -> String.to_integer(number)
    end

  config :harbour,
    days: days,
    tempo_ms: String.to_integer(System.get_env("HARBOUR_TEMPO_MS", "60")),
    desk: System.get_env("HARBOUR_DESK") == "on"

  if greeting = System.get_env("HARBOUR_GREETING") do
    config :harbour, greeting: greeting
  end
end
