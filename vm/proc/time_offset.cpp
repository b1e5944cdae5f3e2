#include "vm/proc/time_offset.h"

#include "vm/heap/copy.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct OffsetSignal : CallSignal {
  i64 offset_ns;
  explicit OffsetSignal(i64 ns) : CallSignal(&tell), offset_ns(ns) {}

  static void tell(Process* p, CallSignal* s) {
    i64 ns = static_cast<OffsetSignal*>(s)->offset_ns;
    vm_delete(static_cast<OffsetSignal*>(s));
    if (p == nullptr || p->relations == nullptr) return;
    p->relations->monitors.each([&](const MonitorRecord& m) {
      if (m.type != MonitorType::TimeOffset) return;
      bool tagged = !m.tag.is_none();
      Fragment* f = fragment_new(tuple_words(5) + kRefWords + kIntegerWords + (tagged ? copy_size(m.tag) : 0));
      Builder b = f->builder();
      Term tag = tagged ? copy_term(m.tag, b) : Term(am::CHANGE);
      Term ref = b.reference(m.ref);
      Term offset = b.integer(ns);
      Term message = b.tuple({tag, ref, am::time_offset, am::clock_service, offset});
      mailbox_receive(*p, vm_new<Message>(SignalKind::Message, message, f));
    });
  }
};

}  // namespace

void time_offset_changed(i64 offset_ns) {
  processes_each(
      [](Process& p, void* data) { signal_push_or_drop(p, vm_new<OffsetSignal>(*static_cast<i64*>(data))); },
      &offset_ns);
}

}  // namespace lintel
