%% diff: full
%% Ports to programs: data both ways, packets, lines, exit status, environment, arguments, closing.
-module(port_spawn).
-export([run/0]).
-include("diff.hrl").

run() ->
    Col = fun Col(P, A) -> receive {P, {data, D}} -> Col(P, [D | A]);
        {P, {exit_status, S}} -> {lists:reverse(A), S}; {P, eof} -> Col(P, [eof | A]);
            {'EXIT', P, R} -> {lists:reverse(A), {exit, R}} after 3000 -> {lists:reverse(A),
                none} end end,
    Bin = fun({L, S}) -> {iolist_to_binary([X || X <- L, X =/= eof]), S} end,
    process_flag(trap_exit, true),
    A = Bin(Col(open_port({spawn, "echo hello world"}, [exit_status, binary]), [])),
    B = Bin(Col(open_port({spawn_executable, "/bin/echo"},
        [exit_status, binary, {args, ["a b", <<"c">>, "*"]}]), [])),
        C = Col(open_port({spawn, "sh -c 'printf \"one\\ntwo\\nthree\"'"},
        [exit_status, {line, 4}]), []), D = Bin(Col(open_port({spawn,
        "sh -c 'echo $DIFF_VAR; exit 3'"}, [exit_status, binary, {env, [{"DIFF_VAR", "value"}]}]),
        [])), E = Bin(Col(open_port({spawn, "pwd"}, [exit_status, binary, {cd, "/usr"}]), [])),
        F = Bin(Col(open_port({spawn, "sh -c 'echo err >&2'"},
        [exit_status, binary, stderr_to_stdout]), [])),
    G = begin P = open_port({spawn, "cat"}, [binary, {packet, 2}]), port_command(P, <<"pkt">>),
    P ! {self(), {command, [<<"io">>, "list"]}}, X1 = receive {P, {data, Y1}} -> Y1 end,
    X2 = receive {P, {data, Y2}} -> Y2 end, I = [erlang:port_info(P, K)
        || K <- [connected, links, name, input, output]], P ! {self(), close},
        X3 = receive {P, closed} -> closed after 1000 -> none end,
        {X1, X2, I, X3, erlang:port_info(P)} end, H = receive {'EXIT', P,
        R} -> R after 300 -> none end,
    Q = open_port({spawn, "cat"}, [binary, stream]), L = [is_port(Q), port_connect(Q, self()),
        ?TRY(port_command(Q, ?ID(a))), port_close(Q), ?TRY(port_close(Q)),
        ?TRY(port_command(Q, "x"))],
    M = [?TRY(open_port(?ID(N), O)) || {N, O} <- [{{spawn_executable, "/no/such/file"}, []},
        {{spawn, a1}, [bad]}, {bad, []}, {{spawn, "x"}, [{packet, 3}]}, {{spawn, "x"}, a}]],
        N = Col(open_port({spawn, "no_such_command_zz"}, [exit_status, stderr_to_stdout, binary]),
        []), 
    [A, B, C, D, E, F, G, H, L, M, element(2, N), os:cmd("echo from os cmd"),
        os:cmd("cat /no/such 2>/dev/null; echo done"), os:cmd("printf 'a\\nb'"),
        [X || X <- diff_runner:flush(50), element(1, X) =/= 'EXIT']].
