%% fclearerror and fcheckerror around float operations, as compilers before OTP 22 wrote them.
{module, old_float}.
{exports, [{run,0},{calc,2},{divide,2}]}.
{attributes, []}.
{labels, 11}.

{function, run, 0, 2}.
  {label,1}.
    {func_info,{atom,old_float},{atom,run},0}.
  {label,2}.
    {allocate,3,0}.
    {init_yregs,{list,[{y,0},{y,1},{y,2}]}}.
    {move,{float,1.5},{x,0}}.
    {move,{integer,4},{x,1}}.
    {call,2,{f,4}}.
    {move,{x,0},{y,0}}.
    {'try',{y,1},{f,7}}.
    {move,{float,1.0e308},{x,0}}.
    {move,{float,1.0e308},{x,1}}.
    {call,2,{f,4}}.
    {try_end,{y,1}}.
    {jump,{f,8}}.
  {label,7}.
    {try_case,{y,1}}.
    {test_heap,3,3}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1}]}}.
  {label,8}.
    {move,{x,0},{y,2}}.
    {'try',{y,1},{f,9}}.
    {move,{float,1.0},{x,0}}.
    {move,{integer,0},{x,1}}.
    {call,2,{f,6}}.
    {try_end,{y,1}}.
    {jump,{f,10}}.
  {label,9}.
    {try_case,{y,1}}.
    {test_heap,3,3}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1}]}}.
  {label,10}.
    {test_heap,6,1}.
    {put_list,{x,0},nil,{x,0}}.
    {put_list,{y,2},{x,0},{x,0}}.
    {put_list,{y,0},{x,0},{x,0}}.
    {deallocate,3}.
    return.

%% ((A + B) * A - B) negated
{function, calc, 2, 4}.
  {label,3}.
    {func_info,{atom,old_float},{atom,calc},2}.
  {label,4}.
    {fconv,{x,0},{fr,0}}.
    {fconv,{x,1},{fr,1}}.
    fclearerror.
    {bif,fadd,{f,0},[{fr,0},{fr,1}],{fr,2}}.
    {bif,fmul,{f,0},[{fr,2},{fr,0}],{fr,2}}.
    {bif,fsub,{f,0},[{fr,2},{fr,1}],{fr,2}}.
    {bif,fnegate,{f,0},[{fr,2}],{fr,3}}.
    {fcheckerror,{f,0}}.
    {test_heap,{alloc,[{words,0},{floats,1}]},0}.
    {fmove,{fr,3},{x,0}}.
    return.

{function, divide, 2, 6}.
  {label,5}.
    {func_info,{atom,old_float},{atom,divide},2}.
  {label,6}.
    {fconv,{x,0},{fr,0}}.
    {fconv,{x,1},{fr,1}}.
    fclearerror.
    {bif,fdiv,{f,0},[{fr,0},{fr,1}],{fr,0}}.
    {fcheckerror,{f,0}}.
    {test_heap,{alloc,[{words,0},{floats,1}]},0}.
    {fmove,{fr,0},{x,0}}.
    return.
