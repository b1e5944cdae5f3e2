#include "vm/proc/signal.h"

#include "vm/proc/exit.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/remote.h"
#include "vm/term/atom.h"

namespace lintel {

PortHooks port_hooks;
std::atomic<bool> note_senders{false};

Message::Message(SignalKind k, Term v, Fragment* f) : Message(k, v, f, am::undefined) {}

namespace {

// The in-queue of a process that takes no more signals.
Signal* const kClosed = reinterpret_cast<Signal*>(Word{8});

Signal* reversed(Signal* newest) {
  Signal* oldest = nullptr;
  while (newest != nullptr) {
    Signal* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

void handle(Process& p, Signal* s) {
  switch (s->kind) {
    case SignalKind::Message: return mailbox_receive(p, static_cast<Message*>(s));
    case SignalKind::AliasMessage: return alias_message_received(p, static_cast<AliasMessage*>(s));
    case SignalKind::Exit:
    case SignalKind::ExitLinked: return exit_signal_received(p, static_cast<ExitSignal*>(s));
    case SignalKind::Link:
    case SignalKind::Unlink:
    case SignalKind::UnlinkAck: return link_signal_received(p, static_cast<LinkSignal*>(s));
    case SignalKind::Monitor:
    case SignalKind::Demonitor: return monitor_signal_received(p, static_cast<MonitorSignal*>(s));
    case SignalKind::Down: return down_signal_received(p, static_cast<DownSignal*>(s));
    case SignalKind::Call: {
      auto* call = static_cast<CallSignal*>(s);
      return call->run(&p, call);
    }
  }
}

}  // namespace

void process_wake(Process& p) {
  u32 s = p.state.load(std::memory_order_acquire);
  u32 next;
  do {
    // Whoever set Pending saw to it that the process gets scheduled, and the owner clears it before
    // it looks; what the caller did before this is seen then.
    if (s & (kStatePending | kStateFree)) return;
    next = s | kStatePending;
    if ((s & (kStateRunning | kStateQueued)) == 0) next |= kStateQueued;
  } while (!p.state.compare_exchange_weak(s, next, std::memory_order_acq_rel,
                                          std::memory_order_acquire));
  if ((next & ~s & kStateQueued) != 0) process_enqueue(p);
}

bool signal_push(Process& to, Signal* s) {
  Signal* head = to.in_queue.load(std::memory_order_relaxed);
  do {
    if (VM_UNLIKELY(head == kClosed)) return false;
    s->next = head;
    // acq_rel: after taking over from an emptied queue we must not see an older state than the one
    // from before the owner emptied it (process_wake).
  } while (!to.in_queue.compare_exchange_weak(head, s, std::memory_order_acq_rel,
                                              std::memory_order_relaxed));
  if (head == nullptr) process_wake(to);
  return true;
}

void signal_push_or_drop(Process& to, Signal* s) {
  if (!signal_push(to, s)) signal_undeliverable(s);
}

bool signal_push_to(Term to, Signal* s) {
  if (to.is_local_pid()) {
    Process* p = process_lookup(to);
    return p != nullptr && signal_push(*p, s);
  }
  if (to.is_local_port()) return port_hooks.signal != nullptr && port_hooks.signal(to, s);
  return false;
}

void signal_push_to_or_drop(Term to, Signal* s) {
  if (!signal_push_to(to, s)) signal_undeliverable(s);
}

void signal_undeliverable(Signal* s) {
  switch (s->kind) {
    case SignalKind::Message:
    case SignalKind::AliasMessage:
    case SignalKind::Down: {
      auto* m = static_cast<Message*>(s);
      if (m->fragment != nullptr) fragments_free(m->fragment);
      break;
    }
    case SignalKind::Exit:
    case SignalKind::ExitLinked: {
      auto* e = static_cast<ExitSignal*>(s);
      if (e->fragment != nullptr) fragments_free(e->fragment);
      break;
    }
    case SignalKind::Link: {
      auto* l = static_cast<LinkSignal*>(s);
      if (l->connection != 0) {
        remote_hooks.link_exit(l->to, l->from, l->connection, am::noproc);
      } else {
        send_exit_signal(l->to, l->from, am::noproc, true);
      }
      break;
    }
    case SignalKind::Unlink: {
      auto* l = static_cast<LinkSignal*>(s);
      if (l->connection != 0) {
        remote_hooks.unlink_ack(l->to, l->from, l->connection, l->id);
        break;
      }
      auto* ack = vm_new<LinkSignal>(SignalKind::UnlinkAck, l->to, l->from, l->id);
      if (!signal_push_to(l->from, ack)) vm_free(ack);
      break;
    }
    case SignalKind::UnlinkAck:
    case SignalKind::Demonitor: break;
    case SignalKind::Monitor: {
      auto* m = static_cast<MonitorSignal*>(s);
      WatcherRecord w{nullptr, m->ref, m->from, m->name, m->foreign};
      send_down(w, m->to, am::noproc);
      break;
    }
    case SignalKind::Call: {
      auto* call = static_cast<CallSignal*>(s);
      call->run(nullptr, call);
      return;  // frees itself
    }
  }
  vm_free(s);
}

void signals_fetch(Process& p) {
  // Before taking the queue: a push that comes after sets it again.
  p.state.fetch_and(~kStatePending, std::memory_order_acq_rel);
  Signal* newest = p.in_queue.load(std::memory_order_relaxed);
  // Only the process itself closes its queue; one whose exit takes more turns after that may find
  // itself pending by a sender who came just before.
  if (newest == nullptr || newest == kClosed) return;
  // Published by the exchange; partner: process_may_be_dying.
  p.fetching.store(true, std::memory_order_relaxed);
  Signal* s = reversed(p.in_queue.exchange(nullptr, std::memory_order_acq_rel));
  i64 handled = 0;
  bool markers = receive_markers_wait(p);
  while (s != nullptr) {
    Signal* next = s->next;
    if (VM_UNLIKELY(p.exiting)) {
      signal_undeliverable(s);
    } else {
      handle(p, s);
    }
    if (VM_UNLIKELY(markers)) receive_markers_pass(p, s);
    s = next;
    handled++;
  }
  p.fetching.store(false, std::memory_order_release);
  p.bump_reductions(handled / 4);
}

bool process_may_be_dying(const Process& p) {
  // In this order: an empty queue was taken after `fetching` was set, and a finished fetch has shown
  // in `state` what it did.
  return p.in_queue.load(std::memory_order_acquire) != nullptr ||
         p.fetching.load(std::memory_order_acquire) || (p.state_now() & kStateExiting) != 0;
}

void signals_each_waiting(Process& p, void (*f)(Signal*, void*), void* data) {
  Signal* s = p.in_queue.load(std::memory_order_acquire);
  if (s == kClosed) return;
  for (; s != nullptr; s = s->next) f(s, data);
}

void signals_close(Process& p) {
  Signal* s = reversed(p.in_queue.exchange(kClosed, std::memory_order_acq_rel));
  while (s != nullptr) {
    Signal* next = s->next;
    signal_undeliverable(s);
    s = next;
  }
}

}  // namespace lintel
