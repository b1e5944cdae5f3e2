// The message queue as receive sees it.
//
//   first -> m -> m -> m -> m -> (last)        in_queue: newer signals, not looked at yet
//                      ^ save
//
// receive walks `save` along the list. When it gets to the end the in-queue is fetched and appended.
// A message's fragment is attached to the heap when receive first looks at it; from then on its term
// is a root and may be moved by a collection. Messages behind that are still outside the heap.
//
// Instructions:  loop_rec           mailbox_peek: none() = nothing; test p.exiting, then wait
//                loop_rec_end       mailbox_advance
//                remove_message     mailbox_remove
//                timeout            mailbox_reset_save
//                recv_marker_*      receive_marker_*
// Nothing resets the save point at the start of a receive: it stands at the first message since the
// last removal or timeout, or where a marker or mailbox_save_at_end put it.
//
// A marker remembers the end of the queue at the time a reference was made, so that the receive that
// waits for a message with this reference skips what was there before.
#pragma once
#include "vm/heap/heap.h"
#include "vm/proc/signal.h"

namespace lintel {

// The message at the save point or none(). May handle other signals, and so set p.exiting.
Term mailbox_peek(Process& p);
// The same when that takes no work: the message was looked at before, or has no fragment.
inline Term mailbox_peek_ready(const Process& p) {
  Message* m = *p.mailbox.save;
  return VM_LIKELY(m != nullptr && m->fragment == nullptr) ? m->value : Term::none();
}
// The message at the save point did not match: look at the next one.
inline void mailbox_advance(Process& p) {
  VM_ASSERT(*p.mailbox.save != nullptr);
  Signal** next = &(*p.mailbox.save)->next;
  __builtin_prefetch(*next);
  p.mailbox.save = reinterpret_cast<Message**>(next);
}
// Takes the message at the save point, which peek returned, out of the queue; the save point goes
// back to the first message. Returns the message.
Term mailbox_remove(Process& p);
inline void mailbox_reset_save(Process& p) { p.mailbox.save = &p.mailbox.first; }
// The next receive looks only at messages that arrive from now on. For BIFs that trap to a receive
// for a fresh reference.
void mailbox_save_at_end(Process& p);

// True when receive has something new to look at.
inline bool mailbox_has_more(const Process& p) { return *p.mailbox.save != nullptr; }

// recv_marker_reserve: the marker to keep in a register.
Term receive_marker_reserve(Process& p);
void receive_marker_bind(Process& p, Term marker, Term ref);
void receive_marker_clear(Process& p, Term ref);
void receive_marker_use(Process& p, Term ref);
// What the next marker is to be numbered.
void receive_marker_set_serial(Process& p, u32 serial);
// Whether markers wait for the signals to be fetched; asked once by each fetch, which then tells of
// every signal, known by its address only, that was handled: markers behind it go to the end of the
// queue.
bool receive_markers_wait(Process& p);
void receive_markers_pass(Process& p, const Signal* signal);
// recv_mark and recv_set of compilers before OTP 24; their label operand needs no looking at.
void receive_mark_old(Process& p);
void receive_set_old(Process& p);

// Appends a message.
void mailbox_append(Process& p, Message* m);
// The same for one that came from somewhere, which tracing reports.
void mailbox_receive(Process& p, Message* m);
// Makes every message in the queue part of the heap.
void mailbox_attach_all(Process& p);
// Shows the attached messages' terms to the collector.
void mailbox_visit_roots(Process& p, RootVisitor& visitor);
// Frees everything.
void mailbox_destroy(Process& p);
// Words held by messages that are not attached to the heap yet.
u64 mailbox_outside_words(const Process& p);

}  // namespace lintel
