// Matching binaries: fields at whole bytes, and what only moves or looks at the position. Contexts are
// made, bignums, floats and sub binaries are built, and fields across bytes are put together by the
// handlers.
#include <algorithm>
#include <cstddef>

#include "jit/x64/emitter.h"
#include "vm/code/bs_format.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

constexpr i32 kObject = -static_cast<i32>(Tag::Boxed);
constexpr i32 kPosition = kObject + static_cast<i32>(offsetof(MatchContext, position_small));
constexpr i32 kEnd = kObject + static_cast<i32>(offsetof(MatchContext, end_small));
constexpr i32 kBase = kObject + static_cast<i32>(offsetof(MatchContext, base));
constexpr i32 kStart = kObject + static_cast<i32>(offsetof(MatchContext, start_small));
// Positions are kept as smalls. What is no multiple of 8 bits shows here.
constexpr i32 kPartOfByte = 7 << kSmallShift;
// More bits than this are no immediate operand as a small.
constexpr u64 kMostBits = u64{1} << 26;
constexpr u32 kLoadBytes = 8;

i32 small_bits(u64 n) { return static_cast<i32>(n << kSmallShift); }

// kA = the context in operand n.
void load_context(Emitter& e, u32 n) {
  e.a.mov(kA, e.reg(n));
  e.need_tag(kA, Tag::Boxed, e.slow());
  e.a.cmp(Emitter::header_of(kA),
          static_cast<i32>(Term::header(BoxedTag::MatchCtx, kMatchContextWords - 1).bits()));
  e.a.jne(e.slow());
}
// The same, and kB = its position, kC = what is left.
void load_cursor(Emitter& e, u32 n) {
  load_context(e, n);
  e.a.mov(kB, x86::qword_ptr(kA, kPosition));
  e.a.mov(kC, x86::qword_ptr(kA, kEnd));
  e.a.sub(kC, kB);
}
void need_left(Emitter& e, u64 bits) {
  e.a.cmp(kC, small_bits(bits));
  e.a.jl(e.fail(0));
}
// kC = address of the byte at the position, which is at a whole one.
void load_byte_address(Emitter& e) {
  auto& a = e.a;
  Label in_heap = a.newLabel();
  Label found = a.newLabel();
  a.mov(kC, x86::qword_ptr(kA, kBase));
  Mem kind_at = Emitter::header_of(kC);
  kind_at.setSize(1);
  a.mov(kD, kB);
  a.sar(kD, kSmallShift + 3);
  a.cmp(kind_at, Emitter::kind_byte(BoxedTag::HeapBinary));
  a.je(in_heap);
  a.mov(kC, x86::qword_ptr(kC, kObject + static_cast<i32>(offsetof(RefcBinary, data))));
  a.add(kD, x86::qword_ptr(kC, static_cast<i32>(offsetof(BinaryData, bytes))));
  a.jmp(found);
  a.bind(in_heap);
  a.lea(kD, x86::ptr(kC, kD, 0, kObject + static_cast<i32>(offsetof(HeapBinary, bytes))));
  a.bind(found);
  a.mov(kC, kD);
}
void move_position(Emitter& e, u64 bits) {
  e.a.add(kB, small_bits(bits));
  e.a.mov(x86::qword_ptr(kA, kPosition), kB);
}

// `to` = `count` bytes at kC + first, the first one highest. Uses `other`.
void load_bytes(Emitter& e, Gp to, Gp other, u32 first, u32 count) {
  auto& a = e.a;
  u32 have = 0;
  // The largest parts first; each makes room for itself.
  while (have < count) {
    u32 part = std::min(count - have, kLoadBytes);
    while ((part & (part - 1)) != 0) part &= part - 1;
    Gp into = have == 0 ? to : other;
    i32 at = static_cast<i32>(first + have);
    switch (part) {
      case 8:
        a.mov(into, x86::qword_ptr(kC, at));
        a.bswap(into);
        break;
      case 4:
        a.mov(into.r32(), x86::dword_ptr(kC, at));
        a.bswap(into.r32());
        break;
      case 2:
        a.movzx(into.r32(), x86::word_ptr(kC, at));
        a.rol(into.r16(), 8);
        break;
      default: a.movzx(into.r32(), x86::byte_ptr(kC, at)); break;
    }
    if (have != 0) {
      a.shl(to, part * 8);
      a.or_(to, other);
    }
    have += part;
  }
}

struct Field {
  u32 at;  // bits from the position
  u32 bits;
  u32 flags;
  Mem to;
};
u32 first_byte(const Field& f) { return f.at / 8; }
u32 byte_after(const Field& f) { return (f.at + f.bits + 7) / 8; }

// A field is read from at most eight bytes; one of the other order is whole bytes.
bool can_read(const Field& f) {
  return f.bits >= 1 && f.bits <= kSmallFieldBits && byte_after(f) - first_byte(f) <= kLoadBytes &&
         (!bits_little(f.flags) || (f.bits & 7) == 0);
}

// kA holds the bytes from `first` up to `end`: the field's term goes to its register. Uses kD.
void take_field(Emitter& e, const Field& f, u32 first, u32 end) {
  auto& a = e.a;
  u32 below = end * 8 - (f.at + f.bits);
  bool as_it_is = (f.flags & kBitSigned) == 0 && !bits_little(f.flags);
  a.mov(kD, kA);
  if (as_it_is && below == 0 && f.bits == (end - first) * 8) {
    a.shl(kD, kSmallShift);
    a.mov(f.to, kD);
    return;
  }
  if (as_it_is && below >= kSmallShift && f.bits + kSmallShift < 32) {
    a.shr(kD, below - kSmallShift);
    a.and_(kD.r32(), static_cast<i32>(((u32{1} << f.bits) - 1) << kSmallShift));
    a.mov(f.to, kD);
    return;
  }
  // To the top, where its sign is; back as far as a small's value stands.
  a.shl(kD, 64 - below - f.bits);
  if (bits_little(f.flags)) {
    a.bswap(kD);
    a.shl(kD, 64 - f.bits);
  }
  u32 unused = 64 - f.bits - kSmallShift;
  if ((f.flags & kBitSigned) != 0) {
    a.sar(kD, unused);
  } else {
    a.shr(kD, unused);
  }
  a.and_(kD, -(1 << kSmallShift));
  a.mov(f.to, kD);
}

// Operand n's context moves on by `total` bits, and the fields that are wanted are read: neighbours
// that fit one load together.
void read_fields(Emitter& e, u32 n, u64 total, std::span<const Field> fields, bool whole_bytes_left) {
  auto& a = e.a;
  load_cursor(e, n);
  need_left(e, total);
  if (whole_bytes_left) {
    a.test(kC.r32(), kPartOfByte);
    a.jnz(e.fail(0));
  }
  a.test(kB.r32(), kPartOfByte);
  a.jnz(e.slow());
  load_byte_address(e);
  move_position(e, total);
  for (size_t i = 0; i < fields.size();) {
    u32 first = first_byte(fields[i]);
    size_t after = i + 1;
    while (after < fields.size() && byte_after(fields[after]) - first <= kLoadBytes) after++;
    u32 end = byte_after(fields[after - 1]);
    load_bytes(e, kA, kB, first, end - first);
    for (; i < after; i++) take_field(e, fields[i], first, end);
  }
}

bool read_integers(Emitter& e) {
  u64 total = e.word(0);
  if (total >= kMostBits) return false;
  std::vector<Field> fields;
  u32 at = 0;
  for (u32 n = 0; n < e.u(2); n++) {
    BsField f{e.tail()[n]};
    if (f.d() != BsField::kBsSkip) {
      fields.push_back({at, f.bits(), f.flags(), Emitter::register_at(f.d())});
      if (!can_read(fields.back())) return false;
    }
    at += f.bits();
  }
  read_fields(e, 1, total, fields, false);
  return true;
}
void read_integer(Emitter& e, u32 bits, bool whole_bytes_left) {
  Field field{0, bits, 0, e.reg(2)};
  read_fields(e, 1, bits, {&field, 1}, whole_bytes_left);
}

bool match_string(Emitter& e) {
  auto& a = e.a;
  u32 bits = e.u(2);
  if (bits == 0 || bits > kLoadBytes * 8 || (bits & 7) != 0) return false;
  Word bytes = 0;
  const auto* wanted = reinterpret_cast<const u8*>(e.word(0));
  for (u32 n = 0; n < bits / 8; n++) bytes = bytes << 8 | wanted[n];
  load_cursor(e, 1);
  need_left(e, bits);
  a.test(kB.r32(), kPartOfByte);
  a.jnz(e.slow());
  load_byte_address(e);
  load_bytes(e, kD, kB, 0, bits / 8);
  e.compare(kD, bytes);
  a.jne(e.fail(0));
  a.add(x86::qword_ptr(kA, kPosition), small_bits(bits));
  return true;
}

// Characters of one byte.
void read_utf8(Emitter& e) {
  auto& a = e.a;
  load_cursor(e, 1);
  a.cmp(kC, small_bits(8));
  a.jl(e.slow());
  a.test(kB.r32(), kPartOfByte);
  a.jnz(e.slow());
  load_byte_address(e);
  a.movzx(kC.r32(), x86::byte_ptr(kC));
  a.cmp(kC.r32(), 0x80);
  a.jae(e.slow());
  move_position(e, 8);
  a.shl(kC.r32(), kSmallShift);
  a.mov(e.reg(2), kC);
}

}  // namespace

bool emit_bs_match(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    CASE(bs_start_match):
      load_context(e, 3);
      a.mov(e.reg(2), kA);
      return true;
    case Op::bs_start_match_position:
      load_context(e, 4);
      a.mov(kB, x86::qword_ptr(kA, kPosition));
      a.mov(e.reg(2), kA);
      a.mov(e.reg(3), kB);
      return true;
    case Op::bs_get_position:
      load_context(e, 0);
      a.mov(kA, x86::qword_ptr(kA, kPosition));
      a.mov(e.reg(1), kA);
      return true;
    case Op::bs_set_position:
      load_context(e, 0);
      a.mov(kB, e.reg(1));
      e.need_small(kB, e.slow());
      a.cmp(kB, x86::qword_ptr(kA, kStart));
      a.jl(e.slow());
      a.cmp(kB, x86::qword_ptr(kA, kEnd));
      a.jg(e.slow());
      a.mov(x86::qword_ptr(kA, kPosition), kB);
      return true;
    CASE(bs_get_integer_8): read_integer(e, 8, false); return true;
    CASE(bs_get_integer_8_unit8): read_integer(e, 8, true); return true;
    case Op::bs_get_integer_16: read_integer(e, 16, false); return true;
    case Op::bs_get_integer_32: read_integer(e, 32, false); return true;
    case Op::bs_get_integers: return read_integers(e);
    CASE(bs_get_integer_small): {
      Field field{0, e.u(2), e.u(3), e.reg(4)};
      if (!can_read(field)) return false;
      read_fields(e, 1, field.bits, {&field, 1}, false);
      return true;
    }
    case Op::bs_skip_bits_fixed:
      if (e.word(0) >= kMostBits) return false;
      load_cursor(e, 1);
      need_left(e, e.word(0));
      move_position(e, e.word(0));
      return true;
    case Op::bs_test_tail:
      if (e.word(0) >= kMostBits) return false;
      load_cursor(e, 1);
      a.cmp(kC, small_bits(e.word(0)));
      a.jne(e.fail(0));
      return true;
    case Op::bs_test_unit:
      // A unit that is a power of two.
      if (e.u(2) == 0 || e.u(2) > 256 || (e.u(2) & (e.u(2) - 1)) != 0) return false;
      load_cursor(e, 1);
      a.test(kC.r32(), small_bits(e.u(2) - 1));
      a.jnz(e.fail(0));
      return true;
    case Op::bs_match_string: return match_string(e);
    CASE(bs_get_utf8): read_utf8(e); return true;
    default: return false;
  }
}

}  // namespace lintel::jit
