// Comparing. Equality and ordering are two walks, because equality can refuse early (sizes, headers)
// and never needs to know which side is smaller.
//
// A walk keeps a stack of "the next n terms at these two addresses". Ordering two HAMTs cannot be
// done in the order of the trie: what decides is the smallest key that only one map has or, failing
// that, the smallest key with different values. So a first pass over both tries, needing equality
// only, collects the candidates, and a MapFrame then runs the comparisons among them as separate
// rounds of the same walk; `floor` is the height of the stack at which a round is over.
#include "vm/term/compare.h"

#include <cmath>
#include <cstring>

#include "vm/term/atom.h"
#include "vm/term/identity.h"
#include "vm/term/map_layout.h"
#include "vm/term/node.h"
#include "vm/term/work_stack.h"

namespace lintel {
namespace {

template <typename T>
i64 sign_of(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// ---- numbers ----

u64 big_bit_length(Term big) {
  u64 n = big_limb_count(big);
  return n * 64 - static_cast<u64>(std::countl_zero(big_limbs(big)[n - 1]));
}

i64 compare_big_magnitudes(Term a, Term b) {
  u64 na = big_limb_count(a);
  u64 nb = big_limb_count(b);
  if (na != nb) return sign_of(na, nb);
  const u64* la = big_limbs(a);
  const u64* lb = big_limbs(b);
  while (na-- > 0) {
    if (la[na] != lb[na]) return sign_of(la[na], lb[na]);
  }
  return 0;
}

i64 compare_bigs(Term a, Term b) {
  bool negative = big_is_negative(a);
  if (negative != big_is_negative(b)) return negative ? -1 : 1;
  i64 magnitude = compare_big_magnitudes(a, b);
  return negative ? -magnitude : magnitude;
}

i64 compare_small_float(i64 small, double d) {
  // Both bounds are powers of two, so exact as floats; between them a float's integer part fits.
  if (d >= static_cast<double>(kSmallMax + 1)) return -1;
  if (d < static_cast<double>(kSmallMin)) return 1;
  i64 whole = static_cast<i64>(d);
  if (small != whole) return sign_of(small, whole);
  return sign_of(0.0, d - static_cast<double>(whole));
}

// The fraction of a float of this size is zero, so the question is one of integers: first the number
// of bits, then the 53 bits at the top, then whether the bignum has anything below them.
i64 compare_big_float(Term big, double d) {
  i64 sign = big_is_negative(big) ? -1 : 1;
  if ((d < 0) != (sign < 0)) return sign;
  double magnitude = std::fabs(d);
  if (magnitude < static_cast<double>(kSmallMax)) return sign;
  int exponent;
  double fraction = std::frexp(magnitude, &exponent);  // [0.5, 1), magnitude has `exponent` bits
  u64 bits = big_bit_length(big);
  if (bits != static_cast<u64>(exponent)) {
    return bits < static_cast<u64>(exponent) ? -sign : sign;
  }
  u64 top_of_float = static_cast<u64>(std::ldexp(fraction, 53));
  u64 shift = bits - 53;
  const u64* limbs = big_limbs(big);
  u64 limb = shift / 64;
  u64 offset = shift % 64;
  u64 top = limbs[limb] >> offset;
  if (offset > 11) top |= limbs[limb + 1] << (64 - offset);
  top &= (u64{1} << 53) - 1;
  if (top != top_of_float) return top < top_of_float ? -sign : sign;
  u64 below = limbs[limb] & ((u64{1} << offset) - 1);
  while (below == 0 && limb-- > 0) below = limbs[limb];
  return below != 0 ? sign : 0;
}

// Any two numbers by value.
i64 compare_numbers(Term a, Term b) {
  if (a.is_small()) {
    if (b.is_small()) return sign_of(a.small_value(), b.small_value());
    if (b.is_float()) return compare_small_float(a.small_value(), float_value(b));
    return big_is_negative(b) ? 1 : -1;
  }
  if (b.is_small()) return -compare_numbers(b, a);
  if (a.is_float()) {
    if (b.is_float()) return sign_of(float_value(a), float_value(b));
    return -compare_big_float(b, float_value(a));
  }
  if (b.is_float()) return compare_big_float(a, float_value(b));
  return compare_bigs(a, b);
}

// ---- identifiers ----

i64 compare_nodes(Node* a, Node* b) {
  if (a == b) return 0;
  if (a->name != b->name) return compare_atoms(a->name, b->name);
  return sign_of(a->creation, b->creation);
}

i64 compare_pids(Term a, Term b) {
  if (i64 j = sign_of(pid_serial(a), pid_serial(b))) return j;
  if (i64 j = sign_of(pid_number(a), pid_number(b))) return j;
  return compare_nodes(node_of(a), node_of(b));
}

i64 compare_ports(Term a, Term b) {
  if (i64 j = compare_nodes(node_of(a), node_of(b))) return j;
  return sign_of(port_number(a), port_number(b));
}

i64 compare_refs(Term a, Term b) {
  if (i64 j = compare_nodes(node_of(a), node_of(b))) return j;
  RefParts pa = ref_parts(a);  // missing numbers count as zero
  RefParts pb = ref_parts(b);
  for (int i = 4; i >= 0; i--) {
    if (pa.n[i] != pb.n[i]) return sign_of(pa.n[i], pb.n[i]);
  }
  return 0;
}

// Funs without their free variables.
i64 compare_local_fun_heads(Term a, Term b) {
  FunIdentity fa = fun_identity(view<Fun>(a)->entry);
  FunIdentity fb = fun_identity(view<Fun>(b)->entry);
  if (i64 j = compare_atoms(fa.module, fb.module)) return j;
  if (fa.index != fb.index) return sign_of(fa.index, fb.index);
  if (fa.old_uniq != fb.old_uniq) return sign_of(fa.old_uniq, fb.old_uniq);
  return sign_of(fun_num_free(a), fun_num_free(b));
}

i64 compare_export_funs(Term a, Term b) {
  ExportIdentity ea = export_identity(view<ExportFun>(a)->entry);
  ExportIdentity eb = export_identity(view<ExportFun>(b)->entry);
  if (i64 j = compare_atoms(ea.module, eb.module)) return j;
  if (i64 j = compare_atoms(ea.function, eb.function)) return j;
  return sign_of(ea.arity, eb.arity);
}

i64 compare_bitstrings(Term a, Term b) {
  Bits ba = bits_of(a);
  Bits bb = bits_of(b);
  u64 common = ba.bit_size < bb.bit_size ? ba.bit_size : bb.bit_size;
  if (int j = compare_bits(ba, bb, common)) return j;
  return sign_of(ba.bit_size, bb.bit_size);
}

i64 compare_heap_binaries(Term a, Term b) {
  const auto* x = view<HeapBinary>(a);
  const auto* y = view<HeapBinary>(b);
  u64 common = x->size < y->size ? x->size : y->size;
  if (common != 0) {
    if (x->bytes[0] != y->bytes[0]) return sign_of(x->bytes[0], y->bytes[0]);
    if (int j = std::memcmp(x->bytes, y->bytes, common)) return j;
  }
  return sign_of(x->size, y->size);
}

bool bitstrings_equal(Term a, Term b) {
  Bits ba = bits_of(a);
  Bits bb = bits_of(b);
  return ba.bit_size == bb.bit_size && compare_bits(ba, bb, ba.bit_size) == 0;
}

// ---- kinds in their order ----

enum class Rank : u8 { Integer, Float, Atom, Ref, Fun, Port, Pid, Tuple, Map, Nil, List, Bits };

Rank rank_of(Term t) {
  switch (t.tag()) {
    case Tag::Small: return Rank::Integer;
    case Tag::List: return Rank::List;
    case Tag::Imm:
      if (t.is_atom()) return Rank::Atom;
      if (t.is_local_pid()) return Rank::Pid;
      if (t.is_local_port()) return Rank::Port;
      return Rank::Nil;
    case Tag::Boxed: break;
    default: VM_PANIC("compare: not a term: %#lx", t.bits());
  }
  switch (t.boxed_tag()) {
    case BoxedTag::Tuple: return Rank::Tuple;
    case BoxedTag::FlatMap:
    case BoxedTag::HamtRoot:
    case BoxedTag::HamtNode: return Rank::Map;
    case BoxedTag::Fun:
    case BoxedTag::Export: return Rank::Fun;
    case BoxedTag::RefcBinary:
    case BoxedTag::SubBinary:
    case BoxedTag::HeapBinary:
    case BoxedTag::MatchCtx: return Rank::Bits;
    case BoxedTag::MagicRef:
    case BoxedTag::Ref:
    case BoxedTag::ExtRef: return Rank::Ref;
    case BoxedTag::Float: return Rank::Float;
    case BoxedTag::BigPos:
    case BoxedTag::BigNeg: return Rank::Integer;
    case BoxedTag::ExtPid: return Rank::Pid;
    case BoxedTag::ExtPort: return Rank::Port;
  }
  VM_PANIC("compare: bad header %#lx", t.header_word().bits());
}

// ---- equality ----

struct Pairs {
  const Term* a;
  const Term* b;
  u64 n;
};

template <bool kExact>
VM_ALWAYS_INLINE bool equal_inline(Term a, Term b) {
  return kExact ? exact_equal(a, b) : equal(a, b);
}

// Equal as far as identity and immediates can tell: 1 yes, 0 no, -1 look inside.
template <bool kExact>
VM_ALWAYS_INLINE int quick_equal(Term a, Term b) {
  if (a == b) return 1;
  if (kExact) {
    if (!a.is_pointer() || a.tag() != b.tag()) return 0;
  } else {
    if (both_small(a, b) || a.is_atom() || b.is_atom()) return 0;
  }
  return -1;
}

// As quick_equal, and looks at the elements of tuples (one level): lists of small tuples are common.
template <bool kExact>
VM_ALWAYS_INLINE int shallow_equal(Term a, Term b) {
  int q = quick_equal<kExact>(a, b);
  if (q >= 0 || !a.is_boxed() || !b.is_boxed()) return q;
  Term header = a.header_word();
  if (header != b.header_word() || header.header_tag() != BoxedTag::Tuple) return q;
  const Term* ea = tuple_elements(a);
  const Term* eb = tuple_elements(b);
  for (u64 n = header.header_arity(); n > 0; n--, ea++, eb++) {
    q = quick_equal<kExact>(*ea, *eb);
    if (q <= 0) return q;
  }
  return 1;
}

// HAMTs with the same keys have the same shape. In the arithmetic mode their keys are compared
// exactly, which is a walk of its own kind, so it is a call and not a push; its depth is one.
template <bool kExact>
bool equal_walk(Term a, Term b) {
  WorkStack<Pairs, 16> work;
  for (;;) {
    // a and b differ as words and are not settled by quick_equal.
    if (a.is_list()) {
      if (!b.is_list()) return false;
      const Term* ca = a.cell();
      const Term* cb = b.cell();
      for (;;) {
        int q = shallow_equal<kExact>(ca[0], cb[0]);
        if (q == 0) return false;
        if (q < 0) {
          work.push({ca + 1, cb + 1, 1});
          a = ca[0];
          b = cb[0];
          break;
        }
        q = quick_equal<kExact>(ca[1], cb[1]);
        if (q == 0) return false;
        a = ca[1];
        b = cb[1];
        if (q > 0 || !a.is_list() || !b.is_list()) break;
        ca = a.cell();
        cb = b.cell();
      }
      if (a != b) continue;
    } else if (a.is_boxed() && b.is_boxed()) {
      Term ha = a.header_word();
      Term hb = b.header_word();
      switch (ha.header_tag()) {
        case BoxedTag::Tuple:
          if (ha != hb) return false;
          if (ha.header_arity() != 0) work.push({a.object() + 1, b.object() + 1, ha.header_arity()});
          break;
        case BoxedTag::FlatMap:
          if (ha != hb) return false;
          if (kExact) {
            work.push({a.object() + 1, b.object() + 1, ha.header_arity()});
          } else {
            if (!exact_equal(flat_map_key_tuple(a), flat_map_key_tuple(b))) return false;
            if (flat_map_size(a) != 0) {
              work.push({flat_map_values(a), flat_map_values(b), flat_map_size(a)});
            }
          }
          break;
        case BoxedTag::HamtRoot:
        case BoxedTag::HamtNode: {
          if (ha != hb) return false;
          if (kExact) {
            work.push({a.object() + 1, b.object() + 1, ha.header_arity()});
            break;
          }
          if (ha.header_tag() == BoxedTag::HamtRoot && map_size(a) != map_size(b)) return false;
          HamtNode na = hamt_node(a);
          HamtNode nb = hamt_node(b);
          if (na.bitmap != nb.bitmap) return false;
          for (u32 i = 0; i < na.count(); i++) {
            Term x = na.children[i];
            Term y = nb.children[i];
            if (x == y) continue;
            if (x.tag() != y.tag()) return false;
            if (is_hamt_leaf(x)) {
              if (!exact_equal(x.head(), y.head())) return false;
              work.push({x.cell() + 1, y.cell() + 1, 1});
            } else {
              work.push({na.children + i, nb.children + i, 1});
            }
          }
          break;
        }
        case BoxedTag::Fun:
          if (ha != hb || compare_local_fun_heads(a, b) != 0) return false;
          if (fun_num_free(a) != 0) {
            work.push({view<Fun>(a)->free, view<Fun>(b)->free, fun_num_free(a)});
          }
          break;
        case BoxedTag::Export:
          if (ha != hb || view<ExportFun>(a)->entry != view<ExportFun>(b)->entry) return false;
          break;
        case BoxedTag::RefcBinary:
        case BoxedTag::SubBinary:
        case BoxedTag::HeapBinary:
          if (!b.is_bitstring() || !bitstrings_equal(a, b)) return false;
          break;
        case BoxedTag::Float:
          if (kExact) {
            if (!b.is_float() || float_value(a) != float_value(b)) return false;
          } else if (!b.is_number() || compare_numbers(a, b) != 0) {
            return false;
          }
          break;
        case BoxedTag::BigPos:
        case BoxedTag::BigNeg:
          if (ha == hb) {
            if (std::memcmp(big_limbs(a), big_limbs(b), ha.header_arity() * kWordBytes) != 0) {
              return false;
            }
          } else if (kExact || !b.is_float() || compare_numbers(a, b) != 0) {
            return false;
          }
          break;
        case BoxedTag::Ref:
        case BoxedTag::MagicRef:
          if (!b.is_local_ref() || local_ref_numbers(a) != local_ref_numbers(b)) return false;
          break;
        case BoxedTag::ExtRef:
          if (!b.is(BoxedTag::ExtRef) || compare_refs(a, b) != 0) return false;
          break;
        case BoxedTag::ExtPid:
        case BoxedTag::ExtPort:
          if (ha != hb || std::memcmp(a.object(), b.object(), kExternalWords * kWordBytes) != 0) {
            return false;
          }
          break;
        case BoxedTag::MatchCtx: return false;
      }
    } else {
      // Small against boxed number; any other mixture differs.
      if (kExact || !a.is_number() || !b.is_number() || compare_numbers(a, b) != 0) return false;
    }

    for (;;) {
      if (work.empty()) return true;
      Pairs& next = work.top();
      u64 i = 0;
      int q = 1;
      while (i < next.n && (q = quick_equal<kExact>(next.a[i], next.b[i])) > 0) i++;
      if (q == 0) return false;
      if (i == next.n) {
        work.pop();
        continue;
      }
      a = next.a[i];
      b = next.b[i];
      if (i + 1 == next.n) {
        work.pop();
      } else {
        next = {next.a + i + 1, next.b + i + 1, next.n - i - 1};
      }
      break;
    }
  }
}

// ---- order ----

struct OrderedPairs {
  const Term* a;
  const Term* b;
  u64 n;
  bool exact;
};

struct MapFrame {
  enum Phase : u8 { Keys, ValueKey, Values };
  struct Candidate {
    Term key;
    i64 side;  // -1: only in a, 1: only in b
  };
  struct LeafPair {
    const Term* a;
    const Term* b;
  };
  WorkStack<Candidate, 16> only_one;
  WorkStack<LeafPair, 16> differing;
  Phase phase;
  bool exact;      // how values are compared
  u64 next = 0;    // candidate being looked at
  u64 floor;       // stack height of a round
  Term least = Term::none();  // key that decides so far
  i64 result = 0;
};

class Order {
 public:
  ~Order() {
    while (!frames_.empty()) vm_delete(frames_.pop());
  }
  i64 run(Term a, Term b, bool exact);

 private:
  i64 step(Term a, Term b, bool exact);
  void start_maps(Term a, Term b, bool exact);
  void collect(MapFrame& f, Term a, Term b);
  void collect_all(MapFrame& f, Term t, i64 side);
  void collect_mixed(MapFrame& f, Term leaf, Term node, bool leaf_is_a);
  i64 advance(i64 j);

  WorkStack<OrderedPairs, 16> work_;
  WorkStack<MapFrame*, 4> frames_;
};

// Tuples of the same elements, word for word.
bool same_words(Term a, Term b) {
  if (!a.is_boxed() || !b.is_boxed()) return false;
  Term header = a.header_word();
  if (header != b.header_word() || header.header_tag() != BoxedTag::Tuple) return false;
  for (u64 i = header.header_arity(); i > 0; i--) {
    if (a.object()[i] != b.object()[i]) return false;
  }
  return true;
}

// Compares a with b as far as it goes without looking at parts; the parts are pushed. Zero means:
// equal unless the pushed parts differ. Precondition: a != b.
i64 Order::step(Term a, Term b, bool exact) {
  for (;;) {
    if (a.is_list() && b.is_list()) {
      const Term* ca = a.cell();
      const Term* cb = b.cell();
      for (;;) {
        if (ca[0] != cb[0]) {
          a = ca[0];
          b = cb[0];
          if (both_small(a, b)) return sign_of(a.small_value(), b.small_value());
          if (a.is_atom() && b.is_atom()) return compare_atoms(a, b);
          if (!same_words(a, b)) {
            work_.push({ca + 1, cb + 1, 1, exact});
            break;
          }
        }
        a = ca[1];
        b = cb[1];
        if (a == b) return 0;
        if (!a.is_list() || !b.is_list()) break;
        ca = a.cell();
        cb = b.cell();
      }
      continue;
    }

    Rank ra = rank_of(a);
    Rank rb = rank_of(b);
    if (ra != rb) {
      if (!exact && ra <= Rank::Float && rb <= Rank::Float) return compare_numbers(a, b);
      return sign_of(ra, rb);
    }
    switch (ra) {
      case Rank::Integer:
      case Rank::Float: return compare_numbers(a, b);
      case Rank::Atom: return compare_atoms(a, b);
      case Rank::Ref: return compare_refs(a, b);
      case Rank::Port: return compare_ports(a, b);
      case Rank::Pid: return compare_pids(a, b);
      case Rank::Bits: return compare_bitstrings(a, b);
      case Rank::Fun: {
        bool ea = a.is(BoxedTag::Export);
        bool eb = b.is(BoxedTag::Export);
        if (ea != eb) return ea ? 1 : -1;
        if (ea) return compare_export_funs(a, b);
        if (i64 j = compare_local_fun_heads(a, b)) return j;
        if (u64 n = fun_num_free(a)) work_.push({view<Fun>(a)->free, view<Fun>(b)->free, n, exact});
        return 0;
      }
      case Rank::Tuple: {
        u64 na = tuple_arity(a);
        u64 nb = tuple_arity(b);
        if (na != nb) return sign_of(na, nb);
        if (na != 0) work_.push({tuple_elements(a), tuple_elements(b), na, exact});
        return 0;
      }
      case Rank::Map: {
        u64 na = map_size(a);
        u64 nb = map_size(b);
        if (na != nb) return sign_of(na, nb);
        if (na == 0) return 0;
        if (!is_flat_map(a)) {
          start_maps(a, b, exact);
          return 0;
        }
        work_.push({flat_map_values(a), flat_map_values(b), na, exact});
        if (flat_map_key_tuple(a) != flat_map_key_tuple(b)) {
          work_.push({flat_map_keys(a), flat_map_keys(b), na, true});
        }
        return 0;
      }
      case Rank::Nil: return 0;
      case Rank::List: VM_PANIC("compare: lists are handled above");
    }
  }
}

void Order::collect_all(MapFrame& f, Term t, i64 side) {
  WorkStack<Term, 32> todo;
  todo.push(t);
  while (!todo.empty()) {
    t = todo.pop();
    if (is_hamt_leaf(t)) {
      f.only_one.push({t.head(), side});
      continue;
    }
    HamtNode n = hamt_node(t);
    for (u32 i = 0; i < n.count(); i++) todo.push(n.children[i]);
  }
}

void Order::collect_mixed(MapFrame& f, Term leaf, Term node, bool leaf_is_a) {
  i64 node_side = leaf_is_a ? 1 : -1;
  bool found = false;
  WorkStack<Term, 32> todo;
  todo.push(node);
  while (!todo.empty()) {
    Term t = todo.pop();
    if (!is_hamt_leaf(t)) {
      HamtNode n = hamt_node(t);
      for (u32 i = 0; i < n.count(); i++) todo.push(n.children[i]);
    } else if (!found && exact_equal(t.head(), leaf.head())) {
      found = true;  // its value cannot matter: the node's other keys are candidates
    } else {
      f.only_one.push({t.head(), node_side});
    }
  }
  if (!found) f.only_one.push({leaf.head(), -node_side});
}

void Order::collect(MapFrame& f, Term a, Term b) {
  struct Two {
    Term a, b;
  };
  WorkStack<Two, 32> todo;
  todo.push({a, b});
  while (!todo.empty()) {
    Two t = todo.pop();
    if (t.a == t.b) continue;
    bool leaf_a = is_hamt_leaf(t.a);
    bool leaf_b = is_hamt_leaf(t.b);
    if (leaf_a && leaf_b) {
      if (!exact_equal(t.a.head(), t.b.head())) {
        f.only_one.push({t.a.head(), -1});
        f.only_one.push({t.b.head(), 1});
      } else if (t.a.tail() != t.b.tail()) {
        f.differing.push({t.a.cell(), t.b.cell()});
      }
    } else if (leaf_a || leaf_b) {
      collect_mixed(f, leaf_a ? t.a : t.b, leaf_a ? t.b : t.a, leaf_a);
    } else {
      HamtNode na = hamt_node(t.a);
      HamtNode nb = hamt_node(t.b);
      Term* ca = na.children;
      Term* cb = nb.children;
      for (u32 slots = na.bitmap | nb.bitmap; slots != 0; slots &= slots - 1) {
        u32 slot = static_cast<u32>(std::countr_zero(slots));
        if (!na.has(slot)) {
          collect_all(f, *cb++, 1);
        } else if (!nb.has(slot)) {
          collect_all(f, *ca++, -1);
        } else {
          todo.push({*ca++, *cb++});
        }
      }
    }
  }
}

void Order::start_maps(Term a, Term b, bool exact) {
  MapFrame* f = vm_new<MapFrame>();
  collect(*f, a, b);
  f->exact = exact;
  f->floor = work_.size();
  f->phase = f->only_one.empty() ? MapFrame::Values : MapFrame::Keys;
  if (f->phase == MapFrame::Values && f->differing.empty()) {
    vm_delete(f);
    return;
  }
  if (f->phase == MapFrame::Keys) {
    f->least = f->only_one[0].key;
    f->result = f->only_one[0].side;
    f->next = 1;
  } else {
    MapFrame::LeafPair& p = f->differing[0];
    work_.push({p.a + 1, p.b + 1, 1, exact});
  }
  frames_.push(f);
}

// The round of the innermost map is over with j. Starts its next round and returns 0, or ends the
// map and returns its result.
i64 Order::advance(i64 j) {
  MapFrame& f = *frames_.top();
  if (f.phase == MapFrame::Keys) {
    // The first call comes without a round having been run: j is 0 and next is 1.
    if (j < 0) {
      f.least = f.only_one[f.next - 1].key;
      f.result = f.only_one[f.next - 1].side;
    }
    if (f.next < f.only_one.size()) {
      work_.push({&f.only_one[f.next].key, &f.least, 1, true});
      f.next++;
      return 0;
    }
  } else {
    bool look_at_value = false;
    if (f.phase == MapFrame::Values) {
      if (j != 0) {
        f.least = f.differing[f.next].a[0];
        f.result = j;
      }
      f.next++;
    } else {
      look_at_value = j < 0;
      if (!look_at_value) f.next++;
    }
    if (f.next < f.differing.size()) {
      MapFrame::LeafPair& p = f.differing[f.next];
      if (look_at_value || f.least.is_none()) {
        f.phase = MapFrame::Values;
        work_.push({p.a + 1, p.b + 1, 1, f.exact});
      } else {
        f.phase = MapFrame::ValueKey;
        work_.push({p.a, &f.least, 1, true});
      }
      return 0;
    }
  }
  i64 result = f.result;
  vm_delete(frames_.pop());
  return result;
}

i64 Order::run(Term a, Term b, bool exact) {
  i64 j = step(a, b, exact);
  for (;;) {
    u64 floor = frames_.empty() ? 0 : frames_.top()->floor;
    while (j == 0 && work_.size() > floor) {
      OrderedPairs& next = work_.top();
      u64 i = 0;
      while (i < next.n && next.a[i] == next.b[i]) i++;
      if (i == next.n) {
        work_.pop();
        continue;
      }
      a = next.a[i];
      b = next.b[i];
      if (both_small(a, b)) {
        j = sign_of(a.small_value(), b.small_value());
        break;
      }
      exact = next.exact;
      if (i + 1 == next.n) {
        work_.pop();
      } else {
        next = {next.a + i + 1, next.b + i + 1, next.n - i - 1, exact};
      }
      u64 maps = frames_.size();
      j = step(a, b, exact);
      if (frames_.size() != maps) floor = frames_.top()->floor;
    }
    if (frames_.empty()) return j;
    work_.shrink_to(floor);
    j = advance(j);
  }
}

// Most comparisons are decided by the first elements of shallow terms. This decides those without
// setting up the stack of a walk; *undecided is set where the terms are maps, funs, or nested deeper.
i64 compare_shallow(Term a, Term b, bool exact, u32 depth, bool* undecided) {
  for (;;) {
    if (a == b) return 0;
    if (both_small(a, b)) return sign_of(a.small_value(), b.small_value());
    if (a.is_list() && b.is_list()) {
      const Term* ca = a.cell();
      const Term* cb = b.cell();
      while (ca[0] == cb[0]) {
        a = ca[1];
        b = cb[1];
        if (a == b) return 0;
        if (!a.is_list() || !b.is_list()) break;
        ca = a.cell();
        cb = b.cell();
      }
      if (!a.is_list() || !b.is_list()) continue;
      if (both_small(ca[0], cb[0])) return sign_of(ca[0].small_value(), cb[0].small_value());
      if (depth == 0) break;
      i64 j = compare_shallow(ca[0], cb[0], exact, depth - 1, undecided);
      if (j != 0 || *undecided) return j;
      a = ca[1];
      b = cb[1];
      continue;
    }
    if (a.is_boxed() && b.is_boxed() && a.header_word().header_tag() == BoxedTag::Tuple &&
        b.header_word().header_tag() == BoxedTag::Tuple) {
      u64 n = tuple_arity(a);
      if (n != tuple_arity(b)) return sign_of(n, tuple_arity(b));
      const Term* ea = tuple_elements(a);
      const Term* eb = tuple_elements(b);
      u64 i = 0;
      while (i < n && ea[i] == eb[i]) i++;
      if (i == n) return 0;
      if (both_small(ea[i], eb[i])) return sign_of(ea[i].small_value(), eb[i].small_value());
      if (depth == 0) break;
      for (; i + 1 < n; i++) {
        i64 j = compare_shallow(ea[i], eb[i], exact, depth - 1, undecided);
        if (j != 0 || *undecided) return j;
      }
      a = ea[i];
      b = eb[i];
      continue;
    }
    Rank ra = rank_of(a);
    Rank rb = rank_of(b);
    if (ra != rb) {
      if (!exact && ra <= Rank::Float && rb <= Rank::Float) return compare_numbers(a, b);
      return sign_of(ra, rb);
    }
    switch (ra) {
      case Rank::Integer:
      case Rank::Float: return compare_numbers(a, b);
      case Rank::Atom: return compare_atoms(a, b);
      case Rank::Ref: return compare_refs(a, b);
      case Rank::Port: return compare_ports(a, b);
      case Rank::Pid: return compare_pids(a, b);
      case Rank::Bits: return compare_bitstrings(a, b);
      case Rank::Nil: return 0;
      default: break;
    }
    break;
  }
  *undecided = true;
  return 0;
}

}  // namespace

i64 compare_atoms(Term a, Term b) {
  u32 oa = atom_ordinal(a);
  u32 ob = atom_ordinal(b);
  if (oa != ob) return oa < ob ? -1 : 1;
  int j = atom_name(a).compare(atom_name(b));
  return sign_of(j, 0);
}

int compare_bits(const Bits& a, const Bits& b, u64 bit_size) {
  const u8* pa = a.base;
  const u8* pb = b.base;
  u64 bytes = bit_size / 8;
  u32 rest = bit_size % 8;
  if (a.bit_offset == 0 && b.bit_offset == 0) {
    if (bytes != 0) {
      if (int j = std::memcmp(pa, pb, bytes)) return j;
    }
    if (rest == 0) return 0;
    return static_cast<int>(pa[bytes] >> (8 - rest)) - static_cast<int>(pb[bytes] >> (8 - rest));
  }
  // Eight bits from bit `offset` of p; the second byte is read only where it is needed.
  auto octet = [](const u8* p, u32 offset, u32 want) -> u32 {
    u32 v = u32{p[0]} << 8;
    if (offset + want > 8) v |= p[1];
    return v >> (8 - offset) & 0xFF;
  };
  for (u64 i = 0; i < bytes; i++) {
    int x = static_cast<int>(octet(pa + i, a.bit_offset, 8));
    int y = static_cast<int>(octet(pb + i, b.bit_offset, 8));
    if (x != y) return x - y;
  }
  if (rest == 0) return 0;
  int x = static_cast<int>(octet(pa + bytes, a.bit_offset, rest) >> (8 - rest));
  int y = static_cast<int>(octet(pb + bytes, b.bit_offset, rest) >> (8 - rest));
  return x - y;
}

i64 compare_slow(Term a, Term b, bool exact) {
  // Strings, and tuples whose first different elements are small integers: no call at all. Short
  // binaries are often keys.
  if (a.is_list() && b.is_list()) {
    const Term* ca = a.cell();
    const Term* cb = b.cell();
    while (ca[0] == cb[0]) {
      if (ca[1] == cb[1]) return 0;
      if (!ca[1].is_list() || !cb[1].is_list()) break;
      ca = ca[1].cell();
      cb = cb[1].cell();
    }
    if (both_small(ca[0], cb[0]) && ca[0] != cb[0]) {
      return sign_of(ca[0].small_value(), cb[0].small_value());
    }
  } else if (a.is_boxed() && b.is_boxed()) {
    const Term* oa = a.object();
    const Term* ob = b.object();
    if (oa[0].header_tag() == BoxedTag::HeapBinary && ob[0].header_tag() == BoxedTag::HeapBinary) {
      return compare_heap_binaries(a, b);
    }
    if (oa[0] == ob[0] && oa[0].header_tag() == BoxedTag::Tuple) {
      for (u64 n = oa[0].header_arity(); n > 0; n--) {
        if (*++oa == *++ob) continue;
        if (both_small(*oa, *ob)) return sign_of(oa->small_value(), ob->small_value());
        break;
      }
    }
  }
  constexpr u32 kDepth = 4;
  bool undecided = false;
  i64 j = compare_shallow(a, b, exact, kDepth, &undecided);
  if (!undecided) return j;
  Order order;
  return a == b ? 0 : order.run(a, b, exact);
}

bool equal_slow(Term a, Term b) { return equal_walk<false>(a, b); }
bool exact_equal_slow(Term a, Term b) {
  // Keys of maps and tables are often binaries.
  if (a.is_boxed() && b.is_boxed() && a.header_word().header_tag() == BoxedTag::HeapBinary &&
      b.header_word().header_tag() == BoxedTag::HeapBinary) {
    const auto* x = view<HeapBinary>(a);
    const auto* y = view<HeapBinary>(b);
    return x->size == y->size && std::memcmp(x->bytes, y->bytes, x->size) == 0;
  }
  return equal_walk<true>(a, b);
}

bool identical(Term a, Term b) {
  struct Pair {
    Word a, b;
  };
  WorkStack<Pair, 16> todo;
  for (;;) {
    while (a != b && a.is_list() && b.is_list()) {
      if (a.head() != b.head()) todo.push({a.head().bits(), b.head().bits()});
      a = a.tail();
      b = b.tail();
    }
    if (a != b) {
      if (!a.is_boxed() || !b.is_boxed()) return false;
      if (a.is_bitstring()) {
        if (!exact_equal(a, b)) return false;
      } else {
        Term header = a.header_word();
        if (header != b.header_word()) return false;
        switch (header.header_tag()) {
          case BoxedTag::Tuple:
            for (u64 i = 0; i < header.header_arity(); i++) {
              if (tuple_element(a, i) == tuple_element(b, i)) continue;
              todo.push({tuple_element(a, i).bits(), tuple_element(b, i).bits()});
            }
            break;
          case BoxedTag::Float:
          case BoxedTag::BigPos:
          case BoxedTag::BigNeg:
            if (std::memcmp(a.object(), b.object(), (1 + header.header_arity()) * kWordBytes) != 0) {
              return false;
            }
            break;
          default: return false;
        }
      }
    }
    if (todo.empty()) return true;
    Pair next = todo.pop();
    a = Term(next.a);
    b = Term(next.b);
  }
}

i64 compare_arrays_exact(const Term* a, const Term* b, u64 n) {
  for (u64 i = 0; i < n; i++) {
    if (i64 j = compare_exact(a[i], b[i])) return j;
  }
  return 0;
}

}  // namespace lintel
