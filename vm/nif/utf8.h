// Between the API's Latin-1 and the atom table's UTF-8.
#pragma once
#include <string_view>

#include "vm/base/types.h"

namespace lintel {

// Returns bytes written: at most twice the input.
inline size_t utf8_from_latin1(std::string_view latin1, char* out) {
  char* p = out;
  for (char ch : latin1) {
    auto c = static_cast<unsigned char>(ch);
    if (c < 0x80) {
      *p++ = ch;
    } else {
      *p++ = static_cast<char>(0xc0 | c >> 6);
      *p++ = static_cast<char>(0x80 | (c & 0x3f));
    }
  }
  return static_cast<size_t>(p - out);
}

// The input holds only code points below 256. Returns bytes written.
inline size_t latin1_from_utf8(std::string_view utf8, char* out) {
  char* p = out;
  for (size_t i = 0; i < utf8.size(); i++) {
    auto c = static_cast<unsigned char>(utf8[i]);
    if (c >= 0x80 && i + 1 < utf8.size()) {
      c = static_cast<unsigned char>(c << 6 | (utf8[++i] & 0x3f));
    }
    *p++ = static_cast<char>(c);
  }
  return static_cast<size_t>(p - out);
}

}  // namespace lintel
