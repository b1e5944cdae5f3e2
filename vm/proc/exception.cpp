#include "vm/proc/exception.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/code/module.h"
#include "vm/proc/stacktrace.h"
#include "vm/term/atom.h"

namespace lintel {

u32 backtrace_depth = 8;

BifResult raise(Process& p, ExcClass cls, Term reason) {
  p.outcome = BifOutcome::Raise;
  p.exc_class = cls;
  p.exc_flags = 0;
  p.exc_reason = reason;
  p.exc_trace = Term::nil();
  return Term::none();
}

BifResult raise_badarg(Process& p) { return raise(p, ExcClass::Error, am::badarg); }
BifResult raise_badarith(Process& p) { return raise(p, ExcClass::Error, am::badarith); }
BifResult raise_system_limit(Process& p) { return raise(p, ExcClass::Error, am::system_limit); }
BifResult raise_notsup(Process& p) { return raise(p, ExcClass::Error, am::notsup); }
BifResult raise_undef(Process& p) { return raise(p, ExcClass::Error, am::undef); }

BifResult raise_error_tuple(Process& p, Term tag, Term value) {
  LocalRoots<1> roots(p, value);
  Builder b = p.reserve(tuple_words(2));
  return raise(p, ExcClass::Error, b.tuple({tag, roots[0]}));
}

BifResult raise_badarg_cause(Process& p, Term cause) {
  (void)raise_badarg(p);
  p.exc_flags = kExcCause;
  p.exc_info = cause;
  return Term::none();
}

BifResult trap(Process& p, Export* target, std::initializer_list<Term> args) {
  p.outcome = BifOutcome::Trap;
  p.trap_entry = target->entry.load(std::memory_order_acquire);
  u32 i = 0;
  for (Term a : args) p.x[i++] = a;
  return Term::none();
}

BifResult yield_again(Process& p, std::initializer_list<Term> args) {
  p.outcome = BifOutcome::Yield;
  u32 i = 0;
  for (Term a : args) p.x[i++] = a;
  return Term::none();
}

// ---- raw traces ----

namespace {

constexpr u32 kHeadElements = 5;
constexpr u64 kWalkedPerReduction = 128;  // words of the stack

// Return addresses on the stack, innermost first, runs of one address counted once. Each is stored
// one word back, inside the call it returns from. A run may be as long as the stack: *walked, where given,
// becomes the words looked at.
u32 gather(const Process& p, Term* out, u32 room, u64* walked = nullptr) {
  const Word* previous = nullptr;
  u32 n = 0;
  const Term* s = p.sp;
  for (; s < p.end && n < room; s++) {
    if (!s->is_return_address()) continue;
    const Word* pc = s->return_address() - 1;
    if (pc == previous || is_trace_return(pc + 1)) continue;
    previous = pc;
    out[n++] = Term::raw_pointer(pc);
  }
  if (walked != nullptr) *walked = static_cast<u64>(s - p.sp);
  return n;
}

Term error_info_list(Builder& b, Term map) {
  return b.cons(b.tuple({am::error_info, map}), Term::nil());
}
constexpr u64 kErrorInfoWords = 3 + 2;
constexpr u64 kMaxMapWords = 3 + 4;  // two keys: their tuple, and the map

// The library module whose format_error/2 explains a BIF's errors; none() when there is none.
Term explainer_of(std::string_view module) {
  struct Row {
    std::string_view of;
    Term by;
  };
  static const Row rows[] = {
      {"atomics", am::erl_erts_errors},      {"counters", am::erl_erts_errors},
      {"erlang", am::erl_erts_errors},       {"erts_internal", am::erl_erts_errors},
      {"persistent_term", am::erl_erts_errors}, {"os", am::erl_kernel_errors},
      {"binary", am::erl_stdlib_errors},     {"ets", am::erl_stdlib_errors},
      {"lists", am::erl_stdlib_errors},      {"maps", am::erl_stdlib_errors},
      {"math", am::erl_stdlib_errors},       {"re", am::erl_stdlib_errors},
      {"unicode", am::erl_stdlib_errors},
  };
  for (const Row& r : rows) {
    if (r.of == module) return r.by;
  }
  return Term::none();
}

// Flat maps with keys in term order: cause < module by name.
Term small_map(Builder& b, std::initializer_list<Term> keys, std::initializer_list<Term> values) {
  Term key_tuple = b.tuple(keys);
  Term* m = b.alloc(2 + values.size());
  m[0] = Term::header(BoxedTag::FlatMap, 1 + values.size());
  m[1] = key_tuple;
  u64 i = 2;
  for (Term v : values) m[i++] = v;
  return Term::boxed(m);
}

// head: module or [], function, arity or args. pcs: what the trace shows below.
void store_trace(Process& p, Term module, Term function, Term third, Term info,
                 const Term* pcs, u32 count) {
  LocalRoots<2> roots(p, third, info);
  Term* e;
  Builder b = p.reserve(tuple_words(kHeadElements + count));
  Term trace = b.tuple_uninitialized(kHeadElements + count, &e);
  e[0] = module;
  e[1] = function;
  e[2] = roots[0];
  e[3] = roots[1];
  e[4] = class_atom(p.exc_class);
  for (u32 i = 0; i < count; i++) e[kHeadElements + i] = pcs[i];
  p.exc_trace = trace;
}

Term list_of(Builder& b, const Term* items, u32 count) {
  Term list = Term::nil();
  for (u32 i = count; i-- > 0;) list = b.cons(items[i], list);
  return list;
}

}  // namespace

void exception_save_trace(Process& p, const Word* pc, const BifEntry* bif) {
  if (p.exc_flags & kExcHasTrace) return;
  Term pcs[kMaxBacktraceDepth];
  u32 depth = backtrace_depth == 0 ? 0 : backtrace_depth - 1;
  u32 count = 0;
  // error/3 and its like, called through its export as traced calls are: the stub is nobody's code, the
  // trace begins with the stub's caller.
  bool in_stub = false;
  if (p.exc_flags & kExcNotBif) {
    if (bif != nullptr) {
      const Word* stub = bif->export_entry->stub;
      in_stub = pc >= stub && pc < stub + std::size(bif->export_entry->stub);
    }
    bif = nullptr;
  }
  if (bif != nullptr) {
    Term explainer = explainer_of(bif->module);
    // No register is live any more, so the arguments may take the first ones to be roots.
    std::memmove(static_cast<void*>(p.x), p.bif_args, bif->arity * sizeof(Term));
    p.live = bif->arity;
    Builder b = p.reserve(2 * bif->arity + kMaxMapWords + kErrorInfoWords);
    Term args = list_of(b, p.x, bif->arity);
    Term info = Term::nil();
    if (!explainer.is_none()) {
      info = p.exc_flags & kExcCause
                 ? small_map(b, {am::cause, am::module}, {p.exc_info, explainer})
                 : small_map(b, {am::module}, {explainer});
      info = error_info_list(b, info);
    }
    p.live = 0;
    if (depth > 0) pcs[count++] = Term::raw_pointer(pc);
    u64 walked;
    count += gather(p, pcs + count, depth - count, &walked);
    p.bump_reductions(static_cast<i64>(walked / kWalkedPerReduction));
    store_trace(p, bif->export_entry->module, bif->export_entry->function, args, info, pcs, count);
    return;
  }
  if (!in_stub) pcs[count++] = Term::raw_pointer(pc);
  u64 walked;
  count += gather(p, pcs + count, depth, &walked);
  p.bump_reductions(static_cast<i64>(walked / kWalkedPerReduction));
  p.live = 0;
  Term args = p.exc_flags & kExcHasArgs ? p.exc_args : am::true_;
  Term info = Term::nil();
  if (p.exc_flags & kExcErrorInfo) {
    Builder b = p.reserve(kErrorInfoWords);
    info = error_info_list(b, p.exc_info);
    if (p.exc_flags & kExcHasArgs) args = p.exc_args;
  }
  store_trace(p, Term::nil(), Term::nil(), args, info, pcs, count);
}

void exception_save_trace_of(Process& p, Term module, Term function, const Term* args, u32 arity) {
  Term third = Term::small(arity);
  if (args != nullptr) {
    std::memmove(static_cast<void*>(p.x), args, arity * sizeof(Term));
    p.live = arity;
    Builder b = p.reserve(2 * arity);
    third = list_of(b, p.x, arity);
  }
  p.live = 0;
  Term pcs[kMaxBacktraceDepth];
  u32 count = gather(p, pcs, backtrace_depth == 0 ? 0 : backtrace_depth - 1);
  store_trace(p, module, function, third, Term::nil(), pcs, count);
  p.exc_flags |= kExcHasTrace;
}

// ---- readable traces ----

namespace {

// Words for {M, F, A, Location} in a list, with file and line.
u64 item_words(std::string_view file) { return 2 + 5 + 2 * (2 + 3) + 2 * file.size(); }
constexpr u64 kItemExtraWords = 8;

Term make_item(Builder& b, Term module, Term function, Term third, Term info, const Module* m,
               const Word* pc) {
  Term location = info;
  std::string_view file;
  u32 line;
  if (m != nullptr && code_line(*m, pc, &file, &line)) {
    location = b.cons(b.tuple({am::line, Term::small(line)}), location);
    Term name = Term::nil();
    // File names are kept as UTF-8 and shown as a list of code points.
    u32 points[1024];
    u32 n = 0;
    for (size_t i = 0; i < file.size() && n < 1024;) {
      u8 c = static_cast<u8>(file[i]);
      u32 extra = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
      u32 point = extra == 0 ? c : c & (0x3f >> extra);
      for (u32 k = 1; k <= extra && i + k < file.size(); k++) {
        point = point << 6 | (static_cast<u8>(file[i + k]) & 0x3f);
      }
      points[n++] = point;
      i += extra + 1;
    }
    while (n-- > 0) name = b.cons(Term::small(points[n]), name);
    location = b.cons(b.tuple({am::file, name}), location);
  }
  return b.tuple({module, function, third, location});
}

std::string_view file_of(const CodePosition& at, const Word* pc) {
  std::string_view file;
  u32 line;
  return code_line(*at.module, pc, &file, &line) ? file : std::string_view();
}

const Word* small_pc(Term t) { return t.as_raw_pointer<const Word>(); }

}  // namespace

Term class_atom(ExcClass cls) {
  switch (cls) {
    case ExcClass::Error: return am::error;
    case ExcClass::Exit: return am::exit;
    case ExcClass::Throw: return am::throw_;
  }
  return am::error;
}

ExcClass raw_trace_class(Term raw) {
  Term cls = am::error;
  if (is_tuple_of(raw, 2)) {
    cls = tuple_element(raw, 0);
  } else if (raw.is_tuple() && tuple_arity(raw) >= kHeadElements) {
    cls = tuple_element(raw, 4);
  }
  return cls == am::exit ? ExcClass::Exit : cls == am::throw_ ? ExcClass::Throw : ExcClass::Error;
}

Term raw_trace_with_class(Process& p, Term trace, ExcClass cls) {
  if (is_tuple_of(trace, 2)) trace = tuple_element(trace, 1);
  if (trace.is_tuple() && tuple_arity(trace) >= kHeadElements) {
    if (raw_trace_class(trace) == cls) return trace;
    trace = stacktrace_of_raw(p, trace);
  }
  LocalRoots<1> roots(p, trace);
  Builder b = p.reserve(tuple_words(2));
  return b.tuple({class_atom(cls), roots[0]});
}

Term stacktrace_of_raw(Process& p, Term raw) {
  if (is_tuple_of(raw, 2)) return tuple_element(raw, 1);
  if (!raw.is_tuple() || tuple_arity(raw) < kHeadElements) return raw;
  u64 count = tuple_arity(raw) - kHeadElements;
  for (u64 i = 0; i < count; i++) {
    if (!tuple_element(raw, kHeadElements + i).is_small()) return Term::nil();
  }
  u64 words = item_words({});
  for (u64 i = 0; i < count; i++) {
    const Word* pc = small_pc(tuple_element(raw, kHeadElements + i));
    CodePosition at;
    if (code_find(pc, &at)) words += item_words(file_of(at, pc)) + kItemExtraWords;
  }
  LocalRoots<1> roots(p, raw);
  Builder b = p.reserve(words);
  raw = roots[0];
  Term list = Term::nil();
  Term module = tuple_element(raw, 0);
  Term third = tuple_element(raw, 2);
  Term info = tuple_element(raw, 3);
  for (u64 i = count; i-- > 0;) {
    const Word* pc = small_pc(tuple_element(raw, kHeadElements + i));
    CodePosition at;
    if (!code_find(pc, &at)) continue;
    bool is_head = i == 0 && module.is_nil();
    Term args = is_head && third != am::true_ ? third : Term::small(at.arity);
    list = b.cons(make_item(b, at.module->name, at.function, args,
                            is_head ? info : Term::nil(), at.module, pc),
                  list);
  }
  if (!module.is_nil()) {
    list = b.cons(make_item(b, module, tuple_element(raw, 1), third, info, nullptr, nullptr), list);
  }
  return list;
}

Term exception_exit_reason(Process& p) {
  if (p.exc_class == ExcClass::Exit) return p.exc_reason;
  p.live = 0;
  Term trace = stacktrace_of_raw(p, p.exc_trace);
  LocalRoots<1> roots(p, trace);
  Builder b = p.reserve(3 + 3);
  Term reason = p.exc_reason;
  if (p.exc_class == ExcClass::Throw) reason = b.tuple({am::nocatch, reason});
  return b.tuple({reason, roots[0]});
}

bool process_current_function(const Process& p, Term* module, Term* function, u32* arity) {
  if (const BifEntry* bif = p.suspended_bif; bif != nullptr && !p.exiting) {
    *module = bif->export_entry->module;
    *function = bif->export_entry->function;
    *arity = bif->arity;
    return true;
  }
  CodePosition at;
  if (p.pc == nullptr || !code_find(p.pc, &at)) return false;
  *module = at.module->name;
  *function = at.function;
  *arity = at.arity;
  return true;
}

Term process_stacktrace(const Process& p, Process& to, u32 depth) {
  if (depth > kMaxBacktraceDepth) depth = kMaxBacktraceDepth;
  Term pcs[kMaxBacktraceDepth + 1];
  u32 count = 0;
  if (depth > 0 && p.pc != nullptr) pcs[count++] = Term::raw_pointer(p.pc);
  count += gather(p, pcs + count, depth - count);
  u64 words = 0;
  for (u32 i = 0; i < count; i++) {
    CodePosition at;
    if (code_find(small_pc(pcs[i]), &at)) {
      words += item_words(file_of(at, small_pc(pcs[i]))) + kItemExtraWords;
    }
  }
  Builder b = to.reserve(words);
  Term list = Term::nil();
  for (u32 i = count; i-- > 0;) {
    CodePosition at;
    const Word* pc = small_pc(pcs[i]);
    if (!code_find(pc, &at)) continue;
    list = b.cons(make_item(b, at.module->name, at.function, Term::small(at.arity), Term::nil(),
                            at.module, pc),
                  list);
  }
  return list;
}

}  // namespace lintel
