#include "loader/transform.h"
namespace lintel::loader { bool Transform::binary_instruction(const GenericInstr&) { e_.emit(Op::if_end); return true; } }
