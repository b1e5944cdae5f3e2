#include "jit/jit.h"

#include <atomic>
#include <cstring>
#include <vector>

#include "jit/code_memory.h"
#include "jit/target.h"
#include "vm/code/backend.h"
#include "vm/code/module.h"

namespace lintel {

struct MachineCode {
  jit::CodeBlock block;
};

}  // namespace lintel

namespace lintel::jit {

namespace {

// Address space, not memory: pages are taken when they are written.
constexpr u64 kCodeMemoryBytes = u64{512} << 20;

void (*interpreter_link)(Module& m);

std::vector<Operation> operations_of(const Module& m) {
  std::vector<Operation> all;
  const Word* end = m.code + m.code_words;
  for (const Word* pc = m.code; pc < end;) {
    auto op = static_cast<Op>(static_cast<u32>(*pc));
    VM_CHECK(op < Op::kCount);
    all.push_back({pc, op});
    pc += op_words(pc, kOpShapes[static_cast<u32>(op)]);
  }
  return all;
}

// Has whoever comes to the operation run its machine code. The operand in the word's other half stays.
void set_handler(const Word* at, const u8* code) {
  auto* half = reinterpret_cast<u32*>(const_cast<Word*>(at));
  std::atomic_ref(*half).store(static_cast<u32>(reinterpret_cast<u64>(code)),
                               std::memory_order_release);
}

// Nobody runs the module yet.
void link(Module& m) {
  std::vector<Operation> operations = operations_of(m);
  interpreter_link(m);
  Assembled code = assemble(operations);
  CodeBlock block = code_memory_take(code.bytes.size());
  if (block.run == nullptr) return;  // none or no room: it stays interpreted
  std::memcpy(code_memory_writable(block), code.bytes.data(), code.bytes.size());
  m.machine_code = new MachineCode{block};
  for (MachineEntry e : code.entries) set_handler(operations[e.operation].at, block.run + e.offset);
}

void unlink(Module& m) {
  code_memory_give_back(m.machine_code->block);
  delete m.machine_code;
  m.machine_code = nullptr;
}

}  // namespace

bool init(const char** why) {
  if (!code_memory_init(kCodeMemoryBytes, why)) return false;
  target_init();
  interpreter_link = engine.link;
  engine.link = link;
  engine.unlink = unlink;
  return true;
}

}  // namespace lintel::jit
