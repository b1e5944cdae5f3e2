// Which functions of a module get a native body (vm/code/native_function.h).
#pragma once
#include "loader/beam_file.h"
#include "loader/verify.h"
#include "vm/code/native_function.h"

namespace lintel::loader {

// The row for a function (its index in Verified::functions) whose code is the known one, or null.
const NativeFunction* native_function(const BeamFile& file, const Verified& verified, u32 function);

// A number that stands for the code of a function and of every function of its module that it can
// come to by a call or a fun. Line numbers, type hints, and where the code lies in the module do not
// count.
u64 code_fingerprint(const BeamFile& file, const Verified& verified, u32 function);

}  // namespace lintel::loader
