%% A hundred thousand processes under supervisors, crashing at random.
%%
%% Every worker has a slot: a number, and a row in an ETS table where each of its incarnations
%% writes its pid. The slots are cut into four districts, each under another kind of supervisor:
%%
%%      80 %  simple_one_for_one, 1,000 workers each
%%      10 %  one_for_one,        1,000 workers each
%%       5 %  one_for_all,           10 workers each
%%       5 %  rest_for_one,          10 workers each
%%
%% Reapers, each of which owns a range of slots, bring the workers down in all the ways that a
%% process can go, wait for the monitor's DOWN, and check its reason. Between two crashes they call
%% workers and expect an answer. A reaper that waits for longer than a minute has found a loss: a
%% message, a signal or a process that the machine has dropped.
%%
%% Since one reaper owns a slot, and under the first two kinds of supervisors no worker dies of
%% another one's death, every crash there is one restart, exactly. At the end that must be so, every
%% slot must hold a living worker, and when the root supervisor is told to stop, all must go.
%%
%% Memory, as the machine counts it and as the operating system does, must not grow after the start:
%% the median of the last quarter of the samples is compared with that of the first quarter after
%% --settle seconds.
%%
%% See run_soak for the options. Exit code 0 if all holds, else 1.

-module(soak).
%% The supervisors and the gen_servers share this module, and its init/1.
-behaviour(supervisor).

-export([main/0]).
-export([init/1, start_supervisor/1, start_worker/1, bare/2]).
-export([handle_call/3, handle_cast/2, handle_info/2, handle_continue/2]).

-define(SLOTS, soak_slots).
-define(PATIENCE_MS, 60000).

%% Indices of the counters.
-define(STARTED, 1).
-define(STARTED_ALONE, 2).
-define(CRASHED, 3).
-define(CRASHED_ALONE, 4).
-define(ANSWERED, 5).
-define(MISSED, 6).
-define(LOST, 7).
-define(LAST_COUNTER, 7).

main() ->
    %% Crashes are what we came for: thousands in a second, and nobody wants to read about each.
    logger:set_primary_config(level, none),
    Options = options(init:get_plain_arguments(),
                      #{seconds => 600, processes => 100000, reapers => 200, seed => 1,
                        settle => 60, every => 5, growth => 5.0, busy => 50}),
    try run(Options) of
        [] ->
            io:format("ok~n"),
            halt(0);
        Problems ->
            [io:format("FAILED: ~ts~n", [Problem]) || Problem <- Problems],
            halt(1)
    catch
        Class:Reason:Stack ->
            io:format("FAILED: ~p~n", [{Class, Reason, Stack}]),
            halt(1)
    end.

options(["--" ++ Name, Value | Rest], Options) ->
    Key = list_to_existing_atom(Name),
    true = is_map_key(Key, Options),
    Number = case string:to_float(Value) of
                 {Float, []} -> Float;
                 _ -> list_to_integer(Value)
             end,
    options(Rest, Options#{Key := Number});
options([], Options) ->
    Options.

run(#{seconds := Seconds, processes := N, reapers := Reapers, seed := Seed} = Options) ->
    process_flag(trap_exit, true),
    process_flag(priority, high),
    Before = erlang:system_info(process_count),
    ets:new(?SLOTS, [named_table, public, {write_concurrency, true}, {read_concurrency, true}]),
    persistent_term:put(soak_counters, counters:new(?LAST_COUNTER, [write_concurrency])),
    io:format("~b processes, ~b s, ~b reapers, seed ~b, ~b schedulers (~b online), ~ts",
              [N, Seconds, Reapers, Seed, erlang:system_info(schedulers),
               erlang:system_info(schedulers_online), erlang:system_info(system_version)]),

    Districts = districts(N),
    AloneUpTo = lists:max([Last || {Kind, {_First, Last}} <- Districts, is_alone(Kind)]),
    persistent_term:put(soak_alone, AloneUpTo),
    {StartUs, {ok, Root}} = timer:tc(fun() -> start_tree(Districts) end),
    Tree = erlang:system_info(process_count) - N,
    io:format("all started in ~.1f s~n", [StartUs / 1.0e6]),

    Stop = atomics:new(1, []),
    Gang = [spawn_monitor(fun() -> rand:seed(exsss, {Seed, I, 20}), reap(Slots, Stop) end)
            || {I, Slots} <- lists:enumerate(cut(1, N, (N + Reapers - 1) div Reapers))],
    catch erlang:system_flag(scheduler_wall_time, true),
    Samples = watch(Root, Tree, N, Options, wall_time(), erlang:monotonic_time(millisecond), []),
    atomics:put(Stop, 1, 1),
    [receive
         {'DOWN', Ref, process, Pid, done} -> ok;
         {'DOWN', Ref, process, Pid, Why} -> error({reaper, Why})
     end || {Pid, Ref} <- Gang],

    settled(N, AloneUpTo) ++ children(Root, N) ++ growth(Samples, Options) ++ idle(Samples, Options)
        ++ stop_tree(Root, Before).

%%% The tree

districts(N) ->
    Simple = N * 80 div 100,
    OneForOne = Simple + N * 10 div 100,
    OneForAll = OneForOne + N * 5 div 100,
    [{simple_one_for_one, Slots} || Slots <- cut(1, Simple, 1000)] ++
        [{one_for_one, Slots} || Slots <- cut(Simple + 1, OneForOne, 1000)] ++
        [{one_for_all, Slots} || Slots <- cut(OneForOne + 1, OneForAll, 10)] ++
        [{rest_for_one, Slots} || Slots <- cut(OneForAll + 1, N, 10)].

is_alone(Kind) -> Kind =:= simple_one_for_one orelse Kind =:= one_for_one.

cut(From, To, _Size) when From > To -> [];
cut(From, To, Size) ->
    Last = min(To, From + Size - 1),
    [{From, Last} | cut(Last + 1, To, Size)].

start_tree(Districts) ->
    {ok, Root} = supervisor:start_link(?MODULE, {root, Districts}),
    Starters = [spawn_monitor(fun() -> fill(Supervisor, Slots) end)
                || {{simple_one_for_one, Slots}, Supervisor, _, _}
                       <- supervisor:which_children(Root)],
    [receive {'DOWN', Ref, process, Pid, normal} -> ok end || {Pid, Ref} <- Starters],
    {ok, Root}.

fill(Supervisor, {From, To}) ->
    [{ok, _} = supervisor:start_child(Supervisor, [Slot]) || Slot <- lists:seq(From, To)].

start_supervisor(District) -> supervisor:start_link(?MODULE, District).

%% The root forgives nothing: should any supervisor below it go, the run has failed.
init({root, Districts}) ->
    {ok, {#{strategy => one_for_one, intensity => 0},
          [#{id => District, start => {?MODULE, start_supervisor, [District]},
             type => supervisor, shutdown => infinity} || District <- Districts]}};
init({simple_one_for_one, _Slots}) ->
    {ok, {flags(simple_one_for_one), [worker([])]}};
init({Strategy, {From, To}}) ->
    {ok, {flags(Strategy), [(worker([Slot]))#{id := Slot} || Slot <- lists:seq(From, To)]}};
init({worker, Slot}) ->
    {ok, new_state(Slot), {continue, enter}}.

flags(Strategy) -> #{strategy => Strategy, intensity => 1000000, period => 1}.

worker(Args) -> #{id => worker, start => {?MODULE, start_worker, Args}, shutdown => 30000}.

%%% The workers: half of them gen_servers, half of them bare processes

start_worker(Slot) when Slot rem 2 =:= 0 -> gen_server:start_link(?MODULE, {worker, Slot}, []);
start_worker(Slot) -> proc_lib:start_link(?MODULE, bare, [Slot, self()]).

bare(Slot, Supervisor) ->
    State = enter(new_state(Slot)),
    proc_lib:init_ack(Supervisor, {ok, self()}),
    bare_loop(State).

bare_loop(State) ->
    receive
        {'$gen_call', From, Request} ->
            {reply, Answer, State1} = handle_call(Request, From, State),
            gen:reply(From, Answer),
            bare_loop(State1);
        {die, Way} ->
            die(Way, State),
            bare_loop(State)
    end.

%% Something for the collector to carry: a list on the heap and a binary outside of it.
new_state(Slot) ->
    #{slot => Slot, calls => 0, list => lists:seq(Slot, Slot + 20),
      binary => binary:copy(<<Slot:32>>, 50)}.

enter(#{slot := Slot} = State) ->
    count(?STARTED),
    [count(?STARTED_ALONE) || Slot =< persistent_term:get(soak_alone)],
    ets:insert(?SLOTS, {Slot, self()}),
    State.

handle_continue(enter, State) -> {noreply, enter(State)}.

handle_call({add, N}, _From, #{slot := Slot, calls := Calls, list := List} = State) ->
    {reply, {Slot, N + hd(List)}, State#{calls := Calls + 1}}.

handle_cast(_, State) -> {noreply, State}.

handle_info({die, stop}, State) -> {stop, boom, State};
handle_info({die, Way}, State) -> die(Way, State), {noreply, State}.

%% The ways in which a worker brings itself down.
die(normal, _) -> exit(normal);
die(exit, _) -> exit(boom);
die(stop, _) -> exit(boom);
die(error, _) -> error(boom);
die(throw, _) -> throw(boom);
die(badmatch, #{slot := Slot}) -> Slot = self();
die(badarith, State) -> maps:get(slot, State) + maps:get(binary, State);
die(undef, #{slot := Slot}) -> ?MODULE:no_such_function(Slot);
die(deep, State) -> 1 + deep(20000, State);
die(big, #{binary := Binary}) ->
    error({boom, length([{I, Binary} || I <- lists:seq(1, 20000)])});
die(link, _) -> spawn_link(fun() -> exit(boom) end);
die(timer, #{slot := Slot}) -> erlang:send_after(Slot rem 20, self(), {die, exit});
die(entangled, #{slot := Slot}) ->
    %% Dies with monitors, links and an alias of its own still standing.
    Others = [Pid || {_, Pid} <- lists:append([ets:lookup(?SLOTS, Slot + D) || D <- [-2, -1, 1]])],
    [monitor(process, Pid, [{alias, demonitor}]) || Pid <- Others],
    spawn_link(fun() -> receive never -> ok end end),
    exit(boom).

deep(0, State) -> error({boom, map_size(State)});
deep(N, State) -> 1 + deep(N - 1, State).

%%% The reapers

reap({From, To} = Slots, Stop) ->
    case atomics:get(Stop, 1) of
        1 ->
            exit(done);
        0 ->
            [ask(From + rand:uniform(To - From + 1) - 1) || _ <- [1, 2]],
            bring_down(From + rand:uniform(To - From + 1) - 1),
            reap(Slots, Stop)
    end.

ask(Slot) ->
    Pid = pid_of(Slot),
    try gen_server:call(Pid, {add, 1}, ?PATIENCE_MS) of
        {Slot, Answer} when Answer =:= Slot + 1 -> count(?ANSWERED)
    catch
        exit:{timeout, _} -> lost({no_answer, Slot, Pid});
        exit:_ -> count(?MISSED)
    end.

bring_down(Slot) ->
    Pid = pid_of(Slot),
    Way = element(rand:uniform(15), {kill, kill, signal, normal, exit, stop, error, throw, badmatch,
                                     badarith, undef, deep, big, link, timer}),
    Way1 = case rand:uniform(20) of 1 -> entangled; _ -> Way end,
    Ref = monitor(process, Pid),
    case Way1 of
        kill -> exit(Pid, kill);
        signal -> exit(Pid, boom);
        _ -> Pid ! {die, Way1}
    end,
    Alone = Slot =< persistent_term:get(soak_alone),
    receive
        {'DOWN', Ref, process, Pid, noproc} ->
            %% Not restarted yet, or gone with its group.
            count(?MISSED);
        {'DOWN', Ref, process, Pid, Reason} ->
            count(?CRASHED),
            [count(?CRASHED_ALONE) || Alone],
            case fits(Way1, Reason) orelse (not Alone andalso Reason =:= shutdown) of
                true -> ok;
                false -> lost({wrong_reason, Way1, Reason})
            end
    after ?PATIENCE_MS ->
        lost({no_down, Slot, Pid, Way1, catch process_info(Pid)})
    end.

fits(kill, killed) -> true;
fits(normal, normal) -> true;
fits(throw, {bad_return_value, boom}) -> true;
fits(throw, {{nocatch, boom}, [_ | _]}) -> true;
fits(error, {boom, [_ | _]}) -> true;
fits(badmatch, {{badmatch, Pid}, [_ | _]}) -> is_pid(Pid);
fits(badarith, {badarith, [_ | _]}) -> true;
fits(undef, {undef, [{?MODULE, no_such_function, [_], _} | _]}) -> true;
fits(deep, {{boom, 4}, [_ | _]}) -> true;
fits(big, {{boom, 20000}, [_ | _]}) -> true;
fits(Way, boom) ->
    lists:member(Way, [signal, exit, stop, link, timer, entangled]);
fits(_, _) -> false.

pid_of(Slot) -> ets:lookup_element(?SLOTS, Slot, 2).

lost(What) ->
    count(?LOST),
    io:format("lost: ~p~n", [What]).

count(Index) -> counters:add(persistent_term:get(soak_counters), Index, 1).

counted(Index) -> counters:get(persistent_term:get(soak_counters), Index).

%%% Watching

%% Samples, newest first: {second, bytes by erlang:memory, bytes by the system, [busy per cent]}.
watch(Root, Tree, N, #{seconds := Seconds, every := Every} = Options, Wall, Start, Samples) ->
    Second = (length(Samples) + 1) * Every,
    receive
        {'EXIT', Root, Why} -> error({root_supervisor, Why});
        {'EXIT', _Port, normal} -> watch(Root, Tree, N, Options, Wall, Start, Samples)
    after max(0, Start + Second * 1000 - erlang:monotonic_time(millisecond)) ->
        Wall1 = wall_time(),
        Sample = {Second, erlang:memory(total), rss(), busy(Wall, Wall1)},
        print(Sample, Tree, N),
        case Second + Every > Seconds of
            true -> [Sample | Samples];
            false -> watch(Root, Tree, N, Options, Wall1, Start, [Sample | Samples])
        end
    end.

print({Second, Memory, Rss, Busy}, Tree, N) ->
    Started = counted(?STARTED),
    io:format("~5b s  spawned ~b  crashed ~b  restarted ~b  alive ~b  answered ~b  "
              "memory ~.1f MB  rss ~.1f MB  busy ~w %~n",
              [Second, Started, counted(?CRASHED), Started - N,
               erlang:system_info(process_count) - Tree, counted(?ANSWERED),
               Memory / 1.0e6, Rss / 1.0e6, Busy]).

rss() ->
    {ok, Status} = file:read_file("/proc/" ++ os:getpid() ++ "/status"),
    {match, [Kilobytes]} = re:run(Status, "VmRSS:\\s+(\\d+) kB", [{capture, all_but_first, binary}]),
    binary_to_integer(Kilobytes) * 1024.

wall_time() ->
    Online = erlang:system_info(schedulers_online),
    try erlang:statistics(scheduler_wall_time) of
        undefined -> [];
        Times -> [Time || {I, _, _} = Time <- lists:sort(Times), I =< Online]
    catch
        error:_ -> []
    end.

busy(Before, After) when length(Before) =:= length(After) ->
    [round(100 * (A1 - A0) / max(1, T1 - T0))
     || {{I, A0, T0}, {I, A1, T1}} <- lists:zip(Before, After)];
busy(_, _) -> [].

%%% What must hold at the end: each returns what does not, as texts

settled(N, AloneUpTo) ->
    Empty = wait_filled(lists:seq(1, N), erlang:monotonic_time(millisecond) + ?PATIENCE_MS),
    Pids = length(lists:usort([pid_of(Slot) || Slot <- lists:seq(1, N)])),
    %% A worker is counted before it is in its slot, so all are counted by now.
    Restarts = counted(?STARTED_ALONE) - AloneUpTo,
    Crashes = counted(?CRASHED_ALONE),
    io:format("settled: ~b crashes among strangers, ~b restarts; ~b answers; ~b times nobody there~n",
              [Crashes, Restarts, counted(?ANSWERED), counted(?MISSED)]),
    [text("~b slots hold no living process", [length(Empty)]) || Empty =/= []] ++
        [text("~b slots hold ~b processes", [N, Pids]) || Pids =/= N] ++
        [text("~b crashes, but ~b restarts", [Crashes, Restarts]) || Crashes =/= Restarts] ++
        [text("~b times something was lost", [counted(?LOST)]) || counted(?LOST) =/= 0].

wait_filled(Slots, Deadline) ->
    Empty = [Slot || Slot <- Slots, not is_process_alive(pid_of(Slot))],
    case Empty =:= [] orelse erlang:monotonic_time(millisecond) > Deadline of
        true -> Empty;
        false -> timer:sleep(100), wait_filled(Empty, Deadline)
    end.

children(Root, N) ->
    Counts = [supervisor:count_children(Pid) || {_, Pid, _, _} <- supervisor:which_children(Root)],
    Active = lists:sum([proplists:get_value(active, Count) || Count <- Counts]),
    [text("the supervisors know of ~b living children, not ~b", [Active, N]) || Active =/= N].

growth(Samples, #{settle := Settle, growth := Allowed}) ->
    Judged = [Sample || {Second, _, _, _} = Sample <- lists:reverse(Samples), Second > Settle],
    case length(Judged) div 4 of
        Quarter when Quarter < 2 ->
            io:format("memory: not judged, the run is too short~n"),
            [];
        Quarter ->
            First = lists:sublist(Judged, Quarter),
            Last = lists:nthtail(length(Judged) - Quarter, Judged),
            lists:append([grown(Name, median(Index, First), median(Index, Last), Allowed)
                          || {Name, Index} <- [{"memory", 2}, {"rss", 3}]])
    end.

grown(Name, First, Last, Allowed) ->
    Percent = 100 * (Last - First) / First,
    io:format("~s: ~.1f MB after the start, ~.1f MB at the end: ~.1f %~n",
              [Name, First / 1.0e6, Last / 1.0e6, Percent]),
    [text("~s has grown by ~.1f %", [Name, Percent]) || Percent > Allowed].

median(Index, Samples) ->
    lists:nth((length(Samples) + 1) div 2, lists:sort([element(Index, S) || S <- Samples])).

idle(Samples, #{busy := Wanted}) ->
    Columns = [Busy || {_, _, _, [_ | _] = Busy} <- Samples],
    Busy = [lists:sum(Column) div length(Column) || Column <- transpose(Columns)],
    io:format("schedulers busy: ~w %~n", [Busy]),
    [text("a scheduler was busy for ~b % of the time only", [Percent])
     || Percent <- Busy, Percent < Wanted].

transpose([[_ | _] | _] = Rows) -> [[hd(Row) || Row <- Rows] | transpose([tl(Row) || Row <- Rows])];
transpose(_) -> [].

stop_tree(Root, Before) ->
    {Us, Why} = timer:tc(fun() ->
                                 exit(Root, shutdown),
                                 receive {'EXIT', Root, Reason} -> Reason
                                 after 5 * ?PATIENCE_MS -> timeout
                                 end
                         end),
    Left = wait_gone(Before, erlang:monotonic_time(millisecond) + ?PATIENCE_MS),
    io:format("all stopped in ~.1f s~n", [Us / 1.0e6]),
    [text("the root supervisor ended with ~p", [Why]) || Why =/= shutdown] ++
        [text("~b processes are left over", [Left]) || Left > 0].

wait_gone(Before, Deadline) ->
    Left = erlang:system_info(process_count) - Before,
    case Left =< 0 orelse erlang:monotonic_time(millisecond) > Deadline of
        true -> Left;
        false -> timer:sleep(50), wait_gone(Before, Deadline)
    end.

text(Format, Args) -> io_lib:format(Format, Args).
