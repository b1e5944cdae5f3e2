%% make_fun2: the environment in the first argument registers, the fun in the first of them.
{module, old_fun}.
{exports, [{run,0}]}.
{attributes, []}.
{labels, 11}.

{function, run, 0, 2}.
  {label,1}.
    {func_info,{atom,old_fun},{atom,run},0}.
  {label,2}.
    {allocate,2,0}.
    {init_yregs,{list,[{y,0},{y,1}]}}.
    {make_fun2,{f,6},0,0,0}.
    {move,{x,0},{y,0}}.
    {move,{integer,10},{x,0}}.
    {move,{literal,{ten,[10]}},{x,1}}.
    {make_fun2,{f,8},0,0,2}.
    {move,{x,0},{y,1}}.
    {call_ext,0,{extfunc,erlang,garbage_collect,0}}.
    {move,{y,0},{x,1}}.
    {move,{integer,1},{x,0}}.
    {call_fun,1}.
    {move,{x,0},{y,0}}.
    {move,{y,1},{x,1}}.
    {move,{integer,2},{x,0}}.
    {call_fun,1}.
    {test_heap,{alloc,[{words,4},{floats,0},{funs,1}]},1}.
    {put_list,{x,0},nil,{x,0}}.
    {put_list,{y,0},{x,0},{x,0}}.
    {move,{x,0},{y,0}}.
    {move,{y,1},{x,0}}.
    {call_ext,1,{extfunc,erlang,fun_info,1}}.
    {call,1,{f,10}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{x,0}}.
    {deallocate,2}.
    return.

{function, '-run/0-fun-0-', 1, 6}.
  {label,5}.
    {func_info,{atom,old_fun},{atom,'-run/0-fun-0-'},1}.
  {label,6}.
    {test_heap,3,1}.
    {put_tuple2,{x,0},{list,[{atom,plain},{x,0}]}}.
    return.

{function, '-run/0-fun-1-', 3, 8}.
  {label,7}.
    {func_info,{atom,old_fun},{atom,'-run/0-fun-1-'},3}.
  {label,8}.
    {gc_bif,'+',{f,0},3,[{x,0},{x,1}],{x,0}}.
    {test_heap,3,3}.
    {put_tuple2,{x,0},{list,[{x,0},{x,2}]}}.
    return.

%% Keeps the items whose values are the same everywhere.
{function, items, 1, 10}.
  {label,9}.
    {func_info,{atom,old_fun},{atom,items},1}.
  {label,10}.
    {allocate,1,1}.
    {move,{x,0},{y,0}}.
    {move,{atom,env},{x,0}}.
    {move,{integer,1},{x,1}}.
    {move,{y,0},{x,2}}.
    {call_ext_last,3,{extfunc,lists,keyfind,3},1}.
