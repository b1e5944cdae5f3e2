defmodule Harbour.Service do
  @moduledoc """
  What a service behind the gateway must be able to do: a behaviour.

  The compiler checks that modules which declare it have the callbacks. `use
  Harbour.Service, path: "weather"` gives a module its route, and the gateway
  needs nothing else to know it by.
  """

  @type params :: %{optional(String.t()) => String.t()}

  @doc "Answers a request. Runs in a process of its own: it may crash or hang."
  @callback handle(params) :: {:ok, String.t()} | {:error, term}

  defmacro __using__(opts) do
    path = Keyword.fetch!(opts, :path)

    quote do
      @behaviour Harbour.Service
      def path, do: unquote(path)
    end
  end
end
