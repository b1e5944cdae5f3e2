#include "vm/interp/interp.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "vm/base/alloc.h"
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/code/module.h"
#include "vm/interp/fused.h"
#include "vm/interp/op_count.h"

namespace lintel::interp {

namespace {

const Handler handlers[] = {
#define OP(name, letters) &op_##name,
#include "vm/tables/specific_ops.def"
#undef OP
};

u32 address_word(Handler handler) {
  u64 address = reinterpret_cast<u64>(handler);
  VM_CHECK(address < (u64{1} << 32));  // the executable is linked below 4 GB
  return static_cast<u32>(address);
}
u32 handler_word(Op op) {
  return address_word(op_count_enabled() ? counted_handler(op) : handlers[static_cast<u32>(op)]);
}

// The fused rows sorted by their first two operations, longer ones first; and where those of a pair
// begin, plus one.
u16 fused_sorted[2048];
u16 fused_begin[kOpCount][kOpCount];

void index_fused() {
  if (op_count_enabled()) return;
  auto rows = fused_rows();
  VM_CHECK(rows.size() <= std::size(fused_sorted));
  auto end = fused_sorted + rows.size();
  std::iota(fused_sorted, end, u16{0});
  std::sort(fused_sorted, end, [&](u16 i, u16 j) {
    const FusedRow& a = rows[i];
    const FusedRow& b = rows[j];
    return std::tie(a.ops[0], a.ops[1], b.count) < std::tie(b.ops[0], b.ops[1], a.count);
  });
  for (size_t i = rows.size(); i-- > 0;) {
    const FusedRow& row = rows[fused_sorted[i]];
    fused_begin[static_cast<u32>(row.ops[0])][static_cast<u32>(row.ops[1])] =
        static_cast<u16>(i + 1);
  }
}

// The handler for the operation at pc, which may run those after it as well. They are not linked yet.
u32 handler_word_at(const Word* pc, const Word* end, Op op) {
  auto number_at = [](const Word* at) { return static_cast<u32>(*at); };
  auto next = [](const Word* at, Op what) { return at + op_words(at, kOpShapes[static_cast<u32>(what)]); };
  const Word* second = next(pc, op);
  if (second >= end || number_at(second) >= kOpCount) return handler_word(op);
  u32 begin = fused_begin[static_cast<u32>(op)][number_at(second)];
  if (begin == 0) return handler_word(op);
  auto rows = fused_rows();
  for (u32 i = begin - 1; i < rows.size(); i++) {
    const FusedRow& row = rows[fused_sorted[i]];
    if (row.ops[0] != op || static_cast<u32>(row.ops[1]) != number_at(second)) break;
    const Word* at = second;
    u32 same = 2;
    while (same < row.count) {
      at = next(at, row.ops[same - 1]);
      if (at >= end || number_at(at) != static_cast<u32>(row.ops[same])) break;
      same++;
    }
    if (same == row.count) return address_word(row.handler);
  }
  return handler_word(op);
}

// Handlers' addresses back to what they do; of fused ones to the first of it.
Op operation(const Word* pc) {
  static const std::unordered_map<u32, Op> by_handler = [] {
    std::unordered_map<u32, Op> map;
    for (const FusedRow& row : fused_rows()) map[address_word(row.handler)] = row.ops[0];
    for (u32 op = 0; op < kOpCount; op++) map[handler_word(static_cast<Op>(op))] = static_cast<Op>(op);
    return map;
  }();
  u32 handler = static_cast<u32>(*pc);
  auto it = by_handler.find(handler);
  if (it != by_handler.end() && it->second == Op::breakpoint) {
    it = by_handler.find(static_cast<u32>(reinterpret_cast<const CodeBreakpoint*>(pc[-1])->handler));
  }
  return it == by_handler.end() ? Op::kCount : it->second;
}

Word head(Op op, u32 operand = 0) { return handler_word(op) | static_cast<Word>(operand) << 32; }

void link(Module& m) {
  Word* pc = m.code;
  Word* end = m.code + m.code_words;
  while (pc < end) {
    auto op = static_cast<Op>(static_cast<u32>(*pc));
    VM_CHECK(op < Op::kCount);
    u32 words = op_words(pc, kOpShapes[static_cast<u32>(op)]);
    *pc = (*pc & ~Word{0xffffffff}) | handler_word_at(pc, end, op);
    pc += words;
  }
  VM_CHECK(pc == end);
}

void link_export(Export* e) {
  if (e->bif != nullptr) {
    e->stub[0] = head(Op::call_bif_export, e->arity);
    e->stub[1] = reinterpret_cast<Word>(e->bif);
    e->stub[2] = head(Op::return_);
  } else {
    e->stub[0] = head(Op::call_error_handler, e->arity);
    e->stub[1] = reinterpret_cast<Word>(e);
    e->stub[2] = 0;
  }
  e->stub[3] = 0;
}

void link_fun(FunEntry* f) {
  f->stub[0] = head(Op::unloaded_fun, f->arity + f->num_free + 1);
  f->stub[1] = reinterpret_cast<Word>(f);
}

// The NIF's address goes into the header's free word, so that even a function of one word has room.
void bind_nif(const Word* entry, NifFunction* f) {
  auto* words = const_cast<Word*>(entry);
  if (static_cast<u32>(words[0]) == handler_word(Op::breakpoint)) {
    auto* b = reinterpret_cast<CodeBreakpoint*>(words[-1]);
    b->nif = f;
    b->handler = handler_word(Op::call_nif);
    words[0] = head(Op::breakpoint, entry_arity(entry));
    return;
  }
  words[-1] = reinterpret_cast<Word>(f);
  words[0] = head(Op::call_nif, entry_arity(entry));
}

void set_breakpoint(CodeBreakpoint& b) {
  auto* words = const_cast<Word*>(b.entry);
  b.handler = static_cast<u32>(words[0]);
  if (b.handler == handler_word(Op::call_nif)) b.nif = reinterpret_cast<NifFunction*>(words[-1]);
  words[-1] = reinterpret_cast<Word>(&b);
  words[0] = (words[0] & ~Word{0xffffffff}) | handler_word(Op::breakpoint);
}

void clear_breakpoint(CodeBreakpoint& b) {
  auto* words = const_cast<Word*>(b.entry);
  words[0] = (words[0] & ~Word{0xffffffff}) | b.handler;
  words[-1] = reinterpret_cast<Word>(b.nif);
}

void link_export_breakpoint(Word* code, u32 arity, void* breakpoint) {
  code[0] = head(Op::export_breakpoint, arity);
  code[1] = reinterpret_cast<Word>(breakpoint);
}

RunResult run(Process& p) {
  Term* x = p.x;
  for (u32 i = 0; i < p.saved_count; i++) x[i] = p.saved_x[i];
  p.saved_count = 0;
  p.suspended_bif = nullptr;
  handler_at(p.pc)(p.pc, x, p.sp, p.htop, p.reds, &p);
  return p.run_result;
}

// Code of no module: where processes start and end.
Word start_code[4];
Word exit_code[2];
// After a spare word: return addresses are looked up one word back.
Word trace_return_code[1 + kTraceReturns];

}  // namespace

u32 entry_live(const Word* entry) {
  u32 handler = static_cast<u32>(*entry);
  static const u32 stubs[] = {handler_word(Op::call_bif_export), handler_word(Op::call_error_handler),
                              handler_word(Op::unloaded_fun), handler_word(Op::export_breakpoint)};
  for (u32 s : stubs) {
    if (handler == s) return operand32(entry, 0);
  }
  return entry_arity(entry);
}

void grow_saved(Process& p, u32 count) {
  Term* fresh = vm_alloc_array<Term>(count);
  if (p.saved_x != p.inline_saved_x) vm_free(p.saved_x);
  p.saved_x = fresh;
  p.saved_capacity = count;
}

void init() {
  index_fused();
  start_code[0] = head(Op::start_process);
  exit_code[0] = head(Op::exit_normally);
  engine.run = run;
  engine.link = link;
  engine.handler = handler_word;
  engine.operation = operation;
  engine.link_export = link_export;
  engine.link_fun = link_fun;
  engine.bind_nif = bind_nif;
  engine.set_breakpoint = set_breakpoint;
  engine.clear_breakpoint = clear_breakpoint;
  engine.link_export_breakpoint = link_export_breakpoint;
  Word* returns = trace_return_code + 1;
  returns[kReturnTrace] = returns[kExceptionTrace] = head(Op::return_trace);
  returns[kReturnToTrace] = head(Op::return_to_trace);
  returns[kReturnTimeTrace] = head(Op::return_time_trace);
  engine.trace_returns = returns;
  engine.apply_start = start_code;
  // Return addresses are looked up one word back, so the code starts after a spare word.
  engine.normal_exit = exit_code;
  arith_init();
  message_init();
}

}  // namespace lintel::interp
