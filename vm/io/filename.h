// File names between terms and the operating system, in the native encoding (+fn flags).
#pragma once
#include <string>

#include "vm/heap/builder.h"
#include "vm/term/term.h"

namespace lintel {

enum class FileNameEncoding { Latin1, Utf8 };
// What a name that is not valid in the native encoding does in list_dir (+fn..w, i, e).
enum class FileNameProblem { Warning, Ignore, Error };

extern FileNameEncoding file_name_encoding;  // set by file_names_init
extern FileNameProblem file_name_problem;

// A list of characters (possibly deep, with atoms and binaries in it), a binary (taken as it is) or
// an atom. False: not a name, or a character that the native encoding lacks. No NUL is added.
bool filename_to_native(Term name, std::string* out);

// Takes over what settings.file_names says; by default the locale decides.
void file_names_init();

// The characters of a native name, or false when it is not valid in the native encoding.
bool filename_from_native(const char* bytes, size_t size, std::u32string* out);

bool utf8_decode(const char* bytes, size_t size, std::u32string* out);
// A list of characters: kConsWords each.
Term filename_list(Builder& b, const std::u32string& characters);

}  // namespace lintel
