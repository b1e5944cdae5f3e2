// How an interpreter handler is written.
//
// Each specific operation is one C++ function. The machine's state travels in its six parameters,
// which the calling convention keeps in registers, and each handler ends by tail-calling the next
// one, so the whole interpreter is a web of jumps with nothing spilled:
//
//   HANDLER(get_hd) {
//     Term list = REG(0);
//     REG(1) = list.head();
//     NEXT(get_hd);
//   }
//
// A handler that must call C++ that may look at or change the process wraps the call in SAVE() and
// LOAD(); anything rare goes to a COLD_PATH function of the same shape, reached by GOTO(), so that
// the fast path needs no stack frame. Terms held in C++ variables do not survive a call that may
// collect; registers do (live counts).
#pragma once
#include "vm/code/op_format.h"
#include "vm/proc/exception.h"
#include "vm/proc/process.h"

namespace lintel::interp {

#define HANDLER_PARAMS                                                                  \
  [[maybe_unused]] const Word *pc, [[maybe_unused]] Term *x, [[maybe_unused]] Term *sp, \
      [[maybe_unused]] Term *htop, [[maybe_unused]] i64 reds, [[maybe_unused]] Process *p

using Handler = void (*)(HANDLER_PARAMS);

#define OP(name, letters) void op_##name(HANDLER_PARAMS);
#include "vm/tables/specific_ops.def"
#undef OP

// A handler's body is a template. `Then` says how it goes on after itself: Dispatch jumps to the next
// operation's handler; in a fused handler (vm/tables/fused_ops.def) it is the body of the operation
// that follows. `kXOnly` is true in the form whose register operands are X registers. Outside of
// bodies, in cold paths, both have their general values.
struct Dispatch {
  static VM_ALWAYS_INLINE void go(HANDLER_PARAMS);
};
using Then = Dispatch;
inline constexpr bool kXOnly = false;
#define HANDLER(name) \
  template <class Then, bool kXOnly> VM_ALWAYS_INLINE void run_##name(HANDLER_PARAMS)
#define COLD_PATH(name) VM_COLD void name(HANDLER_PARAMS)

VM_ALWAYS_INLINE Handler handler_at(const Word* pc) {
  // The JIT may give the word another handler meanwhile. Either will do.
  u32 half = __atomic_load_n(reinterpret_cast<const u32*>(pc), __ATOMIC_RELAXED);
  return reinterpret_cast<Handler>(static_cast<Word>(half));
}

#define GOTO(function) [[clang::musttail]] return function(pc, x, sp, htop, reds, p)
#define DISPATCH() [[clang::musttail]] return handler_at(pc)(pc, x, sp, htop, reds, p)
#define SHAPE(op) (kOpShapes[static_cast<u32>(Op::op)])
// Continues after this operation (with tail words: NEXT_TAIL).
#define NEXT(op)                   \
  {                                \
    pc += SHAPE(op).fixed_words(); \
    GOTO(Then::go);                \
  }
#define NEXT_TAIL(op, words)                 \
  {                                          \
    pc += SHAPE(op).fixed_words() + (words); \
    GOTO(Then::go);                          \
  }
// Branches by the label operand i.
#define BRANCH(i)                               \
  {                                             \
    pc += static_cast<i32>(operand32(pc, (i))); \
    DISPATCH();                                 \
  }
#define SAVE() (p->htop = htop, p->sp = sp, p->reds = reds, p->pc = pc)
#define LOAD() (htop = p->htop, sp = p->sp, reds = p->reds)

#define U32(i) (operand32(pc, (i)))
#define I32(i) (static_cast<i32>(operand32(pc, (i))))
// Registers by their operand: X only, Y only, either.
#define XREG(i) (*reinterpret_cast<Term*>(reinterpret_cast<char*>(x) + U32(i)))
#define YREG(i) (*reinterpret_cast<Term*>(reinterpret_cast<char*>(sp) + (U32(i) & ~1u)))
#define REG(i) (reg_at<kXOnly>(x, sp, U32(i)))
#define A64(op, j) (pc[SHAPE(op).first64() + (j)])
#define CONST(op, j) (Term(A64(op, j)))
#define SOURCE(op, j) (source(x, sp, A64(op, j)))
#define TAIL(op) (pc + SHAPE(op).fixed_words())

template <bool kXOnly = false>
VM_ALWAYS_INLINE Term& reg_at(Term* x, Term* sp, u32 operand) {
  if (kXOnly) return *reinterpret_cast<Term*>(reinterpret_cast<char*>(x) + operand);
  char* base = reinterpret_cast<char*>(operand & 1 ? sp : x);
  return *reinterpret_cast<Term*>(base + (operand & ~1u));
}
// A small given as its sign-extended word in a 32-bit operand.
VM_ALWAYS_INLINE Term small_operand(i32 v) {
  __builtin_assume((v & ((1 << kSmallShift) - 1)) == 0);
  return Term(static_cast<Word>(static_cast<i64>(v)));
}
VM_ALWAYS_INLINE void Dispatch::go(HANDLER_PARAMS) { DISPATCH(); }
VM_ALWAYS_INLINE Term source(Term* x, Term* sp, Word s) {
  if (!(s & 4)) return Term(s);
  char* base = reinterpret_cast<char*>(s & 1 ? sp : x);
  return *reinterpret_cast<Term*>(base + (s >> 3));
}

// Whether `words` heap words can be built right now, with the red zone left.
VM_ALWAYS_INLINE bool has_room(const Process* p, const Term* sp, const Term* htop, u64 words) {
  return static_cast<i64>(sp - htop) >= static_cast<i64>(words + kStackRedZone) &&
         VM_LIKELY(!(p->heap_flags & Heap::kForceCollect));
}

// Continues at the innermost handler of the exception noted in p->exc_*, or ends the process.
// p->pc must be the failing instruction (SAVE() does it).
void raise_exception(HANDLER_PARAMS);
// The same for an exception that the BIF p->current_bif raised on p->bif_args: it heads the trace.
void raise_exception_in_bif(HANDLER_PARAMS);
// After a BIF called at p->pc returned none: raise, trap, yield, wait or exit. Its arguments are in
// x[0..arity). A trap returns to the instruction after the one at p->pc.
void bif_no_value(HANDLER_PARAMS);
// A call found the reductions used up; pc is the entry of the function to run next.
void yield_at_entry(HANDLER_PARAMS);

#define RAISE()            \
  {                        \
    SAVE();                \
    GOTO(raise_exception); \
  }
// Jumps to a function's entry after charging one reduction.
#define ENTER(target)                                   \
  {                                                     \
    pc = (target);                                      \
    if (VM_UNLIKELY(--reds <= 0)) GOTO(yield_at_entry); \
    DISPATCH();                                         \
  }
#define PUSH_RETURN(op) (*--sp = Term::interp_return(pc + SHAPE(op).fixed_words()))

}  // namespace lintel::interp
