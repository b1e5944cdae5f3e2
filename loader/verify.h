// Checks generic code before anything trusts it, function by function, along all paths.
//
// For every function: the layout (label, line, func_info, entry label, body); every label is
// defined once and jumps stay inside the function; the stack frame has one size at each
// instruction, whichever way it is reached, and is gone at return and tail call; y registers are
// inside the frame and written before they are read or seen by the collector; x registers are
// written before they are read and live counts cover only written ones; catch tags nest and their
// handlers take the exception first; what put_list, put_tuple2, make_fun3 and fmove build was
// reserved; bs_put_* follow what starts a binary; no function is left inside a receive. Float
// registers, the room left in a binary under construction and the types of terms are left to the
// instructions.
//
// In return the proof rests on these habits of the instructions, which are the stock VM's:
//
// - A live count names the x registers that survive; the sources of such an instruction may lie
//   above it (`gc_bif2 live 1, x3, x4`) and must be read or saved before a collection.
// - remove_message, bif0..3 that succeed, tests, and moves do not collect, and leave a heap
//   reservation whole. Anything with a live count, calls, and receives void an earlier reservation.
// - loop_rec, loop_rec_end, wait, wait_timeout and timeout lose all x registers.
// - A wait_timeout that comes back to itself, because a message has woken the process, does not read
//   its time again while the timer still runs.
// - `call_ext_last` to a function that never returns (erlang:error/1..3, exit/1, throw/1,
//   nif_error/1,2) may name any number of slots: raise before the frame is dropped.
// - raw_raise that is followed by a label never continues, whatever its class.
// - try_end, try_case and catch_end leave a term ([]) in their slot.
// - On entry to a handler x(0) is what catch_end wants to see, and try_case finds the exception.
//
// The cost is linear in the code: the state at each label only ever loses knowledge.
#pragma once
#include <vector>

#include "loader/beam_file.h"

namespace lintel::loader {

struct FunctionInfo {
  u32 module = 0;  // atoms of the file, from func_info
  u32 name = 0;
  u32 arity = 0;
  u32 first_instr = 0;      // its `label` before func_info
  u32 func_info_instr = 0;
  u32 entry_instr = 0;      // its entry `label`
  u32 end_instr = 0;        // one past its last instruction
  u32 func_info_label = 0;  // jumped to when no clause matches
  u32 entry_label = 0;
  u32 line_item = 0;        // of the `line` before func_info; 0 where there is none
  u16 max_frame = 0;        // stack slots, not counting the return address
  u16 max_x = 0;            // highest x register used plus one
  // False: some path lets the collector see a y register that no instruction has written, so the
  // frame must be cleared when it is allocated.
  bool y_always_initialised = true;
};

// The compiler proves some calls never to return from the types of their arguments, which the file
// does not show, and lets an exception handler come next. The path from such a call into the
// handler is not checked; instead, whoever translates the code emits a trap there.
//
// In the same way it proves some instructions never to fail, and lets what their fail label leads to
// read the result. Where such a register holds nothing before the instruction, it is cleared there.
struct Verified {
  std::vector<FunctionInfo> functions;
  std::vector<u32> label_instr;  // label -> index of its `label` instruction; kNoInstr if undefined
  u32 on_load_function = ~0u;    // index in functions of the -on_load function
  // By instruction: 1 where control can get to it. The rest is not checked beyond its operands'
  // letters and must not be translated. Function headers and int_code_end always count.
  std::vector<u8> reached;
  // Instructions right before which (and before their own label, if they are `label`s) control
  // must never get by falling through: emit a trap. In ascending order, nearly always empty.
  std::vector<u32> traps;
  // Registers to set to [] right before an instruction, in ascending order of those, nearly always
  // empty.
  struct Clear {
    u32 instr;
    Operand dst;
  };
  std::vector<Clear> clears;
};

inline constexpr u32 kNoInstr = ~0u;
inline constexpr u32 kNoFunction = ~0u;

Result<Verified, LoadError> verify(const BeamFile& file);

}  // namespace lintel::loader
