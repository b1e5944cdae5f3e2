// Bytes out of a bit string that starts anywhere in a byte, most significant bit first.
#pragma once
#include <cstring>

#include "vm/base/types.h"

namespace lintel {

// Copies `bits` bits from bit `offset` (0..7) of src[0] to the start of `to`, whose last byte is
// filled up with zero bits. Writes (bits + 7) / 8 bytes; reads no byte without a bit of the string.
inline void copy_bits_out(u8* to, const u8* src, u32 offset, u64 bits) {
  u64 whole = bits / 8;
  u32 rest = static_cast<u32>(bits % 8);
  if (offset == 0) {
    if (whole != 0) std::memcpy(to, src, whole);
  } else {
    u64 i = 0;
    // Eight bytes of result from nine of source at a time.
    for (; i + 8 < whole; i += 8) {
      u64 v;
      std::memcpy(&v, src + i, 8);
      v = __builtin_bswap64(v) << offset | src[i + 8] >> (8 - offset);
      v = __builtin_bswap64(v);
      std::memcpy(to + i, &v, 8);
    }
    for (; i < whole; i++) to[i] = static_cast<u8>(src[i] << offset | src[i + 1] >> (8 - offset));
  }
  if (rest != 0) {
    u32 last = static_cast<u32>(src[whole]) << 8;
    if (offset + rest > 8) last |= src[whole + 1];
    to[whole] = static_cast<u8>((last << offset >> 8) & (0xff00u >> rest));
  }
}

}  // namespace lintel
