// Code memory and the emitter for this machine, without loader, scheduler and interpreter.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "jit/code_memory.h"
#include "jit/target.h"
#include "vm/code/backend.h"
#include "vm/code/op_format.h"
#include "vm/proc/process.h"

namespace lintel::jit {
namespace {

constexpr u64 kRange = 1 << 20;

void need_code_memory() {
  static bool there = [] {
    const char* why = "";
    EXPECT_TRUE(code_memory_init(kRange, &why)) << why;
    return true;
  }();
  ASSERT_TRUE(there);
}

TEST(CodeMemory, TwoViewsOfTheSamePages) {
  need_code_memory();
  CodeBlock b = code_memory_take(100);
  ASSERT_NE(b.run, nullptr);
  EXPECT_GE(b.size, 100u);
  EXPECT_TRUE(code_memory_contains(b.run));
  EXPECT_LT(reinterpret_cast<u64>(b.run) + b.size, u64{1} << 32);
  const u8 return_42[] = {0xb8, 42, 0, 0, 0, 0xc3};
  std::memcpy(code_memory_writable(b), return_42, sizeof return_42);
  EXPECT_EQ(reinterpret_cast<int (*)()>(b.run)(), 42);
  code_memory_give_back(b);
  EXPECT_EQ(b.run[0], 0xcc);
}

TEST(CodeMemory, NothingIsWritableAndExecutable) {
  need_code_memory();
  std::ifstream maps("/proc/self/maps");
  u32 views = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("lintel-code") == std::string::npos) continue;
    views++;
    EXPECT_EQ(line.find("wx"), std::string::npos) << line;
  }
  EXPECT_EQ(views, 2u);
}

TEST(CodeMemory, WhatComesBackIsJoinedAndUsedAgain) {
  need_code_memory();
  EXPECT_EQ(code_memory_used(), 0u);
  std::vector<CodeBlock> blocks;
  for (;;) {
    CodeBlock b = code_memory_take(kRange / 16);
    if (b.run == nullptr) break;
    for (const CodeBlock& other : blocks) {
      EXPECT_TRUE(b.run >= other.run + other.size || b.run + b.size <= other.run);
    }
    blocks.push_back(b);
  }
  EXPECT_EQ(blocks.size(), 16u);
  EXPECT_EQ(code_memory_used(), kRange);
  // Every other one first, then those between them.
  for (u32 n = 0; n < 16; n += 2) code_memory_give_back(blocks[n]);
  EXPECT_EQ(code_memory_take(kRange / 8).run, nullptr);
  for (u32 n = 1; n < 16; n += 2) code_memory_give_back(blocks[n]);
  EXPECT_EQ(code_memory_used(), 0u);
  CodeBlock whole = code_memory_take(kRange);
  EXPECT_NE(whole.run, nullptr);
  code_memory_give_back(whole);
}

// ---- the emitter ----

// What a handler saw when machine code left to it.
struct Seen {
  const Word* pc = nullptr;
  Term* sp = nullptr;
  Term* htop = nullptr;
  i64 reds = 0;
  u32 stop = 0;  // 1: at a return address or an entry, 2: in an operation's handler
} seen;

void note(u32 stop, const Word* pc, Term* sp, Term* htop, i64 reds) {
  seen = {pc, sp, htop, reds, stop};
}
void stop_at_word(const Word* pc, Term*, Term* sp, Term* htop, i64 reds, Process*) {
  note(1, pc, sp, htop, reds);
}
void stop_in_handler(const Word* pc, Term*, Term* sp, Term* htop, i64 reds, Process*) {
  note(2, pc, sp, htop, reds);
}
Word handler_word(void (*f)(const Word*, Term*, Term*, Term*, i64, Process*)) {
  return reinterpret_cast<Word>(f);
}

// Code of operations, written as the loader writes it.
class Code {
 public:
  Code() { words_.reserve(1024); }
  u32 add(Op op, std::vector<u32> narrow, std::vector<Word> wide = {}) {
    u32 at = static_cast<u32>(words_.size());
    const OpShape& shape = kOpShapes[static_cast<u32>(op)];
    EXPECT_EQ(shape.n32, narrow.size());
    words_.resize(at + shape.first64());
    auto* halves = reinterpret_cast<u32*>(&words_[at]);
    halves[0] = static_cast<u32>(handler_word(stop_at_word));
    for (u32 n = 0; n < narrow.size(); n++) halves[1 + n] = narrow[n];
    words_.insert(words_.end(), wide.begin(), wide.end());
    operations_.push_back({&words_[at], op});
    return static_cast<u32>(operations_.size() - 1);
  }
  const Word* at(u32 operation) const { return operations_[operation].at; }
  // Runs from an operation; the registers and the stack are the caller's.
  void run(u32 operation, Process& p, Term* x, Term* sp, Term* htop, i64 reds) {
    engine.handler = [](Op) { return static_cast<u32>(handler_word(stop_in_handler)); };
    target_init();
    Assembled code = assemble(operations_);
    CodeBlock block = code_memory_take(code.bytes.size());
    ASSERT_NE(block.run, nullptr);
    std::memcpy(code_memory_writable(block), code.bytes.data(), code.bytes.size());
    seen = {};
    bool found = false;
    for (MachineEntry e : code.entries) {
      if (e.operation != operation) continue;
      found = true;
      using Entry = void (*)(const Word*, Term*, Term*, Term*, i64, Process*);
      reinterpret_cast<Entry>(block.run + e.offset)(at(operation), x, sp, htop, reds, &p);
    }
    EXPECT_TRUE(found);
    code_memory_give_back(block);
  }

 private:
  std::vector<Word> words_;
  std::vector<Operation> operations_;
};

struct Machine {
  Process p;
  Term x[16];
  Term memory[64];  // heap up, stack down
  Word caller[2] = {0, handler_word(stop_at_word)};
  Term* sp = memory + 63;
  Machine() {
    for (Term& t : x) t = Term::nil();
    *sp = Term::interp_return(caller + 1);
  }
  void run(Code& code, u32 from = 0, i64 reds = 100) { code.run(from, p, x, sp, memory, reds); }
};

TEST(Emitter, AddsSmallsAndReturns) {
  need_code_memory();
  Code code;
  code.add(Op::add_i_x, {1, 0, x_operand(0), 5 << kSmallShift, x_operand(1)});
  code.add(Op::return_, {});
  Machine m;
  m.x[0] = Term::small(-7);
  m.run(code);
  EXPECT_EQ(m.x[1], Term::small(-2));
  EXPECT_EQ(seen.stop, 1u);
  EXPECT_EQ(seen.pc, m.caller + 1);
  EXPECT_EQ(seen.sp, m.sp + 1);
  EXPECT_EQ(seen.reds, 100);
}

TEST(Emitter, LeavesOverflowAndOtherTermsToTheHandler) {
  need_code_memory();
  for (Op op : {Op::add, Op::sub, Op::mul, Op::bsl}) {
    Code code;
    code.add(op, {2, 0, x_operand(0), x_operand(1), x_operand(2)});
    for (int turn = 0; turn < 2; turn++) {
      Machine m;
      m.x[0] = turn == 0 ? Term::small(kSmallMin) : Term::nil();
      m.x[1] = Term::small(op == Op::bsl ? 1 : op == Op::add ? -1 : 2);
      m.run(code);
      EXPECT_EQ(seen.stop, 2u) << kOpNames[static_cast<u32>(op)];
      EXPECT_EQ(seen.pc, code.at(0));
      EXPECT_EQ(m.x[2], Term::nil());
    }
  }
}

struct Sum {
  Op op;
  i64 a, b, result;
};
TEST(Emitter, SmallArithmetic) {
  need_code_memory();
  const Sum sums[] = {
      {Op::add, 3, 4, 7},          {Op::sub, 3, 4, -1},        {Op::mul, -3, 4, -12},
      {Op::int_div, -7, 2, -3},    {Op::int_rem, -7, 2, -1},   {Op::int_rem, kSmallMin, -1, 0},
      {Op::band, -1, 12, 12},      {Op::bor, 8, 3, 11},        {Op::bxor, 9, 3, 10},
      {Op::bsl, -5, 3, -40},       {Op::bsl, 1, 58, i64{1} << 58}, {Op::bsr, -5, 1, -3},
      {Op::bsr, kSmallMin, 59, -1}, {Op::bsr, kSmallMin, 1000, -1}, {Op::bsr, kSmallMax, 58, 1},
      {Op::bsr, 7, 0, 7},          {Op::int_div, kSmallMin, 1, kSmallMin},
  };
  for (const Sum& s : sums) {
    // With a register, and where there is such a form with a constant.
    Code code;
    code.add(s.op, {2, 0, x_operand(0), x_operand(1), x_operand(2)});
    code.add(Op::return_, {});
    Op constant = static_cast<Op>(static_cast<u32>(s.op) + 2);
    bool has_constant = kOpLetters[static_cast<u32>(constant)] == std::string("ufrid");
    if (has_constant && s.b << kSmallShift == static_cast<i32>(s.b << kSmallShift)) {
      code.add(constant, {2, 0, x_operand(0), static_cast<u32>(s.b << kSmallShift), x_operand(2)});
      code.add(Op::return_, {});
    }
    for (u32 from = 0; from < 4; from += 2) {
      if (from == 2 && !(has_constant && s.b << kSmallShift == static_cast<i32>(s.b << kSmallShift))) continue;
      Machine m;
      m.x[0] = Term::small(s.a);
      m.x[1] = Term::small(s.b);
      m.run(code, from);
      EXPECT_EQ(seen.stop, 1u) << kOpNames[static_cast<u32>(s.op)] << " " << s.a << " " << s.b;
      EXPECT_EQ(m.x[2], Term::small(s.result)) << kOpNames[static_cast<u32>(s.op)];
      EXPECT_EQ(seen.sp, m.sp + 1);       // rdx and rcx are back
      EXPECT_EQ(seen.htop, m.memory);
    }
  }
}

TEST(Emitter, CallsChargeAndLeaveTheLastReductionToTheHandler) {
  need_code_memory();
  Code code;
  u32 call = code.add(Op::call, {0});
  u32 after = code.add(Op::return_, {});
  u32 target = code.add(Op::nop, {});
  auto* operand = reinterpret_cast<u32*>(const_cast<Word*>(code.at(call))) + 1;
  *operand = static_cast<u32>(code.at(target) - code.at(call));
  Machine m;
  m.run(code, call, 2);
  EXPECT_EQ(seen.stop, 1u);
  EXPECT_EQ(seen.pc, code.at(target));
  EXPECT_EQ(seen.reds, 1);
  EXPECT_EQ(seen.sp, m.sp - 1);
  EXPECT_EQ(*seen.sp, Term::interp_return(code.at(after)));
  m.run(code, call, 1);
  EXPECT_EQ(seen.stop, 2u);
  EXPECT_EQ(seen.pc, code.at(call));
  EXPECT_EQ(seen.reds, 1);
  EXPECT_EQ(seen.sp, m.sp);
}

TEST(Emitter, RoomIsCheckedWithTheRedZone) {
  need_code_memory();
  Code code;
  code.add(Op::test_heap, {2, 3});
  code.add(Op::put_list, {x_operand(0), x_operand(1), x_operand(0)});
  code.add(Op::return_, {});
  Machine m;
  m.x[0] = Term::small(1);
  m.run(code);
  EXPECT_EQ(seen.stop, 1u);
  ASSERT_TRUE(m.x[0].is_list());
  EXPECT_EQ(m.x[0].address(), m.memory);
  EXPECT_EQ(m.x[0].head(), Term::small(1));
  EXPECT_EQ(m.x[0].tail(), Term::nil());
  EXPECT_EQ(seen.htop, m.memory + 2);

  code.run(0, m.p, m.x, m.sp, m.sp - 2 - kStackRedZone, 100);
  EXPECT_EQ(seen.stop, 1u);
  code.run(0, m.p, m.x, m.sp, m.sp - 1 - kStackRedZone, 100);
  EXPECT_EQ(seen.stop, 2u);
  EXPECT_EQ(seen.pc, code.at(0));
  m.p.heap_flags = Heap::kForceCollect;
  m.run(code);
  EXPECT_EQ(seen.stop, 2u);
}

TEST(Emitter, SelectsByValue) {
  need_code_memory();
  // Each value leads to a return_c of its own, those of no value to the last one.
  constexpr u32 kValues = 40;
  auto value = [](u32 n) { return Term::small(static_cast<i64>(n) * n * 1000000007 - 5000000000); };
  const u32 select_words = kOpShapes[static_cast<u32>(Op::select_linear)].fixed_words() + 2 * kValues;
  const u32 return_words = kOpShapes[static_cast<u32>(Op::return_c)].fixed_words();
  std::vector<Word> tail;
  for (u32 n = 0; n < kValues; n++) tail.push_back(value(n).bits());
  for (u32 n = 0; n < kValues; n++) tail.push_back(select_words + n * return_words);
  Code code;
  code.add(Op::select_linear, {x_operand(0), select_words + kValues * return_words, 2 * kValues}, tail);
  for (u32 n = 0; n <= kValues; n++) code.add(Op::return_c, {}, {Term::small(n).bits()});
  for (u32 n = 0; n < kValues; n++) {
    Machine m;
    m.x[0] = value(n);
    m.run(code);
    EXPECT_EQ(m.x[0], Term::small(n));
    m.x[0] = Term(value(n).bits() + Term::small(1).bits());
    m.run(code);
    EXPECT_EQ(m.x[0], Term::small(kValues));
  }
}

}  // namespace
}  // namespace lintel::jit
