// Tests and selections. A failing test branches to operand 0. Objects are compared by the handlers.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "jit/x64/emitter.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

// Loads operand n and goes on when it is a boxed object of one of the kinds.
void test_kinds(Emitter& e, std::initializer_list<BoxedTag> kinds) {
  auto& a = e.a;
  Label yes = a.newLabel();
  e.need_tag(kA, Tag::Boxed, e.fail(0));
  Mem kind_at = Emitter::header_of(kA);
  kind_at.setSize(1);
  a.movzx(kB.r32(), kind_at);
  for (const BoxedTag* kind = kinds.begin(); kind != kinds.end(); ++kind) {
    a.cmp(kB.r8(), Emitter::kind_byte(*kind));
    if (kind + 1 == kinds.end()) {
      a.jne(e.fail(0));
    } else {
      a.je(yes);
    }
  }
  a.bind(yes);
}

void is_integer(Emitter& e) {
  auto& a = e.a;
  Label yes = a.newLabel();
  a.mov(kA, e.reg(1));
  a.test(kA.r8(), 7);
  a.jz(yes);
  test_kinds(e, {BoxedTag::BigPos, BoxedTag::BigNeg});
  a.bind(yes);
}

// An immediate whose low six bits say what it is; `kind`: the boxed form that also passes, if any.
void test_immediate(Emitter& e, Term example, const BoxedTag* kind) {
  auto& a = e.a;
  Label yes = a.newLabel();
  a.mov(kA, e.reg(1));
  a.mov(kB.r32(), kA.r32());
  a.and_(kB.r32(), 63);
  a.cmp(kB.r32(), static_cast<i32>(example.bits() & 63));
  if (kind == nullptr) {
    a.jne(e.fail(0));
  } else {
    a.je(yes);
    test_kinds(e, {*kind});
  }
  a.bind(yes);
}

// Identical words are equal; of others only pointers of the same tag can be.
void exact_test(Emitter& e, bool wanted) {
  auto& a = e.a;
  Label next = a.newLabel();
  Label when_equal = wanted ? next : e.fail(0);
  Label when_not = wanted ? e.fail(0) : next;
  a.mov(kA, e.reg(1));
  a.mov(kB, e.reg(2));
  a.cmp(kA, kB);
  a.je(when_equal);
  a.xor_(kB.r32(), kA.r32());
  a.test(kB.r8(), 7);
  a.jnz(when_not);
  a.inc(kA.r32());
  a.test(kA.r8(), 2);  // tags 1 and 2: both have become 2 or 3
  a.jnz(e.slow());
  if (wanted) a.jmp(when_not);
  a.bind(next);
}
static_assert(static_cast<u32>(Tag::List) == 1 && static_cast<u32>(Tag::Boxed) == 2);

// 1 == 1.0: only small integers and atoms are quick.
void equal_test(Emitter& e, bool wanted) {
  auto& a = e.a;
  Label next = a.newLabel();
  Label differ = a.newLabel();
  a.mov(kA, e.reg(1));
  a.mov(kB, e.reg(2));
  a.cmp(kA, kB);
  a.je(wanted ? next : e.fail(0));
  a.or_(kB.r32(), kA.r32());
  a.test(kB.r8(), 7);
  a.jz(differ);
  a.and_(kA.r32(), 63);
  a.cmp(kA.r32(), static_cast<i32>(Term::atom(0).bits()));
  a.jne(e.slow());
  a.bind(differ);
  if (wanted) a.jmp(e.fail(0));
  a.bind(next);
}

void order_test(Emitter& e, bool less) {
  e.a.mov(kA, e.reg(1));
  e.a.mov(kB, e.reg(2));
  e.need_smalls(kA, kB, e.slow());
  e.a.cmp(kA, kB);
  less ? e.a.jge(e.fail(0)) : e.a.jl(e.fail(0));
}
void order_test_ri(Emitter& e, bool less) {
  e.a.mov(kA, e.reg(1));
  e.need_small(kA, e.slow());
  e.a.cmp(kA, e.i(2));
  less ? e.a.jge(e.fail(0)) : e.a.jl(e.fail(0));
}
void order_test_ir(Emitter& e, bool less) {
  e.a.mov(kA, e.reg(2));
  e.need_small(kA, e.slow());
  e.a.cmp(kA, e.i(1));
  less ? e.a.jle(e.fail(0)) : e.a.jg(e.fail(0));
}

// Compares the tuple's header: kA is the tuple.
void need_header(Emitter& e, Word header) {
  if (header >> 31 == 0) {
    e.a.cmp(Emitter::header_of(kA), static_cast<i32>(header));
  } else {
    e.load_word(kC, header);
    e.a.cmp(Emitter::header_of(kA), kC);
  }
  e.a.jne(e.fail(0));
}

// ---- selections ----

using Choice = std::pair<Word, const Word*>;  // value, target

// The targets of sorted values, by halving; kA is what is looked for.
void search(Emitter& e, const Choice* begin, const Choice* end, Label otherwise) {
  auto& a = e.a;
  if (end - begin <= 4) {
    for (; begin != end; ++begin) {
      e.compare(kA, begin->first);
      a.je(e.at(begin->second));
    }
    a.jmp(otherwise);
    return;
  }
  const Choice* middle = begin + (end - begin) / 2;
  Label above = a.newLabel();
  e.compare(kA, middle->first);
  a.je(e.at(middle->second));
  a.ja(above);
  search(e, begin, middle, otherwise);
  a.bind(above);
  search(e, middle + 1, end, otherwise);
}
void select(Emitter& e, std::vector<Choice> choices, Label otherwise) {
  auto by_value = [](const Choice& a, const Choice& b) { return a.first < b.first; };
  std::stable_sort(choices.begin(), choices.end(), by_value);
  // Of equal values the first counts.
  auto same = [](const Choice& a, const Choice& b) { return a.first == b.first; };
  choices.erase(std::unique(choices.begin(), choices.end(), same), choices.end());
  search(e, choices.data(), choices.data() + choices.size(), otherwise);
}

// The tail holds the values, then as many targets.
std::vector<Choice> value_list(Emitter& e) {
  u32 count = e.u(2) / 2;
  std::vector<Choice> choices;
  for (u32 n = 0; n < count; n++) {
    choices.emplace_back(e.tail()[n], e.pc + static_cast<i64>(e.tail()[count + n]));
  }
  return choices;
}
std::vector<Choice> hash_slots(Emitter& e) {
  std::vector<Choice> choices;
  for (u32 n = 0; n < e.u(2); n += 2) {
    if (Term(e.tail()[n]).is_none()) continue;
    choices.emplace_back(e.tail()[n], e.pc + static_cast<i64>(e.tail()[n + 1]));
  }
  return choices;
}

void select_table(Emitter& e) {
  auto& a = e.a;
  a.mov(kA, e.reg(0));
  e.need_small(kA, e.fail(1));
  a.sar(kA, kSmallShift);
  a.sub(kA, e.i(2));
  a.cmp(kA, static_cast<i32>(e.u(3)));
  a.jae(e.fail(1));
  std::vector<Label> targets;
  for (u32 n = 0; n < e.u(3); n++) targets.push_back(e.at(e.pc + static_cast<i64>(e.tail()[n])));
  e.jump_by_table(kA, std::move(targets));
}

}  // namespace

bool emit_test(Emitter& e) {
  auto& a = e.a;
  auto load = [&] { a.mov(kA, e.reg(1)); };
  switch (e.op) {
    CASE(is_integer): is_integer(e); return true;
    CASE(is_float): load(); test_kinds(e, {BoxedTag::Float}); return true;
    CASE(is_number): {
      Label yes = a.newLabel();
      load();
      a.test(kA.r8(), 7);
      a.jz(yes);
      test_kinds(e, {BoxedTag::Float, BoxedTag::BigPos, BoxedTag::BigNeg});
      a.bind(yes);
      return true;
    }
    CASE(is_atom): test_immediate(e, Term::atom(0), nullptr); return true;
    case Op::is_pid: {
      constexpr BoxedTag remote = BoxedTag::ExtPid;
      test_immediate(e, Term::pid(0), &remote);
      return true;
    }
    case Op::is_port: {
      constexpr BoxedTag remote = BoxedTag::ExtPort;
      test_immediate(e, Term::port(0), &remote);
      return true;
    }
    case Op::is_reference:
      load();
      test_kinds(e, {BoxedTag::Ref, BoxedTag::MagicRef, BoxedTag::ExtRef});
      return true;
    CASE(is_nil):
      a.cmp(e.reg(1), static_cast<i32>(Term::nil().bits()));
      a.jne(e.fail(0));
      return true;
    CASE(is_binary): {
      Label yes = a.newLabel();
      load();
      e.need_tag(kA, Tag::Boxed, e.fail(0));
      Mem kind_at = Emitter::header_of(kA);
      kind_at.setSize(1);
      a.movzx(kB.r32(), kind_at);
      a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::HeapBinary));
      a.je(yes);
      a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::RefcBinary));
      a.je(yes);
      a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::SubBinary));
      a.jne(e.fail(0));
      a.test(x86::byte_ptr(kA, static_cast<i32>(offsetof(SubBinary, bit_size_small)) - static_cast<i32>(Tag::Boxed)),
             7 << kSmallShift);
      a.jnz(e.fail(0));
      a.bind(yes);
      return true;
    }
    CASE(is_bitstr):
      load();
      test_kinds(e, {BoxedTag::HeapBinary, BoxedTag::RefcBinary, BoxedTag::SubBinary});
      return true;
    CASE(is_list): {
      Label yes = a.newLabel();
      load();
      a.cmp(kA, static_cast<i32>(Term::nil().bits()));
      a.je(yes);
      e.need_tag(kA, Tag::List, e.fail(0));
      a.bind(yes);
      return true;
    }
    CASE(is_nonempty_list):
      load();
      e.need_tag(kA, Tag::List, e.fail(0));
      return true;
    CASE(is_tuple): load(); test_kinds(e, {BoxedTag::Tuple}); return true;
    CASE(is_boolean): {
      Label yes = a.newLabel();
      load();
      e.compare(kA, am::true_.bits());
      a.je(yes);
      e.compare(kA, am::false_.bits());
      a.jne(e.fail(0));
      a.bind(yes);
      return true;
    }
    CASE(is_function): load(); test_kinds(e, {BoxedTag::Fun, BoxedTag::Export}); return true;
    CASE(is_map): load(); test_kinds(e, {BoxedTag::FlatMap, BoxedTag::HamtRoot}); return true;
    CASE(test_arity):
      load();
      need_header(e, e.word(0));
      return true;
    CASE(is_tuple_of_arity):
      load();
      e.need_tag(kA, Tag::Boxed, e.fail(0));
      need_header(e, e.word(0));
      return true;
    CASE(is_tagged_tuple):
      load();
      e.need_tag(kA, Tag::Boxed, e.fail(0));
      need_header(e, e.word(0));
      a.mov(kA, x86::qword_ptr(kA, static_cast<i32>(kWordBytes) - static_cast<i32>(Tag::Boxed)));
      e.compare(kA, e.word(1));
      a.jne(e.fail(0));
      return true;
    CASE(is_eq_exact): exact_test(e, true); return true;
    CASE(is_ne_exact): exact_test(e, false); return true;
    CASE(is_eq_imm):
      load();
      e.compare(kA, e.word(0));
      a.jne(e.fail(0));
      return true;
    CASE(is_ne_imm):
      load();
      e.compare(kA, e.word(0));
      a.je(e.fail(0));
      return true;
    CASE(is_eq): equal_test(e, true); return true;
    CASE(is_ne): equal_test(e, false); return true;
    CASE(is_lt): order_test(e, true); return true;
    CASE(is_ge): order_test(e, false); return true;
    CASE(is_lt_ri): order_test_ri(e, true); return true;
    CASE(is_ge_ri): order_test_ri(e, false); return true;
    CASE(is_lt_ir): order_test_ir(e, true); return true;
    CASE(is_ge_ir): order_test_ir(e, false); return true;

    CASE(select_table): select_table(e); return true;
    CASE(select_linear):
      a.mov(kA, e.reg(0));
      select(e, value_list(e), e.fail(1));
      return true;
    CASE(select_hash):
      a.mov(kA, e.reg(0));
      select(e, hash_slots(e), e.fail(1));
      return true;
    CASE(select_arity):
      a.mov(kA, e.reg(0));
      e.need_tag(kA, Tag::Boxed, e.fail(1));
      a.mov(kA, Emitter::header_of(kA));
      select(e, value_list(e), e.fail(1));
      return true;
    default: return false;
  }
}

}  // namespace lintel::jit
