// The BIFs of prim_file and file: names between Erlang and the operating system. Everything that
// touches files is in the NIF library.
#include "vm/io/filename.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {
namespace {

std::string bytes_of(Term binary) {
  Bits bits = bits_of(binary);
  std::string s(bits.byte_size(), '\0');
  for (u64 i = 0; i < s.size(); i++) {
    u32 byte = bits.base[i];
    if (bits.bit_offset != 0) byte = byte << bits.bit_offset | bits.base[i + 1] >> (8 - bits.bit_offset);
    s[i] = static_cast<char>(byte);
  }
  return s;
}

Term character_list(Process& p, const std::u32string& characters) {
  Builder b = p.reserve(characters.size() * kConsWords);
  return filename_list(b, characters);
}

bool has_atom(Term list) {
  for (; list.is_list(); list = list.tail()) {
    if (list.head().is_atom()) return true;
  }
  return false;
}

}  // namespace

// A binary that ends in NUL, as the system calls want it.
BifResult prim_file_internal_name2native_1(Process& p, Term* args) {
  std::string native;
  if (args[0].is_bitstring()) {
    native = bytes_of(args[0]);
  } else if (args[0].is_atom() || has_atom(args[0]) || !filename_to_native(args[0], &native)) {
    return raise_badarg(p);
  }
  u64 size = native.size() + 1;
  Builder b = p.reserve(binary_words(size));
  return b.binary(native.c_str(), size);
}

BifResult prim_file_internal_native2name_1(Process& p, Term* args) {
  if (!is_binary(args[0])) return raise_badarg(p);
  std::string native = bytes_of(args[0]);
  std::u32string characters;
  if (!filename_from_native(native.data(), native.size(), &characters)) {
    Term problem = file_name_problem == FileNameProblem::Ignore  ? am::ignore
                   : file_name_problem == FileNameProblem::Error ? am::error
                                                                 : am::warning;
    return p.reserve(tuple_words(2)).tuple({am::error, problem});
  }
  return character_list(p, characters);
}

// For systems that store names decomposed, which this one does not: the characters as they are.
BifResult prim_file_internal_normalize_utf8_1(Process& p, Term* args) {
  if (!is_binary(args[0])) return raise_badarg(p);
  std::string bytes = bytes_of(args[0]);
  std::u32string characters;
  if (!utf8_decode(bytes.data(), bytes.size(), &characters)) return raise_badarg(p);
  return character_list(p, characters);
}

BifResult prim_file_is_translatable_1(Process& p, Term* args) {
  if (!is_binary(args[0])) return raise_badarg(p);
  std::string native = bytes_of(args[0]);
  std::u32string characters;
  return am_bool(filename_from_native(native.data(), native.size(), &characters));
}

BifResult file_native_name_encoding_0(Process&, Term*) {
  return file_name_encoding == FileNameEncoding::Utf8 ? am::utf8 : am::latin1;
}

}  // namespace lintel
