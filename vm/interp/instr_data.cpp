// Moving data: registers, list cells, tuples, funs, maps.
#include "vm/interp/handlers.h"
#include "vm/ops/map_ops.h"
#include "vm/term/boxed.h"
#include "vm/term/compare.h"
#include "vm/term/map.h"

namespace lintel::interp {

HANDLER(move_xx) {
  XREG(1) = XREG(0);
  NEXT(move_xx);
}
HANDLER(move_xy) {
  YREG(1) = XREG(0);
  NEXT(move_xy);
}
HANDLER(move_yx) {
  XREG(1) = YREG(0);
  NEXT(move_yx);
}
HANDLER(move_yy) {
  YREG(1) = YREG(0);
  NEXT(move_yy);
}
#define MOVE(i, FROM, TO) TO((i) + 1) = FROM(i)
HANDLER(move2_xx) {
  MOVE(0, XREG, XREG);
  MOVE(2, XREG, XREG);
  NEXT(move2_xx);
}
HANDLER(move2_xy) {
  MOVE(0, XREG, YREG);
  MOVE(2, XREG, YREG);
  NEXT(move2_xy);
}
HANDLER(move2_yx) {
  MOVE(0, YREG, XREG);
  MOVE(2, YREG, XREG);
  NEXT(move2_yx);
}
HANDLER(move3_xy) {
  MOVE(0, XREG, YREG);
  MOVE(2, XREG, YREG);
  MOVE(4, XREG, YREG);
  NEXT(move3_xy);
}
HANDLER(move3_yx) {
  MOVE(0, YREG, XREG);
  MOVE(2, YREG, XREG);
  MOVE(4, YREG, XREG);
  NEXT(move3_yx);
}
#undef MOVE
HANDLER(move_cx) {
  XREG(0) = CONST(move_cx, 0);
  NEXT(move_cx);
}
HANDLER(move_cy) {
  YREG(0) = CONST(move_cy, 0);
  NEXT(move_cy);
}
HANDLER(swap) {
  Term& a = REG(0);
  Term& b = REG(1);
  Term was = a;
  a = b;
  b = was;
  NEXT(swap);
}

HANDLER(get_list) {
  const Term* cell = REG(0).cell();
  Term head = cell[0];
  Term tail = cell[1];
  REG(1) = head;
  REG(2) = tail;
  NEXT(get_list);
}
HANDLER(is_nonempty_list_get_list) {
  Term list = REG(1);
  if (!list.is_list()) BRANCH(0);
  const Term* cell = list.cell();
  Term head = cell[0];
  Term tail = cell[1];
  REG(2) = head;
  REG(3) = tail;
  NEXT(is_nonempty_list_get_list);
}
HANDLER(get_hd) {
  Term head = REG(0).head();
  REG(1) = head;
  NEXT(get_hd);
}
HANDLER(get_tl) {
  Term tail = REG(0).tail();
  REG(1) = tail;
  NEXT(get_tl);
}
HANDLER(get_tuple_element) {
  const char* object = reinterpret_cast<const char*>(REG(0).object());
  Term element = *reinterpret_cast<const Term*>(object + U32(1));
  REG(2) = element;
  NEXT(get_tuple_element);
}
namespace {
VM_ALWAYS_INLINE Term element_at(const char* object, u32 offset) {
  return *reinterpret_cast<const Term*>(object + offset);
}
VM_ALWAYS_INLINE const char* tuple_bytes(Term t) {
  return reinterpret_cast<const char*>(t.object());
}
}  // namespace
HANDLER(get_tuple_element_xy) {
  YREG(2) = element_at(tuple_bytes(XREG(0)), U32(1));
  NEXT(get_tuple_element_xy);
}
HANDLER(get_tuple_element2) {
  const char* tuple = tuple_bytes(REG(0));
  REG(2) = element_at(tuple, U32(1));
  REG(4) = element_at(tuple, U32(3));
  NEXT(get_tuple_element2);
}
HANDLER(get_tuple_element3) {
  const char* tuple = tuple_bytes(REG(0));
  REG(2) = element_at(tuple, U32(1));
  REG(4) = element_at(tuple, U32(3));
  REG(6) = element_at(tuple, U32(5));
  NEXT(get_tuple_element3);
}
HANDLER(set_tuple_element) {
  char* object = reinterpret_cast<char*>(REG(1).object());
  *reinterpret_cast<Term*>(object + U32(2)) = REG(0);
  NEXT(set_tuple_element);
}

HANDLER(put_list) {
  htop[0] = REG(0);
  htop[1] = REG(1);
  Term list = Term::list(htop);
  htop += 2;
  REG(2) = list;
  NEXT(put_list);
}
HANDLER(put_list_rc) {
  htop[0] = REG(0);
  htop[1] = CONST(put_list_rc, 0);
  Term list = Term::list(htop);
  htop += 2;
  REG(1) = list;
  NEXT(put_list_rc);
}
HANDLER(put_list_cr) {
  htop[0] = CONST(put_list_cr, 0);
  htop[1] = REG(0);
  Term list = Term::list(htop);
  htop += 2;
  REG(1) = list;
  NEXT(put_list_cr);
}
HANDLER(put_list_cc) {
  htop[0] = CONST(put_list_cc, 0);
  htop[1] = CONST(put_list_cc, 1);
  Term list = Term::list(htop);
  htop += 2;
  REG(0) = list;
  NEXT(put_list_cc);
}
HANDLER(put_tuple) {
  u32 n = U32(1);
  const Word* sources = TAIL(put_tuple);
  Term* tuple = htop;
  tuple[0] = Term::header(BoxedTag::Tuple, n);
#pragma clang loop unroll(disable)
  for (u32 i = 0; i < n; i++) tuple[1 + i] = source(x, sp, sources[i]);
  htop += 1 + n;
  REG(0) = Term::boxed(tuple);
  NEXT_TAIL(put_tuple, n);
}
HANDLER(make_fun) {
  u32 n = U32(1);
  const Word* sources = TAIL(make_fun);
  Term* object = htop;
  object[0] = Term::header(BoxedTag::Fun, kFunFixedWords - 1 + n);
  object[1] = Term(A64(make_fun, 0));
  object[2] = p->id;
#pragma clang loop unroll(disable)
  for (u32 i = 0; i < n; i++) object[3 + i] = source(x, sp, sources[i]);
  htop += kFunFixedWords + n;
  REG(0) = Term::boxed(object);
  NEXT_TAIL(make_fun, n);
}

}  // namespace lintel::interp
