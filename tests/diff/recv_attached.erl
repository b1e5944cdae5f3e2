%% Messages that were looked at and left in the queue, taken from any place in it, with collections.
-module(recv_attached).
-export([run/0]).
-include("diff.hrl").

run() -> [taken(Flag, Step) || Flag <- [on_heap, off_heap], Step <- [1, 7, 101, 500]].

taken(Flag, Step) ->
    diff_runner:in_process(
      fun() ->
              process_flag(message_queue_data, Flag),
              N = 1000,
              [self() ! {n, I, {[I, <<I:2048>>], make_ref()}} || I <- diff_runner:seq(1, N)],
              self() ! {self(), last},
              receive {_, last} -> ok end,
              Order = [(I * Step) rem (N + 1) || I <- diff_runner:seq(1, N), (N + 1) rem Step =/= 0] ++
                  [I || (N + 1) rem Step =:= 0, I <- diff_runner:seq(1, N)],
              Sum = take(Order, 0),
              {messages, Left} = process_info(self(), messages),
              {Flag, Step, Sum, length(Left)}
      end).

take([], Sum) -> Sum;
take([I | Rest], Sum) ->
    receive
        {n, I, {[I, <<I:2048>>], R}} when is_reference(R) ->
            I rem 100 =:= 0 andalso erlang:garbage_collect(),
            I rem 10 =:= 0 andalso (self() ! {late, I, [I]}),
            take(Rest, (Sum * 31 + I) rem 1000003)
    end.
