// Lists of bytes and characters: from and to C++ memory.
#pragma once
#include <string_view>

#include "vm/heap/builder.h"

namespace lintel {

// The bytes as a list of small integers in front of `tail`. 2 * size words.
inline Term bytes_to_list(Builder& heap, const u8* bytes, u64 size, Term tail = Term::nil()) {
  if (size == 0) return tail;
  Term* cell = heap.alloc(size * kConsWords);
  Term list = Term::list(cell);
  for (u64 i = 0; i < size; i++, cell += 2) {
    cell[0] = Term::small(bytes[i]);
    cell[1] = Term::list(cell + 2);
  }
  cell[-1] = tail;
  return list;
}
inline Term chars_to_list(Builder& heap, std::string_view chars, Term tail = Term::nil()) {
  return bytes_to_list(heap, reinterpret_cast<const u8*>(chars.data()), chars.size(), tail);
}

// Length of a proper list, or -1.
inline i64 list_length(Term list) {
  i64 n = 0;
  for (; list.is_list(); list = list.tail()) n++;
  return list.is_nil() ? n : -1;
}

}  // namespace lintel
