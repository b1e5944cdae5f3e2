#include "vm/diag/crash_dump.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <unordered_set>

#include "vm/code/backend.h"
#include "vm/code/module.h"
#include "vm/etf/encode.h"
#include "vm/ets/table.h"
#include "vm/heap/literals.h"
#include "vm/io/driver.h"
#include "vm/io/environment.h"
#include "vm/io/port.h"
#include "vm/nif/library.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/links.h"
#include "vm/proc/process_table.h"
#include "vm/proc/signal.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/map_layout.h"
#include "vm/term/node.h"
#include "vm/term/print.h"

namespace lintel {

namespace {

// A file that takes so many bytes and no more.
class DumpFile {
 public:
  DumpFile(int fd, u64 limit, time_t deadline) : fd_(fd), left_(limit), deadline_(deadline) {
    buffer_.reserve(kBuffer + 4096);
  }
  ~DumpFile() {
    flush();
    ::close(fd_);
  }
  DumpFile(const DumpFile&) = delete;
  DumpFile& operator=(const DumpFile&) = delete;

  DumpFile& operator<<(std::string_view s) {
    buffer_ += s;
    if (buffer_.size() >= kBuffer) flush();
    return *this;
  }
  DumpFile& operator<<(u64 n) { return *this << std::to_string(n); }
  __attribute__((format(printf, 2, 3))) void print(const char* format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    std::vsnprintf(text, sizeof text, format, args);
    va_end(args);
    *this << text;
  }
  // Nothing more can be written, or the time is up.
  bool full() const { return left_ == 0 || (deadline_ != 0 && std::time(nullptr) > deadline_); }

 private:
  static constexpr u64 kBuffer = 1 << 16;

  void flush() {
    u64 n = full() ? 0 : std::min<u64>(buffer_.size(), left_);
    for (u64 at = 0; at < n;) {
      ssize_t wrote = ::write(fd_, buffer_.data() + at, n - at);
      if (wrote <= 0) {
        left_ = 0;
        break;
      }
      at += static_cast<u64>(wrote);
      left_ -= static_cast<u64>(wrote);
    }
    buffer_.clear();
  }

  int fd_;
  u64 left_;
  time_t deadline_;
  std::string buffer_;
};

void put_base64(DumpFile& out, const u8* p, u64 n) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (u64 i = 0; i < n; i += 3) {
    u32 word = u32{p[i]} << 16 | (i + 1 < n ? u32{p[i + 1]} << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
    text += digits[word >> 18];
    text += digits[word >> 12 & 63];
    text += i + 1 < n ? digits[word >> 6 & 63] : '=';
    text += i + 2 < n ? digits[word & 63] : '=';
    if (text.size() >= 4096) {
      out << text;
      text.clear();
    }
  }
  out << text;
}

std::string mfa_text(Term module, Term function, u32 arity) {
  return term_text(module) + ":" + term_text(function) + "/" + std::to_string(arity);
}

std::string code_text(const Word* pc) {
  char hex[40];
  std::snprintf(hex, sizeof hex, "%#018lx", reinterpret_cast<unsigned long>(pc));
  CodePosition at;
  if (!code_find(pc, &at)) return std::string(hex) + " (unknown function)";
  return std::string(hex) + " (" + mfa_text(at.module->name, at.function, at.arity) + " + " +
         std::to_string((pc - at.info) * static_cast<i64>(kWordBytes)) + ")";
}

// Terms in the dump's notation. What lies in memory is written once, by its address, after the place
// that refers to it: in the part of the process that owns it, among the literals or the binaries.
class TermWriter {
 public:
  explicit TermWriter(DumpFile& out) : out_(out) {}

  void put(Term t) {
    if (t.is_pointer()) {
      bool literal = is_literal(t);
      if ((literal ? seen_literals_ : seen_).insert(t.bits()).second) (literal ? literals_ : todo_).push_back(t);
      out_.print("H%lX", static_cast<unsigned long>(reinterpret_cast<Word>(t.address())));
    } else if (t.is_atom()) {
      std::string_view name = atom_name(t);
      out_.print("A%lX:", static_cast<unsigned long>(name.size()));
      out_ << name;
    } else if (t.is_small()) {
      out_.print("I%ld", static_cast<long>(t.small_value()));
    } else if (t.is_nil()) {
      out_ << "N";
    } else if (t.is_local_pid()) {
      out_ << "P" << term_text(t);
    } else {
      out_ << "p" << term_text(t);
    }
  }
  // What the terms put since the last time refer to.
  void put_heap() {
    while (!todo_.empty() && !out_.full()) {
      Term t = todo_.back();
      todo_.pop_back();
      put_object(t);
    }
    todo_.clear();
    seen_.clear();
  }
  void put_literals() {
    while (!literals_.empty() && !out_.full()) {
      Term t = literals_.back();
      literals_.pop_back();
      put_object(t);
    }
  }
  void put_binaries() {
    for (auto& [address, size] : binaries_) {
      if (out_.full()) return;
      const auto* data = reinterpret_cast<const BinaryData*>(address);
      out_.print("=binary:%lX\n%lX:", static_cast<unsigned long>(address), static_cast<unsigned long>(size));
      put_base64(out_, data->bytes, size);
      out_ << "\n";
    }
  }

 private:
  void put_object(Term t) {
    out_.print("%lX:", static_cast<unsigned long>(reinterpret_cast<Word>(t.address())));
    if (t.is_list()) {
      out_ << "l";
      put(t.head());
      out_ << "|";
      put(t.tail());
    } else {
      put_boxed(t);
    }
    out_ << "\n";
  }

  void put_boxed(Term t) {
    switch (t.boxed_tag()) {
      case BoxedTag::Tuple:
        out_.print("t%lX:", static_cast<unsigned long>(tuple_arity(t)));
        put_row(tuple_elements(t), tuple_arity(t));
        return;
      case BoxedTag::FlatMap: {
        u64 n = flat_map_size(t);
        out_.print("Mf%lX:", static_cast<unsigned long>(n));
        put(t.object()[1]);
        out_ << ":";
        put_row(flat_map_values(t), n);
        return;
      }
      case BoxedTag::HeapBinary: {
        auto* b = view<HeapBinary>(t);
        out_.print("Yh%lX:", static_cast<unsigned long>(b->size));
        put_base64(out_, b->bytes, b->size);
        return;
      }
      case BoxedTag::RefcBinary: {
        auto* b = view<RefcBinary>(t);
        put_shared(b->data, 0, b->size());
        return;
      }
      case BoxedTag::SubBinary: {
        auto* sub = view<SubBinary>(t);
        if (sub->bit_size() % 8 == 0 && sub->bit_offset() % 8 == 0 && sub->base.is(BoxedTag::RefcBinary)) {
          put_shared(view<RefcBinary>(sub->base)->data, sub->bit_offset() / 8, sub->bit_size() / 8);
          return;
        }
        put_external(t);
        return;
      }
      case BoxedTag::MatchCtx:
        out_ << "Yh0:";
        return;
      case BoxedTag::HamtNode:  // only ever inside its root, which is written whole
        out_ << "t0:";
        return;
      default: put_external(t); return;
    }
  }

  void put_row(const Term* terms, u64 n) {
    for (u64 i = 0; i < n; i++) {
      if (i != 0) out_ << ",";
      put(terms[i]);
    }
  }
  void put_shared(BinaryData* data, u64 offset, u64 size) {
    u64& whole = binaries_[reinterpret_cast<Word>(data)];
    whole = std::max(whole, offset + size);
    out_.print("Yc%lX:%lX:%lX", static_cast<unsigned long>(reinterpret_cast<Word>(data)),
               static_cast<unsigned long>(offset), static_cast<unsigned long>(size));
  }
  void put_external(Term t) {
    EtfEncodeOptions options;
    options.utf8_atoms = true;
    EtfEncoder encoder(t, options);
    encoder.put_version();
    i64 budget = INT64_MAX;
    if (encoder.step(budget) != EtfEncoder::Status::Done) {
      out_ << "Yh0:";
      return;
    }
    out_.print("E%lX:", static_cast<unsigned long>(encoder.size()));
    put_base64(out_, encoder.bytes(), encoder.size());
  }

  DumpFile& out_;
  std::vector<Term> todo_;
  std::vector<Term> literals_;
  std::unordered_set<Word> seen_;
  std::unordered_set<Word> seen_literals_;
  std::map<Word, u64> binaries_;
};

struct Dump {
  DumpFile& out;
  TermWriter& terms;
  const CrashFacts& facts;
  std::vector<Process*> processes;
};

void put_run_queue(Dump& d, const Scheduler& s) {
  static const char* const names[] = {"Max", "High", "Normal", "Low"};
  for (u32 i = 0; i < 4; i++) d.out << "Run Queue " << names[i] << " Length: " << u64{s.queue.length(i)} << "\n";
  d.out << "Run Queue Port Length: " << u64{s.queue.port_length()} << "\nRun Queue Flags: \n";
}

void put_schedulers(Dump& d) {
  for (u32 i = 0; i < scheduler_count(); i++) {
    const Scheduler& s = scheduler_at(i);
    d.out << "=scheduler:" << u64{i + 1} << "\nScheduler Sleep Info Flags: "
          << (s.asleep.load(std::memory_order_relaxed) ? "SLEEPING | WAITING" : "")
          << "\nScheduler Sleep Info Aux Work: \nCurrent Port: \n";
    put_run_queue(d, s);
    d.out << "Current Process: " << (s.current != nullptr ? term_text(s.current->id) : std::string()) << "\n";
    if (s.current != nullptr) {
      d.out << "Current Process State: Running\nCurrent Process Program counter: "
            << code_text(s.current->pc) << "\n";
    }
  }
  auto dirty = [&](SchedulerKind kind, const char* name, u32 n, u32 first) {
    for (u32 i = 0; i < n; i++) {
      const Scheduler& s = dirty_scheduler_at(kind, i);
      d.out << "=" << name << ":" << u64{first + i} << "\nScheduler Sleep Info Flags: \nScheduler Sleep Info Aux Work: \n"
            << "Current Process: " << (s.current != nullptr ? term_text(s.current->id) : std::string()) << "\n";
    }
  };
  dirty(SchedulerKind::DirtyCpu, "dirty_cpu_scheduler", dirty_cpu_count(), scheduler_count() + 1);
  dirty(SchedulerKind::DirtyIo, "dirty_io_scheduler", dirty_io_count(), scheduler_count() + dirty_cpu_count() + 1);
}

// On a dirty thread it may be changing now; exited, there is nothing to see.
bool is_steady(const Process& p) { return (p.state_now() & (kStateDirty | kStateFree)) == 0; }

const char* state_text(const Process& p) {
  u32 state = p.state_now();
  if ((state & kStateExiting) != 0 || p.exiting) return "Exiting";
  if ((state & kStateRunning) != 0) return "Running";
  if (p.suspend_count != 0) return "Suspended";
  return p.waiting && (state & kStateQueued) == 0 ? "Waiting" : "Scheduled";
}

void put_links(Dump& d, const Process& p) {
  if (p.relations == nullptr) return;
  std::string list;
  auto add = [&](const std::string& item) { list += (list.empty() ? "" : ", ") + item; };
  p.relations->links.each([&](LinkRecord& l) {
    if (l.unlink_id == 0) add(term_text(l.peer));
  });
  auto ref_text = [](RefNumbers n) {
    return "#Ref<0." + std::to_string(n.n[2]) + "." + std::to_string(n.n[1]) + "." + std::to_string(n.n[0]) + ">";
  };
  p.relations->monitors.each([&](MonitorRecord& m) {
    if (m.target.is_pointer()) return;
    add("{to," + term_text(m.target) + "," + ref_text(m.ref) + "}");
  });
  p.relations->watchers.each([&](WatcherRecord& w) {
    if (w.watcher.is_pointer()) return;
    add("{from," + term_text(w.watcher) + "," + ref_text(w.ref) + "}");
  });
  if (!list.empty()) d.out << "Link list: [" << list << "]\n";
}

void put_process(Dump& d, const Process& p) {
  d.out << "=proc:" << term_text(p.id) << "\nState: " << state_text(p) << "\n";
  if (!is_steady(p)) return;
  Term name = p.registered_name.load(std::memory_order_relaxed);
  if (!name.is_nil()) d.out << "Name: " << term_text(name) << "\n";
  d.out << "Spawned as: "
        << mfa_text(p.initial_mfa[0], p.initial_mfa[1], static_cast<u32>(p.initial_mfa[2].small_value()))
        << "\nSpawned by: " << (p.parent == am::undefined ? std::string("[]") : term_text(p.parent))
        << "\nMessage queue length: " << p.mailbox.length << "\n";
  u64 fragments = 0;
  for (Fragment* f = p.fragments; f != nullptr; f = f->next) fragments++;
  d.out << "Number of heap fragments: " << fragments << "\nHeap fragment data: " << p.fragment_words << "\n";
  put_links(d, p);
  d.out << "Reductions: " << static_cast<u64>(p.reds_total) << "\nStack+heap: " << static_cast<u64>(p.end - p.start)
        << "\nOldHeap: " << static_cast<u64>(p.old_end - p.old_start) << "\nHeap unused: " << p.free_words()
        << "\nOldHeap unused: " << static_cast<u64>(p.old_end - p.old_top)
        << "\nBinVHeap: " << p.off_heap.words << "\nOldBinVHeap: " << p.old_off_heap.words
        << "\nMemory: " << sizeof(Process) + p.total_words() * kWordBytes << "\n";
  if (!p.exiting) d.out << "Program counter: " << code_text(p.pc) << "\narity = 0\n";
}

void put_stack(Dump& d, const Process& p) {
  u32 y = 0;
  for (const Term* s = p.sp; s < p.end; s++) {
    if (s->is_return_address()) {
      const Word* to = s->return_address();
      if (is_trace_return(to)) {
        s += kTraceFrameSlots[trace_return_kind(to)];
        continue;
      }
      d.out.print("%#018lx:SReturn addr ", reinterpret_cast<unsigned long>(s));
      CodePosition at;
      if (code_find(to - 1, &at)) {
        d.out << code_text(to) << "\n";
      } else {
        d.out.print("%#018lx (<terminate process normally>)\n", reinterpret_cast<unsigned long>(to));
      }
      y = 0;
      continue;
    }
    d.out.print("y%u:", y++);
    if (s->is_catch()) {
      d.out << "SCatch " << code_text(reinterpret_cast<const Word*>(s->catch_index()));
    } else {
      d.terms.put(*s);
    }
    d.out << "\n";
  }
}

// What a process refers to, and then all of that.
void put_process_data(Dump& d, const Process& p) {
  if (!is_steady(p) || p.exiting) return;
  std::string id = term_text(p.id);
  if (p.mailbox.first != nullptr) {
    d.out << "=proc_messages:" << id << "\n";
    for (auto* m = p.mailbox.first; m != nullptr; m = static_cast<Message*>(m->next)) {
      d.terms.put(m->value);
      d.out << ":";
      d.terms.put(m->token.is_atom() ? Term::nil() : m->token);
      d.out << "\n";
    }
  }
  if (dictionary_count(p) != 0) {
    d.out << "=proc_dictionary:" << id << "\n";
    // Each entry is a tuple of its own, at an address that nothing else has.
    struct Entries {
      std::vector<std::pair<Term, Term>> list;
    } entries;
    dictionary_each(p, [](Term k, Term v, void* e) { static_cast<Entries*>(e)->list.push_back({k, v}); }, &entries);
    for (u64 i = 0; i < entries.list.size(); i++) d.out.print("H%lX\n", static_cast<unsigned long>(i + 1));
    d.out << "=proc_stack:" << id << "\n";
    put_stack(d, p);
    d.out << "=proc_heap:" << id << "\n";
    for (u64 i = 0; i < entries.list.size(); i++) {
      d.out.print("%lX:t2:", static_cast<unsigned long>(i + 1));
      d.terms.put(entries.list[i].first);
      d.out << ",";
      d.terms.put(entries.list[i].second);
      d.out << "\n";
    }
  } else {
    d.out << "=proc_stack:" << id << "\n";
    put_stack(d, p);
    d.out << "=proc_heap:" << id << "\n";
  }
  d.terms.put_heap();
}

void put_port(Port& port, void* data) {
  auto& d = *static_cast<Dump*>(data);
  std::string id = term_text(port.id);
  d.out << "=port:" << id << "\nState: " << (port.is_scheduled.load(std::memory_order_relaxed) ? "SCHEDULED" : "CONNECTED")
        << "\nSlot: " << port.id.bits() << "\nConnected: " << term_text(port.connected) << "\n";
  if (!port.registered_name.is_none()) d.out << "Registered as: " << term_text(port.registered_name) << "\n";
  if (port.driver != nullptr) d.out << "Port controls linked-in driver: " << port.name << "\n";
  d.out << "Input: " << port.bytes_in << "\nOutput: " << port.bytes_out << "\n";
}

void put_table(EtsTable& t, void* data) {
  auto& d = *static_cast<Dump*>(data);
  d.out << "=ets:" << term_text(t.owner_pid()) << "\nSlot: " << reinterpret_cast<Word>(&t)
        << "\nTable: " << term_text(t.name_term()) << "\nName: " << term_text(t.name_term()) << "\n";
  if (t.ordered()) {
    d.out << "Ordered set (AVL tree), Elements: " << t.size() << "\n";
  } else {
    u64 buckets = 0;
    for (u32 i = 0; i < t.shard_count; i++) buckets += t.shards[i]->store.buckets();
    d.out << "Buckets: " << buckets << "\n";
  }
  static const char* const protections[] = {"public", "protected", "private"};
  static const char* const types[] = {"set", "bag", "duplicate_bag", "ordered_set"};
  d.out << "Objects: " << t.size() << "\nWords: " << t.memory_words() << "\nType: " << types[static_cast<u32>(t.options.type)]
        << "\nProtection: " << protections[static_cast<u32>(t.protection.load(std::memory_order_relaxed))]
        << "\nCompressed: " << (t.options.compressed ? "true" : "false")
        << "\nWrite Concurrency: " << (t.options.write_concurrency ? "true" : "false")
        << "\nRead Concurrency: " << (t.options.read_concurrency ? "true" : "false") << "\n";
}

u64 module_bytes(const Module& m) {
  u64 bytes = m.code_words * kWordBytes;
  for (const LiteralArea* area : m.literals) bytes += area->bytes;
  return bytes;
}

void put_modules(Dump& d) {
  std::vector<ModuleSlot*> slots;
  module_slots_each([](ModuleSlot* s, void* to) { static_cast<std::vector<ModuleSlot*>*>(to)->push_back(s); }, &slots);
  u64 current = 0, old = 0;
  for (ModuleSlot* s : slots) {
    if (Module* m = s->current.load(std::memory_order_acquire)) current += module_bytes(*m);
    if (Module* m = s->old.load(std::memory_order_acquire)) old += module_bytes(*m);
  }
  d.out << "=loaded_modules\nCurrent code: " << current << "\nOld code: " << old << "\n";
  for (ModuleSlot* s : slots) {
    Module* now = s->current.load(std::memory_order_acquire);
    Module* before = s->old.load(std::memory_order_acquire);
    if (now == nullptr && before == nullptr) continue;
    d.out << "=mod:" << term_text(s->name) << "\n";
    if (now != nullptr) d.out << "Current size: " << module_bytes(*now) << "\n";
    if (before != nullptr) d.out << "Old size: " << module_bytes(*before) << "\n";
  }
  for (ModuleSlot* s : slots) {
    Module* m = s->current.load(std::memory_order_acquire);
    if (m == nullptr) continue;
    for (u64 i = 0; i < m->lambdas.size(); i++) {
      const FunEntry& f = *m->lambdas[i];
      d.out << "=fun\nModule: " << term_text(f.module) << "\nUniq: " << u64{f.old_uniq} << "\nIndex: " << u64{f.index}
            << "\nAddress: ";
      d.out.print("%#018lx\nRefc: 1\n", reinterpret_cast<unsigned long>(m->lambda_entries[i]));
    }
  }
}

std::string taints() {
  struct Names {
    std::string text;
  } names;
  module_slots_each(
      [](ModuleSlot* s, void* to) {
        Module* m = s->current.load(std::memory_order_acquire);
        auto& text = static_cast<Names*>(to)->text;
        if (m != nullptr && m->nif_library != nullptr && m->nif_library->handle != nullptr) text += (text.empty() ? "" : ",") + term_text(s->name);
      },
      &names);
  return names.text;
}

void put_everything(Dump& d) {
  char date[64];
  time_t now = std::time(nullptr);
  std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", std::localtime(&now));
  d.out << "=erl_crash_dump:0.5\n" << date << "\nSlogan: " << d.facts.slogan << "\nSystem version: "
        << d.facts.system_version << "\nTaints: " << taints() << "\nAtoms: " << u64{atom_count()} << "\n";
  if (this_scheduler != nullptr) d.out << "Calling Thread: scheduler:" << u64{this_scheduler->index + 1} << "\n";
  put_schedulers(d);
  d.out << "=memory\n";
  for (auto& [name, bytes] : d.facts.memory) d.out << name << ": " << bytes << "\n";
  ports_each(put_port, &d);
  processes_each([](Process& p, void* to) { static_cast<Dump*>(to)->processes.push_back(&p); }, &d);
  for (Process* p : d.processes) put_process(d, *p);
  ets_tables_each(put_table, &d);
  d.out << "=node:" << term_text(this_node()->name) << "\n=no_distribution\n";
  put_modules(d);
  for (Process* p : d.processes) {
    if (d.out.full()) return;
    put_process_data(d, *p);
  }
  d.out << "=literals\n";
  d.terms.put_literals();
  d.terms.put_binaries();
  d.out << "=atoms\n";
  for (u32 i = atom_count(); i-- > 0 && !d.out.full();) d.out << term_text(Term::atom(i)) << "\n";
  d.out << "=end\n";
}

// The variable's number; `otherwise` when it is absent or none.
i64 number_of(const char* variable, i64 otherwise) {
  std::string value;
  if (!environment_find(variable, &value)) return otherwise;
  char* end;
  i64 n = std::strtoll(value.c_str(), &end, 10);
  return end == value.c_str() ? otherwise : n;
}

}  // namespace

void crash_dump_write(const CrashFacts& facts) {
  schedulers_block();
  i64 seconds = number_of("ERL_CRASH_DUMP_SECONDS", -1);
  i64 bytes = number_of("ERL_CRASH_DUMP_BYTES", -1);
  if (seconds == 0 || bytes == 0) return;
  std::string name = "erl_crash.dump";
  environment_find("ERL_CRASH_DUMP", &name);
  if (i64 nice = number_of("ERL_CRASH_DUMP_NICE", 0); nice > 0) {
    setpriority(PRIO_PROCESS, 0, static_cast<int>(std::min<i64>(nice, 39)));
  }
  int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return;
  std::fprintf(stderr, "\r\nCrash dump is being written to: %s...", name.c_str());
  std::fflush(stderr);
  {
    DumpFile out(fd, bytes < 0 ? UINT64_MAX : static_cast<u64>(bytes),
                 seconds > 0 ? std::time(nullptr) + seconds : 0);
    TermWriter terms(out);
    Dump dump{out, terms, facts, {}};
    put_everything(dump);
  }
  std::fprintf(stderr, "done\r\n");
}

}  // namespace lintel
