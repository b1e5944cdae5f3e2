// MD5 (RFC 1321), for module checksums and the erlang:md5 functions. Not for security.
//
// The state is plain data, so that it can be stored in a binary between md5_update calls.
#pragma once
#include <array>
#include <span>

#include "vm/base/types.h"

namespace lintel {

struct Md5 {
  u32 state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  u64 byte_count = 0;
  u8 pending[64] = {};  // the first byte_count % 64 are filled

  void update(std::span<const u8> bytes);
  std::array<u8, 16> finish();  // the state is spent afterwards

 private:
  void block(const u8* p);
};

}  // namespace lintel
