Harbour.Evidence.open()

# From here on supervisors report what they restart, and at this level crash
# reports show the state of the process and who had called it. Set any earlier, it
# would make everything that starts before the tests say so on the terminal.
:ok = Application.stop(:logger)
Application.put_env(:logger, :handle_sasl_reports, true)
Application.put_env(:logger, :level, :debug)
:ok = Application.start(:logger)

# Modules are loaded in parallel, in any order, so a formatter that prints as it
# goes cannot print the same twice. This one waits, and sorts. To see the tests as
# they run: mix test --trace --formatter ExUnit.CLIFormatter
ExUnit.start(
  formatters: [Harbour.SortedFormatter],
  assert_receive_timeout: 5_000,
  refute_receive_timeout: 50
)
