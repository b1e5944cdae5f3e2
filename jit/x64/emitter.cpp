#include "jit/x64/emitter.h"

#include <cstring>
#include <utility>

#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/heap/heap.h"
#include "vm/proc/process.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

Offsets offsets;

namespace {

// A template that asks for an instruction that does not exist is a mistake in the template.
class Errors : public asmjit::ErrorHandler {
 public:
  void handleError(asmjit::Error, const char* message, asmjit::BaseEmitter*) override {
    VM_PANIC("assembler: %s", message);
  }
};
Errors errors;

void check(asmjit::Error error) { VM_CHECK(error == asmjit::kErrorOk); }

template <class Base, class Field>
i32 offset_in(const Base* base, const Field* field) {
  return static_cast<i32>(reinterpret_cast<const char*>(field) - reinterpret_cast<const char*>(base));
}

bool fits_i32(Word w) {
  return static_cast<i64>(w) == static_cast<i32>(static_cast<i64>(w));
}

}  // namespace

void target_init() {
  // Addresses in storage that holds no object: only differences are taken.
  alignas(Process) static char storage[sizeof(Process)];
  auto* p = reinterpret_cast<Process*>(storage);
  offsets.heap_flags = offset_in(p, &p->heap_flags);
  offsets.id = offset_in(p, &p->id);
  offsets.catches = offset_in(p, &p->catches);
  static FunEntry f;
  offsets.fun_entry = offset_in(&f, &f.entry);
  offsets.fun_stub = offset_in(&f, &f.stub);
  offsets.fun_arity = offset_in(&f, &f.arity);
  static Export e;
  offsets.export_entry = offset_in(&e, &e.entry);
}

Assembled assemble(std::span<const Operation> operations) {
  return Emitter(operations).assemble(operations);
}

Assembled assemble_counters(std::span<const u32> handlers, i64* countdown, u32 at_zero) {
  Emitter e({});
  Label zero = e.a.newLabel();
  Assembled out;
  for (u32 n = 0; n < handlers.size(); n++) {
    out.entries.push_back({n, static_cast<u32>(e.a.offset())});
    e.a.mov(kB, reinterpret_cast<u64>(countdown));
    e.a.dec(x86::qword_ptr(kB));
    e.a.jz(zero);
    e.a.mov(kA.r32(), handlers[n]);
    e.a.jmp(kA);
  }
  e.a.bind(zero);
  e.a.mov(kA.r32(), at_zero);
  e.a.jmp(kA);
  e.finish(&out.bytes);
  return out;
}

Emitter::Emitter(std::span<const Operation> operations) {
  check(code_.init(asmjit::Environment::host()));
  code_.setErrorHandler(&errors);
  check(code_.attach(&a));
  labels_.reserve(operations.size());
  for (const Operation& o : operations) labels_.emplace(o.at, a.newLabel());
}

bool Emitter::emit() {
  return emit_control(*this) || emit_stack(*this) || emit_data(*this) || emit_test(*this) ||
         emit_arith(*this) || emit_float(*this) || emit_exception(*this) || emit_map(*this) ||
         emit_bs_match(*this);
}

Assembled Emitter::assemble(std::span<const Operation> operations) {
  Assembled out;
  for (u32 n = 0; n < operations.size(); n++) {
    pc = operations[n].at;
    op = operations[n].op;
    slow_.reset();
    u32 offset = static_cast<u32>(a.offset());
    a.bind(at(pc));
    if (emit()) {
      out.entries.push_back({n, offset});
    } else {
      VM_ASSERT(a.offset() == offset && !slow_.isValid());
      leave();
    }
    if (slow_.isValid()) slow_paths_.push_back({slow_, pc, op});
  }
  for (const Aside& s : asides_) {
    pc = s.pc;
    op = s.op;
    slow_ = s.slow;
    s.code();
  }
  for (const SlowPath& s : slow_paths_) {
    a.bind(s.label);
    go_to_handler(s.pc, s.op);
  }
  for (const Table& t : tables_) {
    a.align(asmjit::AlignMode::kData, 4);
    a.bind(t.label);
    for (const Label& target : t.targets) a.embedLabelDelta(target, t.label, 4);
  }
  if (!out.entries.empty()) finish(&out.bytes);
  return out;
}

void Emitter::finish(std::vector<u8>* bytes) {
  check(code_.flatten());
  check(code_.resolveUnresolvedLinks());
  check(code_.relocateToBase(0));  // settles the tables; nothing else is absolute
  bytes->resize(code_.codeSize());
  check(code_.copyFlattenedData(bytes->data(), bytes->size()));
}

Label Emitter::slow() {
  if (!slow_.isValid()) slow_ = a.newLabel();
  return slow_;
}

void Emitter::aside(std::function<void()> code) {
  asides_.push_back({slow(), pc, op, std::move(code)});
}

void Emitter::need_room(u64 words) {
  a.mov(kA, kSp);
  a.sub(kA, kHtop);
  a.cmp(kA, static_cast<i32>((words + kStackRedZone) * kWordBytes));
  a.jl(slow());
  need_no_collection();
}
void Emitter::need_no_collection() {
  static_assert(Heap::kForceCollect < 256);
  a.test(x86::byte_ptr(kProcess, offsets.heap_flags), Heap::kForceCollect);
  a.jnz(slow());
}

void Emitter::dispatch() {
  a.mov(kA.r32(), x86::dword_ptr(kPc));
  a.jmp(kA);
}

void Emitter::go_to_handler(const Word* where, Op what) {
  a.mov(kPc, reinterpret_cast<Word>(where));
  a.mov(kA.r32(), engine.handler(what));
  a.jmp(kA);
}
void Emitter::leave() { go_to_handler(pc, op); }

void Emitter::load_word(Gp to, Word w) {
  if (w == 0) {
    a.xor_(to.r32(), to.r32());
  } else if (w >> 32 == 0) {
    a.mov(to.r32(), static_cast<u32>(w));
  } else {
    a.mov(to, w);
  }
}
void Emitter::store_word(Mem to, Word w) {
  if (fits_i32(w)) {
    a.mov(to, static_cast<i32>(w));
  } else {
    load_word(kC, w);
    a.mov(to, kC);
  }
}
void Emitter::store_source(Mem to, Word source) {
  if ((source & 4) == 0) {
    store_word(to, source);
    return;
  }
  a.mov(kC, x86::qword_ptr((source & 1) != 0 ? kSp : kX, static_cast<i32>(source >> 3)));
  a.mov(to, kC);
}
void Emitter::load_source(Gp to, Word source) {
  if ((source & 4) == 0) {
    load_word(to, source);
  } else {
    a.mov(to, x86::qword_ptr((source & 1) != 0 ? kSp : kX, static_cast<i32>(source >> 3)));
  }
}
void Emitter::compare(Gp with, Word w) {
  if (fits_i32(w)) {
    a.cmp(with, static_cast<i32>(w));
  } else {
    load_word(kC, w);
    a.cmp(with, kC);
  }
}

void Emitter::need_small(Gp t, Label otherwise) {
  a.test(t.r8(), 7);
  a.jnz(otherwise);
}
void Emitter::need_smalls(Gp s, Gp t, Label otherwise) {
  a.mov(kC.r32(), s.r32());
  a.or_(kC.r32(), t.r32());
  a.test(kC.r8(), 7);
  a.jnz(otherwise);
}
void Emitter::need_tag(Gp t, Tag tag, Label otherwise) {
  a.lea(kC.r32(), x86::ptr(t, -static_cast<i32>(tag)));
  a.test(kC.r8(), 7);
  a.jnz(otherwise);
}
void Emitter::need_boxed(Gp t, BoxedTag kind, Label otherwise) {
  need_tag(t, Tag::Boxed, otherwise);
  Mem kind_at = header_of(t);
  kind_at.setSize(1);
  a.cmp(kind_at, kind_byte(kind));
  a.jne(otherwise);
}

void Emitter::need_finite() {
  constexpr i32 kExponentBits = 0x7ff;
  a.movq(kA, x86::xmm0);
  a.shr(kA, 52);
  a.and_(kA.r32(), kExponentBits);
  a.cmp(kA.r32(), kExponentBits);
  a.je(slow());
}
void Emitter::put_float() {
  store_word(x86::qword_ptr(kHtop), Term::header(BoxedTag::Float, 1).bits());
  a.movsd(x86::qword_ptr(kHtop, kWordBytes), x86::xmm0);
  a.lea(kA, x86::ptr(kHtop, static_cast<i32>(Tag::Boxed)));
  a.add(kHtop, kFloatWords * kWordBytes);
}

void Emitter::jump_by_table(Gp index, std::vector<Label> targets) {
  Label table = a.newLabel();
  a.lea(kC, x86::ptr(table));
  a.movsxd(index, x86::dword_ptr(kC, index, 2));
  a.add(index, kC);
  a.jmp(index);
  tables_.push_back({table, std::move(targets)});
}

}  // namespace lintel::jit
