// From bytes to a Module: reads, verifies, and rewrites generic into specific operations. The result
// is not linked to an engine and not visible to anybody. Needs no process.
#pragma once
#include <span>

#include "loader/beam_file.h"
#include "vm/code/module.h"

namespace lintel::loader {

Result<Module*, LoadError> load_module(std::span<const u8> bytes);

// The data of the chunk with this four-letter name; false when the container is damaged or lacks it.
bool find_chunk(std::span<const u8> bytes, std::string_view name, std::span<const u8>* out);

}  // namespace lintel::loader
