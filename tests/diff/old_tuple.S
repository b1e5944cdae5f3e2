%% set_tuple_element right after setelement/3 on the tuple that it made.
{module, old_tuple}.
{exports, [{run,0}]}.
{attributes, []}.
{labels, 3}.

{function, run, 0, 2}.
  {label,1}.
    {func_info,{atom,old_tuple},{atom,run},0}.
  {label,2}.
    {allocate,1,0}.
    {move,{literal,{a,b,c,d,{e}}},{y,0}}.
    {move,{integer,5},{x,0}}.
    {move,{y,0},{x,1}}.
    {move,{atom,five},{x,2}}.
    {call_ext,3,{extfunc,erlang,setelement,3}}.
    {set_tuple_element,{atom,one},{x,0},0}.
    {set_tuple_element,{literal,[3,"three"]},{x,0},2}.
    {set_tuple_element,{y,0},{x,0},3}.
    {test_heap,4,1}.
    {put_list,{x,0},nil,{x,0}}.
    {put_list,{y,0},{x,0},{x,0}}.
    {deallocate,1}.
    return.
