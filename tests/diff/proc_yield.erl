%% What a yield gives away is not used: it adds next to nothing to the reductions. The greatest +hmax.
%% diff: flags +hmax 576460752303423487
-module(proc_yield).
-export([run/0]).
-include("diff.hrl").

run() ->
    Small = diff_runner:in_process(fun() ->
        erlang:yield(),
        {_, A} = process_info(self(), reductions),
        true = erlang:yield(), {ok, true} = {ok, erlang:yield()}, true = apply(erlang, ?ID(yield), []),
        {_, B} = process_info(self(), reductions),
        {B - A < 60, B >= A} end),
    {_, #{size := Size}} = process_info(self(), max_heap_size),
    [Small, Size].
