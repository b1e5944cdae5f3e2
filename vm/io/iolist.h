// I/O lists: nested lists of bytes and binaries. Walked with an explicit stack; nothing moves.
#pragma once
#include "vm/io/driver.h"
#include "vm/term/boxed.h"

namespace lintel {

// What an I/O list amounts to when reference-counted binaries of more than `share_above` bytes stay
// what they are and everything else is gathered into one block.
struct IoListShape {
  size_t copied = 0;  // bytes to gather
  size_t shared = 0;  // bytes that stay where they are
  size_t slices = 0;  // runs of gathered bytes and shared binaries
};
// False when it is none (or has bits that make no byte).
bool iolist_measure(Term t, size_t share_above, IoListShape* out);

struct IoListSlices {
  SysIOVec* slices;
  ErlDrvBinary** owners;
  BinaryData* gathered;  // of shape.copied bytes; null when that is 0
};
// Fills the slices of a list that was measured with the same `share_above`; returns their number.
int iolist_slice(Term t, size_t share_above, const IoListSlices& out);
// All its bytes.
void iolist_copy(Term t, u8* to);

// Copies bytes that may start in the middle of one.
void copy_unaligned(const Bits& bits, u8* to, u64 bytes);

}  // namespace lintel
