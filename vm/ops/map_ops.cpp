#include "vm/ops/map_ops.h"

#include "vm/term/atom.h"
#include "vm/term/map.h"

namespace lintel::ops {

BifResult put_map_assoc(Process& p, Term* args, u32 pairs) {
  if (VM_UNLIKELY(!args[0].is_map())) return raise_error_tuple(p, am::badmap, args[0]);
  return map_put_many(p, args[0], args + 1, pairs);
}

BifResult put_map_exact(Process& p, Term* args, u32 pairs) {
  if (VM_UNLIKELY(!args[0].is_map())) return raise_error_tuple(p, am::badmap, args[0]);
  u64 missing;
  Term map = map_update_many(p, args[0], args + 1, pairs, &missing);
  if (VM_UNLIKELY(map.is_none())) return raise_error_tuple(p, am::badkey, args[1 + 2 * missing]);
  return map;
}

}  // namespace lintel::ops
