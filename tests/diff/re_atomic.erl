%% diff: full
%% What is atomic to PCRE 8: a group with a back reference to itself inside, and a call of a group.
-module(re_atomic).
-export([run/0]).

run() ->
    Subjects = ["ababbaa_B ", ".c a _BbBabaa_ _", "aaaabaab", "xx-xxx-x", "", "aXaXa", "((", "a#a\naa"],
    [{P, S, O, try re:run(S, P, O ++ [global, {capture, all, index}]) catch error:R -> R end}
     || {P, O} <- patterns(), S <- Subjects].

patterns() ->
    [{P, []} || P <-
        ["(?<n>([^ac])*|([ab]^)\\1)(_(?i)\\w)", "(a|b\\1)+", "(a|b\\1)+a", "(a*|b\\1)a", "(a*|b\\g1)a", "(a*|b\\g{1})a",
         "(a*|b\\g{-1})a", "(?<x>a*|b\\k<x>)a", "(?<x>a*|b\\k'x')a", "(?<x>a*|b\\k{x})a", "(?P<x>a*|b(?P=x))a",
         "(?'x'a*|b\\g{x})a", "(a)(a*|b\\1)a", "(a)(a*|b\\2)a", "((a*|b\\1)a)a", "((a*|b\\2)a)a", "(?:(a*|b\\1)a)+a",
         "(a*|b\\1)(a*|b\\2)a", "(a*|[\\1])a", "(a*|\\Q\\1\\E)a", "(a*|(?#\\1)b)a", "(a*|b\\1){2}a", "(a*|b\\1)?a",
         "(?|(a*)|(b*\\1))a", "(?|(a*)|(b))(a*|b\\2)a", "(?=(a*|b\\1))a*a", "(x*-?|y\\1)+x", "([]a]*|b\\1)a", "(a*|b\\11)a",
         "(a*|b\\g<1>?)a", "(a*|b(?1)?)a", "(a*?|b\\1)a", "(\\(*|\\1)\\(",
         "(a|b|ab)(?1)+b", "(?<p>a|ab)(?&p)*b", "(?P<p>a*b?)(?P>p)b", "(a*)\\g'1'a", "(a|b)(?+1)(ab|a)b", "(a|ab)(?-1)b",
         "(?i)(a|ab)(?-i)(?1)b", "\\((?:[^()]|(?R))*\\)?", "^(?:((.)(?1)\\2|)|((.)(?3)\\4|.))$", "(?(?=a)(a*)|(b(?1)))a",
         "(?(DEFINE)(?<q>a*))(?&q)a", "(a*)(?(1)(?1)|x)a"]]
    ++ [{"(a*|b\\1) a # (\\1 \n", [extended]}, {"(a* # \\1)\n|b)a", [extended]}, {"(a* # \\1)\n|b\\1)a", []},
        {"(?x)(a*|b\\1) a", []}, {"(?x:(a* # \\1)\n|b))a", []}, {"(a*|b)(?<x>a*|b\\1)a", [no_auto_capture]},
        {"(?<n>a)|(?<n>a*|b\\k<n>)a", [dupnames]}].
