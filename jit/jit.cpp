#include "jit/jit.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <mutex>
#include <vector>

#include "jit/code_memory.h"
#include "jit/target.h"
#include "vm/base/lock.h"
#include "vm/code/backend.h"
#include "vm/code/module.h"

namespace lintel {

namespace jit {
enum class Stage : u8 { Counting, Waiting, Compiling, Done };

// An operation by its place: what its word said before the interpreter linked it.
struct PlacedOp {
  u32 offset;  // words from Module::code
  Op op;
};
}  // namespace jit

struct MachineCode {
  // Under `lock` after linking.
  jit::Stage stage = jit::Stage::Counting;
  std::vector<jit::PlacedOp> operations;  // in order; empty once compiled
  jit::CodeBlock code;
  // The counting entries stay as long as the module: a breakpoint may hold one's address.
  jit::CodeBlock counters;
  std::vector<u32> counter_offsets;  // of functions, in order
  std::vector<u32> first_handlers;   // what the functions' first words held
  i64 countdown = 0;                 // written by the counters, on any scheduler, without order
};

}  // namespace lintel

namespace lintel::jit {

namespace {

// Address space, not memory: pages are taken when they are written.
constexpr u64 kCodeMemoryBytes = u64{512} << 20;

i64 threshold;
void (*interpreter_link)(Module& m);
void (*interpreter_bind_nif)(const Word* entry, NifFunction* f);

Mutex<LockRank::MachineCode> lock;
std::condition_variable_any work;      // something waits
std::condition_variable_any finished;  // a module is Done
std::deque<Module*> waiting;
bool compiler_runs;

using Guard = std::unique_lock<Mutex<LockRank::MachineCode>>;

// ---- code words ----

// The half that says where the operation runs; the operand in the other half stays.
std::atomic_ref<u32> handler_half(const Word* at) {
  return std::atomic_ref(*reinterpret_cast<u32*>(const_cast<Word*>(at)));
}
u32 half_of(const u8* code) { return static_cast<u32>(reinterpret_cast<u64>(code)); }

std::vector<PlacedOp> operations_of(const Module& m) {
  std::vector<PlacedOp> all;
  for (u64 at = 0; at < m.code_words;) {
    const Word* pc = m.code + at;
    auto op = static_cast<Op>(static_cast<u32>(*pc));
    VM_CHECK(op < Op::kCount);
    all.push_back({static_cast<u32>(at), op});
    at += op_words(pc, kOpShapes[static_cast<u32>(op)]);
  }
  return all;
}

CodeBlock place(const Assembled& code) {
  CodeBlock block = code_memory_take(code.bytes.size());
  if (block.run == nullptr) return block;
  std::memcpy(code_memory_writable(block), code.bytes.data(), code.bytes.size());
  // A processor that ran something else at these addresses must not go on with what it had read.
  syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
  return block;
}

const Word* entry_of(const Module& m, size_t function) {
  return m.functions[function].info + kFunctionHeaderWords;
}

// ---- compiling ----

// The module's operations lead to machine code afterwards, those that the interpreter runs at this
// moment as well: each word is switched by itself, and each is right whether its neighbours are.
void compile(const Module& m, MachineCode& mc) {
  std::vector<Operation> operations;
  operations.reserve(mc.operations.size());
  for (PlacedOp o : mc.operations) operations.push_back({m.code + o.offset, o.op});
  Assembled code = assemble(operations);
  mc.code = place(code);
  if (mc.code.run == nullptr) return;  // nothing to run, or no room: it stays interpreted
  size_t function = 0;
  for (MachineEntry e : code.entries) {
    const Word* at = operations[e.operation].at;
    u32 to = half_of(mc.code.run + e.offset);
    while (function < m.functions.size() && entry_of(m, function) < at) function++;
    if (!mc.counter_offsets.empty() && function < m.functions.size() && entry_of(m, function) == at) {
      // A breakpoint or a NIF that stands there stays.
      u32 expected = half_of(mc.counters.run + mc.counter_offsets[function]);
      handler_half(at).compare_exchange_strong(expected, to, std::memory_order_release,
                                               std::memory_order_relaxed);
    } else {
      handler_half(at).store(to, std::memory_order_release);
    }
  }
}

void* compiler_main(void*) {
  pthread_setname_np(pthread_self(), "jit");
  Guard guard(lock);
  for (;;) {
    while (waiting.empty()) work.wait(guard);
    Module* m = waiting.front();
    waiting.pop_front();
    MachineCode& mc = *m->machine_code;
    mc.stage = Stage::Compiling;
    guard.unlock();
    compile(*m, mc);
    guard.lock();
    mc.stage = Stage::Done;
    std::vector<PlacedOp>().swap(mc.operations);
    finished.notify_all();
  }
  return nullptr;
}

// The thread starts with the first module.
void start_compiler() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  VM_CHECK(pthread_create(&thread, nullptr, compiler_main, nullptr) == 0);
  pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void compile_later(Module& m) {
  Guard guard(lock);
  if (m.machine_code->stage != Stage::Counting) return;
  m.machine_code->stage = Stage::Waiting;
  waiting.push_back(&m);
  if (!compiler_runs) {
    compiler_runs = true;
    start_compiler();
  }
  work.notify_one();
}

// ---- counting ----

// A handler (vm/interp/handlers.h): the call at pc was the last one to be counted.
using Handler = void (*)(const Word*, Term*, Term*, Term*, i64, Process*);
void counted_enough(const Word* pc, Term* x, Term* sp, Term* htop, i64 reds, Process* p) {
  CodePosition position;
  VM_CHECK(code_find(pc, &position));
  Module& m = *position.module;
  compile_later(m);
  auto by_address = [](const FunctionRange& f, const Word* info) { return f.info < info; };
  auto f = std::lower_bound(m.functions.begin(), m.functions.end(), position.info, by_address);
  u32 handler = m.machine_code->first_handlers[static_cast<size_t>(f - m.functions.begin())];
  [[clang::musttail]] return reinterpret_cast<Handler>(static_cast<u64>(handler))(pc, x, sp, htop, reds, p);
}

// Has the functions' entries count. Without room for it the module stays interpreted.
void count_calls(Module& m, MachineCode& mc) {
  for (size_t n = 0; n < m.functions.size(); n++) {
    mc.first_handlers.push_back(handler_half(entry_of(m, n)).load(std::memory_order_relaxed));
  }
  mc.countdown = threshold;
  u64 at_zero = reinterpret_cast<u64>(&counted_enough);
  VM_CHECK(at_zero < u64{1} << 32);
  Assembled counters = assemble_counters(mc.first_handlers, &mc.countdown, static_cast<u32>(at_zero));
  mc.counters = place(counters);
  if (mc.counters.run == nullptr) return;
  for (MachineEntry e : counters.entries) {
    mc.counter_offsets.push_back(e.offset);
    handler_half(entry_of(m, e.operation)).store(half_of(mc.counters.run + e.offset), std::memory_order_release);
  }
}

// ---- the engine ----

// Nobody runs the module yet.
void link(Module& m) {
  auto* mc = new MachineCode;
  mc->operations = operations_of(m);
  interpreter_link(m);
  m.machine_code = mc;
  if (threshold != 0 && !m.functions.empty()) {
    count_calls(m, *mc);
  } else {
    compile(m, *mc);
    mc->stage = Stage::Done;
    std::vector<PlacedOp>().swap(mc->operations);
  }
}

void unlink(Module& m) {
  MachineCode* mc = m.machine_code;
  {
    Guard guard(lock);
    if (mc->stage == Stage::Waiting) std::erase(waiting, &m);
    while (mc->stage == Stage::Compiling) finished.wait(guard);
  }
  if (mc->code.run != nullptr) code_memory_give_back(mc->code);
  if (mc->counters.run != nullptr) code_memory_give_back(mc->counters);
  m.machine_code = nullptr;
  delete mc;
}

// The function's first operation is another one then.
void bind_nif(const Word* entry, NifFunction* f) {
  CodePosition position;
  if (!code_find(entry, &position) || position.module->machine_code == nullptr) {
    interpreter_bind_nif(entry, f);
    return;
  }
  MachineCode& mc = *position.module->machine_code;
  Guard guard(lock);
  while (mc.stage == Stage::Compiling) finished.wait(guard);
  u64 offset = static_cast<u64>(entry - position.module->code);
  auto before = [](PlacedOp o, u64 at) { return o.offset < at; };
  auto at = std::lower_bound(mc.operations.begin(), mc.operations.end(), offset, before);
  if (at != mc.operations.end() && at->offset == offset) at->op = Op::call_nif;
  interpreter_bind_nif(entry, f);
}

}  // namespace

bool init(i64 calls, const char** why) {
  if (!code_memory_init(kCodeMemoryBytes, why)) return false;
  syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
  threshold = calls;
  target_init();
  interpreter_link = engine.link;
  interpreter_bind_nif = engine.bind_nif;
  engine.link = link;
  engine.unlink = unlink;
  engine.bind_nif = bind_nif;
  return true;
}

}  // namespace lintel::jit
