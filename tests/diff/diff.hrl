%% What every differential test module shares.
%%
%% A module exports run/0 and returns a list of observations. Values that the compiler could
%% fold are passed through ?ID, which is a call into another module and therefore opaque.
-compile([nowarn_export_all, nowarn_unused_function, nowarn_nomatch, nowarn_shadow_vars]).

%% The value of an expression, hidden from the compiler.
-define(ID(X), (diff_runner:id(X))).

%% {ok, Value} or {Class, Reason}.
-define(TRY(Expr),
        (fun() -> try Expr of V__ -> {ok, V__} catch C__:R__ -> {C__, R__} end end)()).

%% {ok, Value} or {Class, Reason, StackTrace}; frames of the runner itself are cut off.
-define(TRACE(Expr),
        (fun() ->
                 try Expr of V__ -> {ok, V__}
                 catch C__:R__:S__ -> {C__, R__, diff_runner:trace(S__)}
                 end
         end)()).

%% As ?TRACE, but the text that the library makes of the exception. Needs stdlib.
-define(MSG(Expr),
        (fun() ->
                 try Expr of V__ -> {ok, V__}
                 catch C__:R__:S__ -> diff_runner:message(C__, R__, S__)
                 end
         end)()).
