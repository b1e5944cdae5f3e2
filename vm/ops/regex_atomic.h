// To PCRE 8 a group with a back reference to itself inside is atomic, and so is a call of a group, or of
// the whole pattern: once it has matched, nothing backtracks into it. To PCRE2 they are as any other.
#pragma once
#include <string>
#include <string_view>

#include "vm/base/types.h"

namespace lintel {

// The pattern, which compiles, with such groups and calls put into (?>...). bits: RegexOption.
std::string with_atomic_groups(std::string_view pattern, u32 bits);

}  // namespace lintel
