#include "vm/ops/map_ops.h"

#include "vm/term/atom.h"
#include "vm/term/map.h"

namespace lintel::ops {

namespace {

// Changes values of a flat map, without a look at the keys of the result. None: a key that is not
// there, or anything but the simple case. The arguments are roots of the caller's.
Term replace_values(Process& p, Term* args, u32 pairs) {
  Term map = args[0];
  if (!is_flat_map(map) || pairs > kMaxFlatMap) return Term::none();
  u64 size = flat_map_size(map);
  if (size == 0) return Term::none();
  const Term* keys = flat_map_keys(map);
  const Term* values = flat_map_values(map);
  u8 places[kMaxFlatMap];
  bool changes = false;
  u64 at = 0;  // keys are mostly asked for in the order in which the map has them
  for (u32 i = 0; i < pairs; i++) {
    Term key = args[1 + 2 * i];
    if (key.is_pointer()) return Term::none();
    u64 tried = 0;
    while (keys[at] != key) {
      if (++tried == size) return Term::none();
      if (++at == size) at = 0;
    }
    places[i] = static_cast<u8>(at);
    changes |= values[at] != args[2 + 2 * i];
    if (++at == size) at = 0;
  }
  if (!changes) return map;
  u64 words = flat_map_words(size);
  Builder b = p.reserve(words);
  const Term* from = args[0].object();
  Term* to = b.alloc(words);
  for (u64 i = 0; i < words; i++) to[i] = from[i];
  for (u32 i = 0; i < pairs; i++) to[2 + places[i]] = args[2 + 2 * i];
  return Term::boxed(to);
}

}  // namespace

BifResult put_map_assoc(Process& p, Term* args, u32 pairs) {
  if (VM_UNLIKELY(!args[0].is_map())) return raise_error_tuple(p, am::badmap, args[0]);
  if (Term map = replace_values(p, args, pairs); !map.is_none()) return map;
  return map_put_many(p, args[0], args + 1, pairs);
}

BifResult put_map_exact(Process& p, Term* args, u32 pairs) {
  if (VM_UNLIKELY(!args[0].is_map())) return raise_error_tuple(p, am::badmap, args[0]);
  if (Term map = replace_values(p, args, pairs); VM_LIKELY(!map.is_none())) return map;
  u64 missing;
  Term map = map_update_many(p, args[0], args + 1, pairs, &missing);
  if (VM_UNLIKELY(map.is_none())) return raise_error_tuple(p, am::badkey, args[1 + 2 * missing]);
  return map;
}

}  // namespace lintel::ops
