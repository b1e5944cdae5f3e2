// Maps: reading and changing them by keys.
//
// An operation remembers where in a flat map it found its keys last, its hint: there they are in
// every map of the same keys. A hint is looked at before anything is searched, and is only a guess:
// the key there is compared, so any value serves. Threads may write it at once; it is one aligned
// word or half, read and written whole.
#include "vm/interp/handlers.h"
#include "vm/ops/map_ops.h"
#include "vm/term/map.h"

namespace lintel::interp {

namespace {

// Hints of more than one key: five bits for each of the first six keys.
constexpr u32 kHintedKeys = 6;
constexpr u32 kHintOperand = 4;

VM_ALWAYS_INLINE u32 read_hint(const Word* pc, u32 operand) {
  return __atomic_load_n(reinterpret_cast<const u32*>(pc) + 1 + operand, __ATOMIC_RELAXED);
}
void write_hint(const Word* pc, u32 operand, u32 hint) {
  auto* word = reinterpret_cast<u32*>(const_cast<Word*>(pc)) + 1 + operand;
  __atomic_store_n(word, hint, __ATOMIC_RELAXED);
}

// Where the key at `position` of the flat map object `o` is the one sought.
VM_ALWAYS_INLINE bool key_is_at(const Term* o, u64 position, Term key) {
  return o[0].header_tag() == BoxedTag::FlatMap && position + 1 < o[0].header_arity() &&
         tuple_elements(o[1])[position] == key;
}

// The hint for pairs of keys at `keys`, every other word.
u32 hint_for(Term map, const Term* keys, u32 n) {
  u32 hint = 0;
  for (u32 i = n; i-- > 0;) {
    const Term* value = map_find(map, keys[2 * i]);
    hint = hint << 5 | static_cast<u32>(value - flat_map_values(map));
  }
  return hint;
}

}  // namespace

// The usual case, a flat map whose keys stay, is copied right here.
#define PUT_MAP(op, slow)                                                                     \
  {                                                                                           \
    Term map = SOURCE(op, 0);                                                                 \
    u32 n = U32(3);                                                                           \
    if (VM_LIKELY(n <= 2 * kHintedKeys) && map.is_boxed()) {                                  \
      const Term* o = map.object();                                                           \
      const Word* sources = TAIL(op);                                                         \
      u32 hint = read_hint(pc, kHintOperand);                                                 \
      u32 h = hint;                                                                           \
      for (u32 i = 0; i < n; i += 2, h >>= 5) {                                               \
        if (VM_UNLIKELY(!key_is_at(o, h & 31, source(x, sp, sources[i])))) GOTO(slow);        \
      }                                                                                       \
      u64 words = 1 + o[0].header_arity();                                                    \
      if (VM_UNLIKELY(!has_room(p, sp, htop, words))) GOTO(slow);                             \
      for (u64 i = 0; i < words; i++) htop[i] = o[i];                                         \
      Word changes = 0;                                                                       \
      h = hint;                                                                               \
      for (u32 i = 1; i < n; i += 2, h >>= 5) {                                               \
        Term value = source(x, sp, sources[i]);                                               \
        Term& slot = htop[2 + (h & 31)];                                                      \
        changes |= slot.bits() ^ value.bits();                                                \
        slot = value;                                                                         \
      }                                                                                       \
      if (changes != 0) {                                                                     \
        map = Term::boxed(htop);                                                              \
        htop += words;                                                                        \
      }                                                                                       \
      REG(2) = map;                                                                           \
      NEXT_TAIL(op, n);                                                                       \
    }                                                                                         \
    GOTO(slow);                                                                               \
  }

// The pairs are copied into registers above the live ones, where they are roots.
#define PUT_MAP_SLOW(op, function)                                                            \
  {                                                                                           \
    u32 n = U32(3);                                                                           \
    u32 live = U32(1);                                                                        \
    const Word* sources = TAIL(op);                                                           \
    Term map = SOURCE(op, 0);                                                                 \
    for (u32 i = 0; i < n; i++) x[live + 1 + i] = source(x, sp, sources[i]);                  \
    x[live] = map;                                                                            \
    SAVE();                                                                                   \
    p->live = live + 1 + n;                                                                   \
    BifResult r = function(*p, x + live, n / 2);                                              \
    LOAD();                                                                                   \
    if (VM_UNLIKELY(r.value.is_none())) {                                                     \
      if (U32(0) != 0) BRANCH(0);                                                             \
      GOTO(raise_exception);                                                                  \
    }                                                                                         \
    if (is_flat_map(r.value) && n <= 2 * kHintedKeys) {                                       \
      write_hint(pc, kHintOperand, hint_for(r.value, x + live + 1, n / 2));                   \
    }                                                                                         \
    REG(2) = r.value;                                                                         \
    NEXT_TAIL(op, n);                                                                         \
  }

namespace {
VM_NOINLINE void put_map_assoc_slow(HANDLER_PARAMS) PUT_MAP_SLOW(put_map_assoc, ops::put_map_assoc)
VM_NOINLINE void put_map_exact_slow(HANDLER_PARAMS) PUT_MAP_SLOW(put_map_exact, ops::put_map_exact)
}  // namespace

HANDLER(put_map_assoc) PUT_MAP(put_map_assoc, put_map_assoc_slow)
HANDLER(put_map_exact) PUT_MAP(put_map_exact, put_map_exact_slow)

#undef PUT_MAP
#undef PUT_MAP_SLOW

namespace {
VM_NOINLINE void get_map_element_search(HANDLER_PARAMS) {
  Term map = REG(1);
  const Term* found = map_find(map, SOURCE(get_map_element, 0));
  if (found == nullptr) BRANCH(0);
  if (is_flat_map(map)) write_hint(pc, 3, static_cast<u32>(found - flat_map_values(map)));
  REG(2) = *found;
  NEXT(get_map_element);
}
}  // namespace

HANDLER(get_map_element) {
  const Term* o = REG(1).object();
  u64 position = read_hint(pc, 3);
  if (VM_UNLIKELY(!key_is_at(o, position, SOURCE(get_map_element, 0)))) GOTO(get_map_element_search);
  REG(2) = o[2 + position];
  NEXT(get_map_element);
}

namespace {
VM_NOINLINE void get_map_elements_search(HANDLER_PARAMS) {
  u32 n = U32(2);
  const Word* pairs = TAIL(get_map_elements);
  Term map = REG(1);
  bool flat = is_flat_map(map);
  u32 hint = 0;
  for (u32 i = 0; i < n; i += 2) {
    const Term* found = map_find(map, source(x, sp, pairs[i]));
    if (found == nullptr) BRANCH(0);
    if (flat && i < 2 * kHintedKeys) {
      hint |= static_cast<u32>(found - flat_map_values(map)) << 5 * (i / 2);
    }
    reg_at(x, sp, static_cast<u32>(pairs[i + 1])) = *found;
  }
  if (flat) write_hint(pc, 3, hint);
  NEXT_TAIL(get_map_elements, n);
}
}  // namespace

// All keys first, then all values: until then the map's own register is not overwritten.
HANDLER(get_map_elements) {
  u32 n = U32(2);
  if (VM_UNLIKELY(n > 2 * kHintedKeys)) GOTO(get_map_elements_search);
  const Word* pairs = TAIL(get_map_elements);
  const Term* o = REG(1).object();
  u32 hint = read_hint(pc, 3);
  u32 h = hint;
  for (u32 i = 0; i < n; i += 2, h >>= 5) {
    if (VM_UNLIKELY(!key_is_at(o, h & 31, source(x, sp, pairs[i])))) GOTO(get_map_elements_search);
  }
  h = hint;
  for (u32 i = 1; i < n; i += 2, h >>= 5) {
    reg_at(x, sp, static_cast<u32>(pairs[i])) = o[2 + (h & 31)];
  }
  NEXT_TAIL(get_map_elements, n);
}

HANDLER(has_map_fields) {
  u32 n = U32(2);
  const Word* keys = TAIL(has_map_fields);
  Term map = REG(1);
  for (u32 i = 0; i < n; i++) {
    if (map_get_fast(map, source(x, sp, keys[i])).is_none()) BRANCH(0);
  }
  NEXT_TAIL(has_map_fields, n);
}


}  // namespace lintel::interp
