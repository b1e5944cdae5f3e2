%% Key tests of what the compiler knows to be a map: it lets their results be read where they fail.
-module(map_keytest).
-export([run/0]).
-include("diff.hrl").

run() -> [keys(M) || M <- [?ID(#{}), ?ID(#{a => 1}), ?ID(#{b => 1}), ?ID(#{a => 1, b => 1}), ?ID(#{c => 1, b => 1}),
                           ?ID(#{a => 1, c => 1}), ?ID(#{b => 1, d => 1}), ?ID(#{d => 1})]].

keys(#{} = M) ->
    case case A = is_map_key(a, M) of false -> false; _ -> is_map_key(c, M) end of
        true -> both;
        false ->
            case case B = is_map_key(b, M) of false -> false; _ -> is_map_key(c, M) end of
                true -> {b, c};
                false ->
                    case case A of false -> false; _ -> is_map_key(d, M) end of
                        true -> {a, d};
                        false ->
                            case B of
                                true -> b;
                                false -> none
                            end
                    end
            end
    end.
