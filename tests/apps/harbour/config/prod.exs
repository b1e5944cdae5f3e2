import Config

# A crash is one line on the terminal; the logbook has the story.
config :logger, Harbour.LogBackend, output: :first_line
