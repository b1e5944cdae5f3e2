defmodule Harbour.Names do
  @moduledoc """
  Names for processes that come and go.

  An atom is a fine name for a process that there is only one of. Atoms are
  never freed, though, so ships and rooms get their names from a `Registry`: a
  name there is any term, and it vanishes with the process that holds it.

  A `:via` tuple tells `GenServer` and friends whom to ask about a name.
  """

  @registry Harbour.Registry

  def child_spec(_), do: Registry.child_spec(keys: :unique, name: @registry)

  @doc """
  The `:via` tuple that stands for `id`, to register under or to call.

      iex> Harbour.Names.via({:crane, :north})
      {:via, Registry, {Harbour.Registry, {:crane, :north}}}
  """
  def via(id), do: {:via, Registry, {@registry, id}}

  @doc "The process that holds the name, or nil."
  def whereis(id), do: GenServer.whereis(via(id))

  @doc """
  All second halves of the names `{kind, name}` now in use, sorted.

  This asks the table behind the registry with a match specification: no
  process is disturbed by the question.
  """
  def list(kind) do
    @registry
    |> Registry.select([{{{kind, :"$1"}, :_, :_}, [], [:"$1"]}])
    |> Enum.sort()
  end
end
