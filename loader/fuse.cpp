// Superinstructions: runs of generic instructions that become one operation. Which ones pay was found
// with --count-ops on compiling OTP's and Elixir's libraries; each saves dispatches, which is most of
// what an interpreted instruction costs.
//
// A label ends every run (something may jump between), and so does anything else in between.
#include "loader/transform.h"

namespace lintel::loader {

namespace {

struct MoveForm {
  Op one;
  Op two;    // Op::kCount: no such form
  Op three;
};
// By source (X, Y) and destination (X, Y).
constexpr MoveForm kMoves[2][2] = {
    {{Op::move_xx, Op::move2_xx, Op::kCount}, {Op::move_xy, Op::move2_xy, Op::move3_xy}},
    {{Op::move_yx, Op::move2_yx, Op::move3_yx}, {Op::move_yy, Op::kCount, Op::kCount}},
};

}  // namespace

u32 Transform::fuse(u32 index) {
  const GenericInstr& g = file_.code[index];
  // The instruction `n` after this one, or null where the run may not go on.
  auto next = [&](u32 n, GenOp op) -> const GenericInstr* {
    if (index + n >= file_.code.size()) return nullptr;
    const GenericInstr& i = file_.code[index + n];
    return i.op == op ? &i : nullptr;
  };
  switch (g.op) {
    case GenOp::move_2: return fuse_moves(index);
    case GenOp::get_tuple_element_3: {
      const GenericInstr* second = next(1, GenOp::get_tuple_element_3);
      Operand tuple = arg(g, 0);
      if (second == nullptr || !arg(*second, 0).same(tuple) || arg(g, 2).same(tuple)) return 0;
      const GenericInstr* third = next(2, GenOp::get_tuple_element_3);
      if (third != nullptr && arg(*third, 0).same(tuple) && !arg(*second, 2).same(tuple)) {
        e_.emit(Op::get_tuple_element3,
                {reg(tuple), element_offset(g), dst(arg(g, 2)), element_offset(*second),
                 dst(arg(*second, 2)), element_offset(*third), dst(arg(*third, 2))});
        return 3;
      }
      e_.emit(Op::get_tuple_element2, {reg(tuple), element_offset(g), dst(arg(g, 2)),
                                       element_offset(*second), dst(arg(*second, 2))});
      return 2;
    }
    case GenOp::is_nonempty_list_2: {
      const GenericInstr* get = next(1, GenOp::get_list_3);
      if (get == nullptr || !arg(g, 1).is_reg() || !arg(*get, 0).same(arg(g, 1))) return 0;
      e_.emit(Op::is_nonempty_list_get_list,
              {label(arg(g, 0)), dst(arg(g, 1)), dst(arg(*get, 1)), dst(arg(*get, 2))});
      return 2;
    }
    case GenOp::is_tuple_2: {
      if (!arg(g, 1).is_reg()) return 0;
      const GenericInstr* arity = next(1, GenOp::test_arity_3);
      if (arity != nullptr && arg(*arity, 0).same(arg(g, 0)) && arg(*arity, 1).same(arg(g, 1))) {
        e_.emit(Op::is_tuple_of_arity, {label(arg(g, 0)), dst(arg(g, 1))},
                {Term::header(BoxedTag::Tuple, arg(*arity, 2).value()).bits()});
        return 2;
      }
      // select_arity looks at the header itself.
      const GenericInstr* select = next(1, GenOp::select_tuple_arity_3);
      if (select != nullptr && arg(*select, 0).same(arg(g, 1)) && arg(*select, 1).same(arg(g, 0))) {
        return 1;
      }
      return 0;
    }
    default:
      return fuse_binary(index);
  }
}

u32 Transform::fuse_moves(u32 index) {
  const GenericInstr& g = file_.code[index];
  Operand s = arg(g, 0);
  Operand d = arg(g, 1);
  bool to_x0 = d.is_x() && d.reg() == 0;
  if (to_x0 && file_.code[index + 1].op == GenOp::return_0 && !s.is_y()) {
    if (is_constant(s)) {
      e_.emit(Op::return_c, {}, {constant(s).bits()});
    } else {
      e_.emit(Op::return_x, {dst(s)});
    }
    return 2;
  }
  if (is_constant(s)) return 0;
  const MoveForm& form = kMoves[s.is_y()][d.is_y()];
  u32 regs[6] = {dst(s), dst(d)};
  u32 run = 1;
  while (run < 3 && index + run < file_.code.size()) {
    const GenericInstr& m = file_.code[index + run];
    if (m.op != GenOp::move_2) break;
    Operand from = arg(m, 0);
    Operand to = arg(m, 1);
    if (!from.is_reg() || from.is_y() != s.is_y() || to.is_y() != d.is_y()) break;
    regs[run * 2] = dst(from);
    regs[run * 2 + 1] = dst(to);
    run++;
  }
  if (run == 3 && form.three != Op::kCount) {
    e_.emit(form.three, {regs[0], regs[1], regs[2], regs[3], regs[4], regs[5]});
    return 3;
  }
  if (run >= 2 && form.two != Op::kCount) {
    e_.emit(form.two, {regs[0], regs[1], regs[2], regs[3]});
    return 2;
  }
  return 0;
}

}  // namespace lintel::loader
