// Terms as text, as the emulator itself shows them (erlang:display/1, crash messages, port options):
// one line, strings in quotes, floats with six decimals, no record or width knowledge.
#pragma once
#include <string>
#include <string_view>

#include "vm/term/term.h"

namespace lintel {

inline constexpr i64 kNoPrintLimit = i64{1} << 62;

// Appends t. With a limit, stops after about that many parts and characters and adds "... ".
void print_term(std::string& out, Term t, i64 limit = kNoPrintLimit);
// The atom, in quotes where it needs them.
void print_atom(std::string& out, Term atom);
std::string term_text(Term t, i64 limit = kNoPrintLimit);

}  // namespace lintel
