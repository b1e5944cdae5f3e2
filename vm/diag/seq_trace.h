// Sequential tracing. A process's token is
//
//   {Flags, Label, Serial, Sender, LastSerial}
//
// a tuple of its own heap whose elements change in place; kTraceHasToken says that it is there. Each
// message sent carries a copy, and who takes it out of its queue goes on with that copy, or without
// one when the message had none. What happens to messages with tokens is told to the system tracer.
#pragma once
#include "vm/diag/tracer.h"

namespace lintel {

enum SeqTraceFlag : u32 {
  kSeqSend = 1,
  kSeqReceive = 2,
  kSeqPrint = 4,
  kSeqTimestamp = 8,
  kSeqStrictMonotonic = 16,
  kSeqMonotonic = 32,
};
u32 seq_trace_flag_of(Term atom);  // 0: none

// erlang:seq_trace/2: the value before, none() when the arguments are wrong. Builds on p's heap, moving
// nothing.
Term seq_trace_set(Process& p, Term what, Term value);
Term seq_trace_set_from_match(Process& p, Term what, Term value);
Term seq_trace_token_copy(Process& p);
// erlang:seq_trace_info/1's value; none() when there is no such item.
Term seq_trace_info(Process& p, Term item);
bool seq_trace_print(Process& p, Term message, Term label);  // label none: any
void seq_trace_clear(Process& p);

// The tracer of the system; null: none. The caller gets no reference, and may use it until its next
// quiescent point.
Tracer* system_tracer();
// Takes over the caller's reference; the one before comes back as the caller's.
Tracer* system_tracer_set(Tracer* t);
// Forgets every token, of processes and of messages. Blocks.
void seq_trace_reset();

}  // namespace lintel
