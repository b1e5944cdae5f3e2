#include "vm/io/filename.h"

#include <langinfo.h>

#include <clocale>
#include <cstring>

#include "vm/base/settings.h"
#include "vm/base/utf8.h"
#include "vm/term/atom.h"
#include "vm/term/work_stack.h"

namespace lintel {

FileNameEncoding file_name_encoding = FileNameEncoding::Latin1;
FileNameProblem file_name_problem = FileNameProblem::Warning;

static bool is_utf8_locale() {
  std::setlocale(LC_CTYPE, "");
  const char* codeset = nl_langinfo(CODESET);
  return std::strcmp(codeset, "UTF-8") == 0 || std::strcmp(codeset, "utf8") == 0;
}

void file_names_init() {
  bool is_utf8 = settings.file_names == Settings::FileNames::Utf8 ||
                 (settings.file_names == Settings::FileNames::Locale && is_utf8_locale());
  file_name_encoding = is_utf8 ? FileNameEncoding::Utf8 : FileNameEncoding::Latin1;
  file_name_problem = settings.file_name_warnings == 'i'   ? FileNameProblem::Ignore
                      : settings.file_name_warnings == 'e' ? FileNameProblem::Error
                                                           : FileNameProblem::Warning;
}

namespace {

void append_utf8(std::string* out, u32 c) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xc0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out->push_back(static_cast<char>(0xf0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

bool append_char(Term t, std::string* out) {
  if (!t.is_small()) return false;
  i64 c = t.small_value();
  if (c <= 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
  if (file_name_encoding == FileNameEncoding::Utf8) {
    append_utf8(out, static_cast<u32>(c));
    return true;
  }
  if (c > 255) return false;
  out->push_back(static_cast<char>(c));
  return true;
}

bool append_atom(Term atom, std::string* out) {
  std::string_view name = atom_name(atom);
  if (name.find('\0') != std::string_view::npos) return false;
  if (file_name_encoding == FileNameEncoding::Utf8) {
    out->append(name);
    return true;
  }
  std::u32string characters;
  utf8_decode(name.data(), name.size(), &characters);
  for (char32_t c : characters) {
    if (c > 255) return false;
    out->push_back(static_cast<char>(c));
  }
  return true;
}

bool append_binary(Term t, std::string* out) {
  Bits bits = bits_of(t);
  for (u64 i = 0; i < bits.byte_size(); i++) {
    u32 byte = bits.base[i];
    if (bits.bit_offset != 0) {
      byte = (byte << bits.bit_offset | bits.base[i + 1] >> (8 - bits.bit_offset)) & 0xff;
    }
    if (byte == 0) return false;
    out->push_back(static_cast<char>(byte));
  }
  return true;
}

}  // namespace

bool utf8_decode(const char* bytes, size_t size, std::u32string* out) {
  const auto* p = reinterpret_cast<const u8*>(bytes);
  if (utf8_length({p, size}) < 0) return false;
  for (size_t i = 0; i < size;) {
    u32 c = p[i++];
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more != 0) c &= 0x3f >> more;
    for (; more > 0; more--) c = c << 6 | (p[i++] & 0x3f);
    out->push_back(c);
  }
  return true;
}

bool filename_to_native(Term name, std::string* out) {
  if (name.is_atom()) return append_atom(name, out);
  if (is_binary(name)) return append_binary(name, out);
  WorkStack<Term, 16> stack;
  stack.push(name);
  while (!stack.empty()) {
    Term t = stack.pop();
    while (t.is_list()) {
      Term head = t.head();
      if (head.is_small()) {
        if (!append_char(head, out)) return false;
      } else if (head.is_list()) {
        stack.push(t.tail());
        t = head;
        continue;
      } else if (head.is_atom()) {
        if (!append_atom(head, out)) return false;
      } else if (!head.is_nil()) {
        return false;
      }
      t = t.tail();
    }
    if (!t.is_nil()) return false;
  }
  return true;
}

bool filename_from_native(const char* bytes, size_t size, std::u32string* out) {
  if (file_name_encoding == FileNameEncoding::Utf8) return utf8_decode(bytes, size, out);
  for (size_t i = 0; i < size; i++) out->push_back(static_cast<u8>(bytes[i]));
  return true;
}

Term filename_list(Builder& b, const std::u32string& characters) {
  Term list = Term::nil();
  for (size_t i = characters.size(); i > 0; i--) {
    list = b.cons(Term::small(static_cast<i64>(characters[i - 1])), list);
  }
  return list;
}

}  // namespace lintel
