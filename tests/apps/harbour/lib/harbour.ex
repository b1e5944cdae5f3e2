defmodule Harbour do
  @moduledoc """
  A small harbour, run by processes.

  Each module under `Harbour` shows one idea of OTP at work, small enough to be
  read in one sitting. Start with `Harbour.Counter`, then follow the tour in
  README.md. `Harbour.Application` shows how the parts stand together.
  """

  @doc "What the harbour says to whoever comes in. Configuration may change it."
  def greeting, do: Application.fetch_env!(:harbour, :greeting)

  @doc "A summary of the running harbour, as a map."
  def status do
    %{
      berths: Harbour.Fleet.capacity(),
      docked: Harbour.Fleet.docked(),
      light: Harbour.EntranceLight.colour(Harbour.EntranceLight),
      tonnes: Harbour.Counter.value(:tonnes),
      tide: Harbour.Tide.level(Harbour.Tide)
    }
  end

  @doc """
  The greeting, and what it runs on.

  `bin/harbour eval` starts no applications, and so ours may have to be loaded
  for its configuration to be known.
  """
  def hello do
    Application.load(:harbour)
    "#{greeting()} (Elixir #{System.version()}, OTP #{System.otp_release()})"
  end
end
