%% recv_mark and recv_set: the pair that OTP 24 replaced by the recv_marker instructions.
{module, old_recv}.
{exports, [{run,0}]}.
{attributes, []}.
{labels, 17}.

{function, run, 0, 2}.
  {label,1}.
    {func_info,{atom,old_recv},{atom,run},0}.
  {label,2}.
    {allocate,2,0}.
    {init_yregs,{list,[{y,0},{y,1}]}}.
    {move,{integer,300},{x,0}}.
    {call,1,{f,8}}.
    {call,0,{f,4}}.
    {move,{x,0},{y,0}}.
    {call,0,{f,4}}.
    {move,{x,0},{y,1}}.
    {call,0,{f,12}}.
    {test_heap,6,1}.
    {put_list,{x,0},nil,{x,0}}.
    {put_list,{y,1},{x,0},{x,0}}.
    {put_list,{y,0},{x,0},{x,0}}.
    {move,{x,0},{y,0}}.
    {call_ext,0,{extfunc,diff_runner,flush,0}}.
    {gc_bif,length,{f,0},1,[{x,0}],{x,0}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{x,0}}.
    {deallocate,2}.
    return.

%% A reference made between mark and set; the answer carries it.
{function, round_trip, 0, 4}.
  {label,3}.
    {func_info,{atom,old_recv},{atom,round_trip},0}.
  {label,4}.
    {allocate,1,0}.
    {init_yregs,{list,[{y,0}]}}.
    {recv_mark,{f,5}}.
    {call_ext,0,{extfunc,erlang,make_ref,0}}.
    {move,{x,0},{y,0}}.
    {bif,self,{f,0},[],{x,1}}.
    {test_heap,3,2}.
    {put_tuple2,{x,2},{list,[{x,0},{atom,answer}]}}.
    {move,{x,1},{x,0}}.
    {move,{x,2},{x,1}}.
    send.
    {recv_set,{f,5}}.
  {label,5}.
    {loop_rec,{f,6},{x,0}}.
    {test,is_tuple,{f,13},[{x,0}]}.
    {test,test_arity,{f,13},[{x,0},2]}.
    {get_tuple_element,{x,0},0,{x,1}}.
    {test,is_eq_exact,{f,13},[{x,1},{y,0}]}.
    {get_tuple_element,{x,0},1,{x,0}}.
    remove_message.
    {deallocate,1}.
    return.
  {label,13}.
    {loop_rec_end,{f,5}}.
  {label,6}.
    {wait,{f,5}}.

%% Fills the mailbox with N messages that nobody asks for.
{function, fill, 1, 8}.
  {label,7}.
    {func_info,{atom,old_recv},{atom,fill},1}.
  {label,8}.
    {test,is_ne_exact,{f,9},[{x,0},{integer,0}]}.
    {allocate,1,1}.
    {move,{x,0},{y,0}}.
    {test_heap,3,1}.
    {put_tuple2,{x,1},{list,[{atom,junk},{x,0}]}}.
    {bif,self,{f,0},[],{x,0}}.
    send.
    {gc_bif,'-',{f,0},0,[{y,0},{integer,1}],{x,0}}.
    {call_last,1,{f,8},1}.
  {label,9}.
    {move,{atom,ok},{x,0}}.
    return.

%% A wait with a limit, over the same mailbox.
{function, timed, 0, 12}.
  {label,11}.
    {func_info,{atom,old_recv},{atom,timed},0}.
  {label,12}.
    {allocate,0,0}.
  {label,14}.
    {loop_rec,{f,16},{x,0}}.
    {test,is_eq_exact,{f,15},[{x,0},{atom,never}]}.
    remove_message.
    {deallocate,0}.
    return.
  {label,15}.
    {loop_rec_end,{f,14}}.
  {label,16}.
    {wait_timeout,{f,14},{integer,5}}.
    timeout.
    {move,{atom,timed_out},{x,0}}.
    {deallocate,0}.
    return.
