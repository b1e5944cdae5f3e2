%% Binary construction as it was written before bs_create_bin: bs_init2, bs_init_bits, bs_append,
%% bs_private_append, bs_add, the utf sizes and one bs_put instruction per segment.
{module, old_bits}.
{exports, [{run,0}]}.
{attributes, []}.
{labels, 101}.

{function, run, 0, 2}.
  {label,1}.
    {func_info,{atom,old_bits},{atom,run},0}.
  {label,2}.
    {allocate,1,0}.
    {move,nil,{y,0}}.
    {call,0,{f,4}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,3},{x,0}}.
    {call,1,{f,6}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,0},{x,0}}.
    {call,1,{f,6}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {call,0,{f,8}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,36},{x,0}}.
    {call,1,{f,10}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,8364},{x,0}}.
    {call,1,{f,10}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,128512},{x,0}}.
    {call,1,{f,10}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{literal,<<"seed">>},{x,0}}.
    {move,{integer,513},{x,1}}.
    {call,2,{f,12}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,77},{x,0}}.
    {call,1,{f,14}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,4660},{x,0}}.
    {call,1,{f,16}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,9},{x,0}}.
    {call,1,{f,18}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{atom,x},{x,0}}.
    {call,1,{f,18}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{literal,<<1:3>>},{x,0}}.
    {move,{literal,<<"xyz",2:2>>},{x,1}}.
    {call,2,{f,20}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{y,0},{x,0}}.
    {deallocate,1}.
    return.

{function, fixed, 0, 4}.
  {label,3}.
    {func_info,{atom,old_bits},{atom,fixed},0}.
  {label,4}.
    {bs_init2,{f,0},11,0,0,{field_flags,[]},{x,0}}.
    {bs_put_integer,{f,0},{integer,8},1,{field_flags,[unsigned,big]},{integer,258}}.
    {bs_put_integer,{f,0},{integer,16},1,{field_flags,[unsigned,little]},{integer,-2}}.
    {bs_put_float,{f,0},{integer,32},1,{field_flags,[unsigned,big]},{float,1.5}}.
    {bs_put_string,2,{string,<<"hi">>}}.
    {bs_put_binary,{f,0},{integer,2},8,{field_flags,[unsigned,big]},{literal,<<"abc">>}}.
    return.

{function, sized, 1, 6}.
  {label,5}.
    {func_info,{atom,old_bits},{atom,sized},1}.
  {label,6}.
    {bs_add,{f,0},[{integer,0},{x,0},8],{x,1}}.
    {bs_add,{f,0},[{x,1},{integer,3},1],{x,1}}.
    {bs_init_bits,{f,0},{x,1},0,1,{field_flags,[]},{x,2}}.
    {bs_put_integer,{f,0},{x,0},8,{field_flags,[unsigned,big]},{integer,-1}}.
    {bs_put_integer,{f,0},{integer,3},1,{field_flags,[unsigned,big]},{integer,5}}.
    {move,{x,2},{x,0}}.
    return.

{function, fixbits, 0, 8}.
  {label,7}.
    {func_info,{atom,old_bits},{atom,fixbits},0}.
  {label,8}.
    {bs_init_bits,{f,0},13,0,0,{field_flags,[]},{x,0}}.
    {bs_put_integer,{f,0},{integer,5},1,{field_flags,[unsigned,big]},{integer,21}}.
    {bs_put_integer,{f,0},{integer,8},1,{field_flags,[unsigned,little]},{integer,170}}.
    return.

{function, utf, 1, 10}.
  {label,9}.
    {func_info,{atom,old_bits},{atom,utf},1}.
  {label,10}.
    {bs_utf8_size,{f,0},{x,0},{x,1}}.
    {bs_utf16_size,{f,0},{x,0},{x,2}}.
    {bs_add,{f,0},[{x,1},{x,2},1],{x,3}}.
    {bs_add,{f,0},[{x,3},{integer,4},1],{x,3}}.
    {bs_init2,{f,0},{x,3},0,4,{field_flags,[]},{x,4}}.
    {bs_put_utf8,{f,0},{field_flags,[]},{x,0}}.
    {bs_put_utf16,{f,0},{field_flags,[unsigned,little]},{x,0}}.
    {bs_put_utf32,{f,0},{field_flags,[unsigned,big]},{x,0}}.
    {move,{x,4},{x,0}}.
    return.

{function, append, 2, 12}.
  {label,11}.
    {func_info,{atom,old_bits},{atom,append},2}.
  {label,12}.
    {bs_append,{f,0},{integer,16},0,2,8,{x,0},{field_flags,[]},{x,0}}.
    {bs_put_integer,{f,0},{integer,16},1,{field_flags,[unsigned,big]},{x,1}}.
    return.

{function, private, 1, 14}.
  {label,13}.
    {func_info,{atom,old_bits},{atom,private},1}.
  {label,14}.
    {allocate,1,1}.
    {move,{x,0},{y,0}}.
    {move,{integer,64},{x,0}}.
    bs_init_writable.
    {bs_private_append,{f,0},{integer,8},1,{x,0},{field_flags,[]},{x,0}}.
    {bs_put_integer,{f,0},{integer,8},1,{field_flags,[unsigned,big]},{y,0}}.
    {bs_private_append,{f,0},{integer,3},1,{x,0},{field_flags,[]},{x,0}}.
    {bs_put_integer,{f,0},{integer,3},1,{field_flags,[unsigned,big]},{y,0}}.
    {deallocate,1}.
    return.

{function, heaped, 1, 16}.
  {label,15}.
    {func_info,{atom,old_bits},{atom,heaped},1}.
  {label,16}.
    {bs_init2,{f,0},2,6,1,{field_flags,[]},{x,1}}.
    {bs_put_integer,{f,0},{integer,16},1,{field_flags,[unsigned,big]},{x,0}}.
    {put_list,{x,1},nil,{x,1}}.
    {put_list,{x,0},{x,1},{x,0}}.
    return.

{function, failto, 1, 18}.
  {label,17}.
    {func_info,{atom,old_bits},{atom,failto},1}.
  {label,18}.
    {bs_init2,{f,100},1,0,1,{field_flags,[]},{x,1}}.
    {bs_put_integer,{f,100},{integer,8},1,{field_flags,[unsigned,big]},{x,0}}.
    {move,{x,1},{x,0}}.
    return.
    {label,100}.
    {move,{atom,failed},{x,0}}.
    return.

{function, whole, 2, 20}.
  {label,19}.
    {func_info,{atom,old_bits},{atom,whole},2}.
  {label,20}.
    {gc_bif,bit_size,{f,0},2,[{x,0}],{x,2}}.
    {gc_bif,bit_size,{f,0},3,[{x,1}],{x,3}}.
    {bs_add,{f,0},[{x,2},{x,3},1],{x,2}}.
    {bs_init_bits,{f,0},{x,2},0,3,{field_flags,[]},{x,3}}.
    {bs_put_binary,{f,0},{atom,all},1,{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_binary,{f,0},{atom,all},1,{field_flags,[unsigned,big]},{x,1}}.
    {move,{x,3},{x,0}}.
    return.
