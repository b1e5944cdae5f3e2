// UTF-8 well-formedness, as the VM demands it of atom names and text: shortest forms only, no
// surrogates, nothing above U+10FFFF.
#pragma once
#include <span>
#include <string>

#include "vm/base/types.h"

namespace lintel {

// Number of code points, or -1 when the bytes are not well-formed.
inline i64 utf8_length(std::span<const u8> s) {
  i64 count = 0;
  size_t i = 0;
  while (i < s.size()) {
    u8 c = s[i];
    count++;
    if (c < 0x80) {
      i++;
      continue;
    }
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || s.size() - i <= more) return -1;
    for (size_t k = 1; k <= more; k++) {
      if ((s[i + k] & 0xc0) != 0x80) return -1;
    }
    u8 second = s[i + 1];
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
        (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f)) {
      return -1;
    }
    i += more + 1;
  }
  return count;
}

// c is a code point, not a surrogate.
inline void append_utf8(std::string& out, u32 c) {
  auto put = [&](u32 byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace lintel
