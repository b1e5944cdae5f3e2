#include "vm/proc/mailbox.h"

#include <algorithm>
#include <utility>

#include "vm/base/alloc.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"

namespace lintel {

// A few markers are enough: code that has more fresh references waiting than this falls back to
// looking at every message, which is slow and right.
inline constexpr u32 kMaxMarkers = 8;

struct ReceiveMarkers {
  struct Marker {
    Message** at = nullptr;  // null: free. Link where the queue ended.
    // The newest signal that was not fetched yet: the marker belongs behind it, and moves there when it
    // is. Null: `at` is right.
    const Signal* behind = nullptr;
    bool used = false;  // a receive began at `at` before that
    RefNumbers ref{};
    bool bound = false;
    u32 serial = 0;
  };
  Marker markers[kMaxMarkers];
  Marker old_style;  // of recv_mark / recv_set, which name no reference
  u32 next_serial = 1;
  bool any_behind = false;  // some marker waits for signals to be fetched
};

// In no order; Signal::place says where a message stands.
struct AttachedMessages {
  u32 count;
  u32 capacity;
  Message** messages() { return reinterpret_cast<Message**>(this + 1); }
};

bool receive_markers_wait(Process& p) {
  return p.mailbox.markers != nullptr && std::exchange(p.mailbox.markers->any_behind, false);
}

void receive_markers_pass(Process& p, const Signal* signal) {
  auto pass = [&](ReceiveMarkers::Marker& m) {
    if (m.at == nullptr || m.behind != signal) return;
    m.at = p.mailbox.last;
    m.behind = nullptr;
    if (m.used) p.mailbox.save = m.at;
  };
  for (auto& m : p.mailbox.markers->markers) pass(m);
  pass(p.mailbox.markers->old_style);
}

namespace {

constexpr u8 kAttached = kMessageAttached;

VM_COLD void grow_attached(Mailbox& box) {
  const u32 count = box.attached == nullptr ? 0 : box.attached->count;
  const u32 capacity = count == 0 ? 7 : count * 4 + 3;
  auto* larger = static_cast<AttachedMessages*>(
      vm_alloc(sizeof(AttachedMessages) + capacity * sizeof(Message*)));
  larger->count = count;
  larger->capacity = capacity;
  if (count != 0) std::copy_n(box.attached->messages(), count, larger->messages());
  vm_free(box.attached);
  box.attached = larger;
}

void note_attached(Mailbox& box, Message* m) {
  m->flags |= kAttached;
  if (VM_UNLIKELY(box.attached == nullptr || box.attached->count == box.attached->capacity)) {
    grow_attached(box);
  }
  m->place = box.attached->count;
  box.attached->messages()[box.attached->count++] = m;
}

void forget_attached(Mailbox& box, const Message* m) {
  if ((m->flags & kAttached) == 0) return;
  AttachedMessages& all = *box.attached;
  Message* last = all.messages()[--all.count];
  all.messages()[m->place] = last;
  last->place = m->place;
  constexpr u32 kKeep = 256;  // what a process may hold for nothing
  if (VM_UNLIKELY(all.count == 0 && all.capacity > kKeep)) {
    vm_free(box.attached);
    box.attached = nullptr;
  }
}

void attach(Process& p, Message* m) {
  if (m->fragment == nullptr) return;
  p.attach(m->fragment);
  m->fragment = nullptr;
  note_attached(p.mailbox, m);
}

// Calls f(marker) for each that is in use.
template <typename F>
void each_marker(Process& p, F f) {
  if (VM_LIKELY(p.mailbox.markers == nullptr)) return;
  for (auto& m : p.mailbox.markers->markers) {
    if (m.at != nullptr) f(m);
  }
  if (p.mailbox.markers->old_style.at != nullptr) f(p.mailbox.markers->old_style);
}

void put_at_end(Process& p, ReceiveMarkers::Marker& m) {
  m.at = p.mailbox.last;
  m.behind = p.in_queue.load(std::memory_order_relaxed);
  m.used = false;
  if (m.behind != nullptr) p.mailbox.markers->any_behind = true;
}

// A marker that waits for signals to be fetched stands at the end of the queue, so that the receive
// fetches before it looks at anything.
void use(Process& p, ReceiveMarkers::Marker& m) {
  p.mailbox.save = m.at;
  m.used = m.behind != nullptr;
}

}  // namespace

void mailbox_attach_all(Process& p) {
  for (Message* m = p.mailbox.first; m != nullptr; m = reinterpret_cast<Message*>(m->next)) {
    attach(p, m);
    if ((m->flags & kAttached) == 0) note_attached(p.mailbox, m);
  }
}

Term mailbox_peek(Process& p) {
  Mailbox& box = p.mailbox;
  if (*box.save == nullptr) {
    if (p.in_queue.load(std::memory_order_relaxed) == nullptr) return Term::none();
    signals_fetch(p);
    if (VM_UNLIKELY(p.exiting) || *box.save == nullptr) return Term::none();
  }
  Message* m = *box.save;
  attach(p, m);
  return m->value;
}

Term mailbox_remove(Process& p) {
  Mailbox& box = p.mailbox;
  Message* m = *box.save;
  VM_ASSERT(m != nullptr && m->fragment == nullptr);
  auto** behind = reinterpret_cast<Message**>(&m->next);
  *box.save = *behind;
  if (box.last == behind) box.last = box.save;
  each_marker(p, [&](ReceiveMarkers::Marker& marker) {
    if (marker.at == behind) marker.at = box.save;
  });
  box.save = &box.first;
  box.length--;
  forget_attached(box, m);
  if (VM_UNLIKELY(!m->token.is_nil() || (p.trace_flags & (kTraceHasToken | kTraceSavedCalls)) != 0)) {
    if (!m->token.is_nil() || (p.trace_flags & kTraceHasToken) != 0) seq_trace_receiving(p, *m);
    saved_calls_event(p, am::receive);
  }
  Term value = m->value;
  vm_free(m);
  return value;
}

void mailbox_append(Process& p, Message* m) {
  m->next = nullptr;
  *p.mailbox.last = m;
  p.mailbox.last = reinterpret_cast<Message**>(&m->next);
  p.mailbox.length++;
}

void mailbox_receive(Process& p, Message* m) {
  if (VM_UNLIKELY((p.trace_flags & kTraceReceive) != 0)) trace_received(p, *m);
  mailbox_append(p, m);
}

void mailbox_save_at_end(Process& p) { p.mailbox.save = p.mailbox.last; }

Term receive_marker_reserve(Process& p) {
  Mailbox& box = p.mailbox;
  if (box.markers == nullptr) box.markers = vm_new<ReceiveMarkers>();
  ReceiveMarkers& all = *box.markers;
  ReceiveMarkers::Marker* slot = &all.markers[0];
  for (auto& m : all.markers) {
    if (m.at == nullptr) {
      slot = &m;
      break;
    }
    if (m.serial < slot->serial) slot = &m;  // else the oldest gives way
  }
  put_at_end(p, *slot);
  slot->bound = false;
  slot->serial = all.next_serial++;
  return Term::small(slot->serial);
}

void receive_marker_set_serial(Process& p, u32 serial) {
  if (p.mailbox.markers == nullptr) p.mailbox.markers = vm_new<ReceiveMarkers>();
  p.mailbox.markers->next_serial = serial;
}

void receive_marker_bind(Process& p, Term marker, Term ref) {
  if (!marker.is_small() || !ref.is_local_ref()) return;
  each_marker(p, [&](ReceiveMarkers::Marker& m) {
    if (m.serial == static_cast<u32>(marker.small_value())) {
      m.bound = true;
      m.ref = local_ref_numbers(ref);
    }
  });
}

void receive_marker_clear(Process& p, Term ref) {
  if (p.mailbox.markers == nullptr || !ref.is_local_ref()) return;
  RefNumbers n = local_ref_numbers(ref);
  each_marker(p, [&](ReceiveMarkers::Marker& m) {
    if (m.bound && m.ref == n) m.at = nullptr;
  });
}

void receive_marker_use(Process& p, Term ref) {
  if (p.mailbox.markers == nullptr || !ref.is_local_ref()) return;
  RefNumbers n = local_ref_numbers(ref);
  each_marker(p, [&](ReceiveMarkers::Marker& m) {
    if (m.bound && m.ref == n) use(p, m);
  });
}

void receive_mark_old(Process& p) {
  if (p.mailbox.markers == nullptr) p.mailbox.markers = vm_new<ReceiveMarkers>();
  put_at_end(p, p.mailbox.markers->old_style);
}

void receive_set_old(Process& p) {
  if (p.mailbox.markers != nullptr && p.mailbox.markers->old_style.at != nullptr) {
    use(p, p.mailbox.markers->old_style);
  }
}

void mailbox_visit_roots(Process& p, RootVisitor& visitor) {
  AttachedMessages* all = p.mailbox.attached;
  if (all == nullptr) return;
  for (u32 i = 0; i < all->count; i++) {
    visitor.visit(&all->messages()[i]->value, 1);
    visitor.visit(&all->messages()[i]->token, 1);
  }
}

void mailbox_destroy(Process& p) {
  Message* m = p.mailbox.first;
  while (m != nullptr) {
    auto* next = static_cast<Message*>(m->next);
    if (m->fragment != nullptr) fragments_free(m->fragment);
    vm_free(m);
    m = next;
  }
  p.mailbox.first = nullptr;
  p.mailbox.last = p.mailbox.save = &p.mailbox.first;
  p.mailbox.length = 0;
  vm_free(std::exchange(p.mailbox.attached, nullptr));
  vm_delete(p.mailbox.markers);
  p.mailbox.markers = nullptr;
}

u64 mailbox_outside_words(const Process& p) {
  u64 words = 0;
  for (Message* m = p.mailbox.first; m != nullptr; m = static_cast<Message*>(m->next)) {
    for (Fragment* f = m->fragment; f != nullptr; f = f->next) {
      words += static_cast<u64>(f->end - f->mem);
    }
  }
  return words;
}

}  // namespace lintel
