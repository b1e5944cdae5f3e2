defmodule Harbour.DoctestTest do
  use Harbour.Case

  doctest Harbour.Bulletin
  doctest Harbour.Cargo
  doctest Harbour.Counter
  doctest Harbour.Day
  doctest Harbour.Desk
  doctest Harbour.Evidence
  doctest Harbour.Ledger
  doctest Harbour.Logbook
  doctest Harbour.Machine
  doctest Harbour.Manifest
  doctest Harbour.Names
  doctest Harbour.Tide
end
