%% allocate_zero, allocate_heap_zero and init/1: frames whose slots start out as empty lists.
{module, old_alloc}.
{exports, [{run,0}]}.
{attributes, []}.
{labels, 9}.

{function, run, 0, 2}.
  {label,1}.
    {func_info,{atom,old_alloc},{atom,run},0}.
  {label,2}.
    {allocate_zero,3,0}.
    {call,0,{f,4}}.
    {move,{x,0},{y,0}}.
    {move,{integer,7},{x,0}}.
    {call,1,{f,6}}.
    {move,{x,0},{y,1}}.
    {call,0,{f,8}}.
    {test_heap,6,1}.
    {put_list,{x,0},nil,{x,0}}.
    {put_list,{y,1},{x,0},{x,0}}.
    {put_list,{y,0},{x,0},{x,0}}.
    {deallocate,3}.
    return.

{function, zeros, 0, 4}.
  {label,3}.
    {func_info,{atom,old_alloc},{atom,zeros},0}.
  {label,4}.
    {allocate_zero,2,0}.
    {call_ext,0,{extfunc,erlang,garbage_collect,0}}.
    {test_heap,5,1}.
    {put_tuple2,{x,0},{list,[{atom,zeros},{y,0},{y,1},{x,0}]}}.
    {deallocate,2}.
    return.

{function, heap_zeros, 1, 6}.
  {label,5}.
    {func_info,{atom,old_alloc},{atom,heap_zeros},1}.
  {label,6}.
    {allocate_heap_zero,2,3,1}.
    {put_tuple2,{x,1},{list,[{atom,boxed},{x,0}]}}.
    {move,{x,1},{y,1}}.
    {call_ext,0,{extfunc,erlang,garbage_collect,0}}.
    {test_heap,4,1}.
    {put_tuple2,{x,0},{list,[{y,0},{y,1},{x,0}]}}.
    {deallocate,2}.
    return.

{function, inits, 0, 8}.
  {label,7}.
    {func_info,{atom,old_alloc},{atom,inits},0}.
  {label,8}.
    {allocate,3,0}.
    {init,{y,0}}.
    {init,{y,2}}.
    {move,{atom,middle},{y,1}}.
    {call_ext,0,{extfunc,erlang,garbage_collect,0}}.
    {init,{y,1}}.
    {call_ext,0,{extfunc,erlang,garbage_collect,0}}.
    {test_heap,4,1}.
    {put_tuple2,{x,0},{list,[{y,0},{y,1},{y,2}]}}.
    {deallocate,3}.
    return.
