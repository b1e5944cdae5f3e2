// Floats as text, in the formats of the erlang module, byte for byte as the stock VM prints them.
#pragma once
#include <span>
#include <string_view>

#include "vm/base/types.h"

namespace lintel {

// The longest text that the short form can take.
inline constexpr u32 kShortFloatChars = 32;

// Shortest digits that read back as the same float: 0.1, 1.0e22, -0.0. What io:format's ~p, the
// `short` option and display print. Scientific where that is shorter, and for every float from 2^53.
u32 float_to_short(double d, char* to);
// As printf's %.*e. Returns the length, or 0 when it does not fit `size`.
u32 float_to_scientific(double d, u32 decimals, char* to, u32 size);
// Fixed point; `compact` drops trailing zeros but one. Returns the length, or 0 when it does not fit.
u32 float_to_fixed(double d, u32 decimals, bool compact, char* to, u32 size);

// Reads [+-]digits(.|,)digits[(e|E)[+-]digits], nothing before or after. False when it is not
// that or is too large for a float. Too small gives 0.0.
[[nodiscard]] bool float_from_text(std::string_view text, double* out);

}  // namespace lintel
