// erlang: atoms from and to text.
#include <string>

#include "vm/base/utf8.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

namespace {

u32 decode_one(const char*& s) {
  u32 c = static_cast<u8>(*s++);
  if (c < 0x80) return c;
  u32 more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
  c &= 0x3Fu >> more;
  while (more-- > 0) c = c << 6 | (static_cast<u8>(*s++) & 0x3F);
  return c;
}

enum class Text { Good, Bad, TooLong };

// A list of characters in UTF-8. Too long is noticed before what is wrong after the limit.
Text list_text(Term list, std::string& out) {
  u32 count = 0;
  for (; list.is_list(); list = list.tail()) {
    if (count++ == kMaxAtomChars) return Text::TooLong;
    Term c = list.head();
    if (!c.is_small() || c.small_value() < 0 || c.small_value() > 0x10FFFF ||
        (c.small_value() >= 0xD800 && c.small_value() < 0xE000)) {
      return Text::Bad;
    }
    append_utf8(out, static_cast<u32>(c.small_value()));
  }
  return list.is_nil() ? Text::Good : Text::Bad;
}

// The bytes of a binary that may begin inside a byte.
bool binary_text(Term binary, std::string& out) {
  if (!is_binary(binary)) return false;
  Bits bits = bits_of(binary);
  u64 n = bits.byte_size();
  out.resize(n);
  for (u64 i = 0; i < n; i++) {
    u32 byte = bits.base[i];
    if (bits.bit_offset != 0) {
      byte = (byte << 8 | bits.base[i + 1]) >> (8 - bits.bit_offset);
    }
    out[i] = static_cast<char>(byte);
  }
  return true;
}

BifResult made(Process& p, Term atom) {
  if (atom.is_none()) return raise_system_limit(p);
  return atom;
}

// `bytes` in the encoding asked for, as UTF-8 fit for the table.
Text to_atom_text(std::string& bytes, Term encoding) {
  if (encoding == am::latin1) {
    if (bytes.size() > kMaxAtomChars) return Text::TooLong;
    std::string utf8;
    for (char c : bytes) append_utf8(utf8, static_cast<u8>(c));
    bytes = utf8;
    return Text::Good;
  }
  if (encoding != am::utf8 && encoding != am::unicode) return Text::Bad;
  i64 n = utf8_length({reinterpret_cast<const u8*>(bytes.data()), bytes.size()});
  if (n >= 0) return n > kMaxAtomChars ? Text::TooLong : Text::Good;
  // More than the most characters are too many before it matters whether their bytes are right.
  size_t i = 0;
  for (u64 whole = 0; whole < kMaxAtomChars; whole++) {
    size_t size = static_cast<u8>(bytes[i]) < 0x80 ? 1 : 2;
    while (size <= 4 && i + size <= bytes.size() &&
           utf8_length({reinterpret_cast<const u8*>(bytes.data()) + i, size}) < 0) {
      size++;
    }
    if (size > 4 || i + size > bytes.size()) return Text::Bad;
    i += size;
  }
  return Text::TooLong;
}

}  // namespace

BifResult erlang_atom_to_list_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  std::string_view name = atom_name(args[0]);
  u64 n = atom_char_count(args[0]);
  if (n == 0) return Term::nil();
  Term* cell = p.reserve(n * kConsWords).alloc(n * kConsWords);
  Term list = Term::list(cell);
  const char* s = name.data();
  for (; n > 0; n--, cell += 2) {
    cell[0] = Term::small(decode_one(s));
    cell[1] = Term::list(cell + 2);
  }
  cell[-1] = Term::nil();
  return list;
}

BifResult erlang_atom_to_binary_2(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  std::string_view name = atom_name(args[0]);
  if (args[1] == am::utf8 || args[1] == am::unicode) {
    return p.reserve(binary_words(name.size())).binary(name.data(), name.size());
  }
  if (args[1] != am::latin1 || !atom_is_latin1(args[0])) return raise_badarg(p);
  u32 n = atom_char_count(args[0]);
  u8* to;
  Term binary = p.reserve(binary_words(n)).binary_uninitialized(n, &to);
  const char* s = name.data();
  for (u32 i = 0; i < n; i++) to[i] = static_cast<u8>(decode_one(s));
  return binary;
}

BifResult erlang_list_to_atom_1(Process& p, Term* args) {
  std::string text;
  switch (list_text(args[0], text)) {
    case Text::Good: return made(p, atom_intern(text));
    case Text::TooLong: return raise_system_limit(p);
    case Text::Bad: break;
  }
  return raise_badarg(p);
}

BifResult erlang_list_to_existing_atom_1(Process& p, Term* args) {
  std::string text;
  if (list_text(args[0], text) != Text::Good) return raise_badarg(p);
  Term atom = atom_find(text);
  if (atom.is_none()) return raise_badarg(p);
  return atom;
}

BifResult erlang_binary_to_atom_2(Process& p, Term* args) {
  std::string text;
  if (!binary_text(args[0], text)) return raise_badarg(p);
  switch (to_atom_text(text, args[1])) {
    case Text::Good: return made(p, atom_intern(text));
    case Text::TooLong: return raise_system_limit(p);
    case Text::Bad: break;
  }
  return raise_badarg(p);
}

BifResult erlang_binary_to_existing_atom_2(Process& p, Term* args) {
  std::string text;
  if (!binary_text(args[0], text) || to_atom_text(text, args[1]) != Text::Good) {
    return raise_badarg(p);
  }
  Term atom = atom_find(text);
  if (atom.is_none()) return raise_badarg(p);
  return atom;
}

}  // namespace lintel
