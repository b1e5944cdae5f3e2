// All handlers in one translation unit: the bodies of the families below are templates, from which
// the handlers of the table, their X forms and the fused ones are made.
#include "vm/interp/fused.h"

#include "vm/interp/instr_arith.cpp"
#include "vm/interp/instr_bs_match.cpp"
#include "vm/interp/instr_bs_put.cpp"
#include "vm/interp/instr_control.cpp"
#include "vm/interp/instr_data.cpp"
#include "vm/interp/instr_exception.cpp"
#include "vm/interp/instr_float.cpp"
#include "vm/interp/instr_map.cpp"
#include "vm/interp/instr_message.cpp"
#include "vm/interp/instr_stack.cpp"
#include "vm/interp/instr_test.cpp"
#include "vm/interp/instr_trace.cpp"

namespace lintel::interp {

// ---- one operation a handler ----

#define OP(name, letters) \
  void op_##name(HANDLER_PARAMS) { GOTO((run_##name<Dispatch, false>)); }
#define OPX(name, letters) \
  OP(name, letters)        \
  void op_##name##_x(HANDLER_PARAMS) { GOTO((run_##name<Dispatch, true>)); }
#include "vm/tables/specific_ops.def"
#undef OPX
#undef OP

// ---- several ----

namespace {

// The operations as types, for lists of them.
namespace steps {
#define STEP(name, body, x_only)                                     \
  struct name {                                                      \
    static constexpr Op kOp = Op::name;                              \
    template <class Then>                                            \
    static VM_ALWAYS_INLINE void run(HANDLER_PARAMS) {               \
      GOTO((body<Then, x_only>));                                    \
    }                                                                \
  };
#define OP(name, letters) STEP(name, run_##name, false)
#define OPX(name, letters)        \
  STEP(name, run_##name, false)   \
  STEP(name##_x, run_##name, true)
#include "vm/tables/specific_ops.def"
#undef OPX
#undef OP
#undef STEP
}  // namespace steps

// Runs the operations one after the other, then dispatches.
template <class First, class... Rest>
struct Chain {
  static VM_ALWAYS_INLINE void go(HANDLER_PARAMS) { GOTO((First::template run<Chain<Rest...>>)); }
};
template <class Last>
struct Chain<Last> {
  static VM_ALWAYS_INLINE void go(HANDLER_PARAMS) { GOTO((Last::template run<Dispatch>)); }
};

template <class... Steps>
struct Fused {
  static_assert(sizeof...(Steps) >= 2 && sizeof...(Steps) <= kFusedMost);
  static void handler(HANDLER_PARAMS) { GOTO(Chain<Steps...>::go); }
  static constexpr FusedRow row() { return {{Steps::kOp...}, sizeof...(Steps), &handler}; }
};

namespace steps {
constexpr FusedRow rows[] = {
#define FUSED(...) Fused<__VA_ARGS__>::row(),
#include "vm/tables/fused_ops.def"
#undef FUSED
};
}  // namespace steps

}  // namespace

std::span<const FusedRow> fused_rows() { return steps::rows; }

}  // namespace lintel::interp
