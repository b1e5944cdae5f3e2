%% Tuples: element, setelement, append, delete, insert, make; limits and errors.
-module(tuple_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = ?ID({a, b, c}),
    [element(1, T), element(3, T), setelement(2, T, z), tuple_size(T), size(T),
        erlang:append_element(T, d), erlang:delete_element(1, T), erlang:delete_element(3, T),
        erlang:insert_element(1, T, n), erlang:insert_element(4, T, n), erlang:make_tuple(3, x),
        erlang:make_tuple(0, x), erlang:make_tuple(5, d, [{2, a}, {4, b}, {2, c}]), {},
        erlang:append_element({}, 1), T =:= {a, b, c}, {T, T}]
     ++ [?TRY(element(?ID(N), T)) || N <- [0, 4, -1, a, 1.0, 1 bsl 70]]
         ++ [?TRY(element(1, ?ID(X))) || X <- [a, [], {}, 1]]
             ++ [?TRY(setelement(?ID(N), T, q)) || N <- [0, 4, a]]
                 ++ [?TRY(setelement(1, ?ID(X), q)) || X <- [a, {}]]
     ++ [?TRY(tuple_size(?ID(X))) || X <- [a, [], <<>>]]
         ++ [?TRY(size(?ID(X))) || X <- [a, <<1, 2, 3:3>>, [], #{}]]
             ++ [?TRY(erlang:delete_element(?ID(N), T)) || N <- [0, 4, a]]
                 ++ [?TRY(erlang:insert_element(?ID(N), T, x)) || N <- [0, 5, a]]
     ++ [?TRY(erlang:make_tuple(?ID(N), x)) || N <- [-1, a, 1 bsl 24, 1 bsl 40, 1 bsl 70]]
         ++ [?TRY(erlang:make_tuple(2, d, ?ID(X))) || X <- [[{3, a}], [{0, a}], [a], a,
             [{1, a} | b]]] ++ [?TRY(erlang:append_element(?ID(a), 1))].
