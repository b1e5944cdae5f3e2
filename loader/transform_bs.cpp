// Binaries: generic matching and construction instructions to specific ones. Constant sizes are
// multiplied out here; a constant size that cannot be matched becomes a jump to the fail label.
#include "loader/transform.h"

#include <vector>

#include "vm/code/bs_format.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel::loader {

namespace {

constexpr u64 kMaxFieldBits = u64{1} << 58;

// A constant size in bits, for sizes that a binary can have.
bool constant_bits(Term size, u64 unit, u64* bits) {
  return size.is_small() && size.small_value() >= 0 &&
         !__builtin_mul_overflow(static_cast<u64>(size.small_value()), unit, bits) &&
         *bits < kMaxFieldBits;
}

}  // namespace

bool Transform::binary_instruction(const GenericInstr& g) {
  auto a = [&](u32 n) { return file_.arg(g, n); };
  // The bytes of the string table from an operand's offset.
  auto string_at = [&](Operand o) { return reinterpret_cast<Word>(m_.strings.data() + o.value()); };
  auto never = [&] { e_.emit(Op::jump, {label(a(0))}); };
  switch (g.op) {
    // ---- matching ----
    case GenOp::bs_start_match3_4: {
      u32 s = reg(a(1));
      e_.emit(Op::bs_start_match, {label(a(0)), number(a(2)), dst(a(3)), s});
      return true;
    }
    case GenOp::bs_start_match4_4: {
      u32 s = reg(a(2));
      if (a(0).is(Kind::atom)) {
        e_.emit(Op::bs_start_match, {0u, number(a(1)), dst(a(3)), s});
      } else {
        e_.emit(Op::bs_start_match, {label(a(0)), number(a(1)), dst(a(3)), s});
      }
      return true;
    }
    case GenOp::bs_get_position_3:
      e_.emit(Op::bs_get_position, {dst(a(0)), dst(a(1))});
      return true;
    case GenOp::bs_set_position_2:
      e_.emit(Op::bs_set_position, {dst(a(0)), dst(a(1))});
      return true;
    case GenOp::bs_get_tail_3:
      e_.emit(Op::bs_get_tail, {number(a(2)), dst(a(0)), dst(a(1))});
      return true;
    case GenOp::bs_get_integer2_7: {
      u32 unit = number(a(4));
      u32 flags = number(a(5));
      if (is_constant(a(3))) {
        u64 bits;
        if (!constant_bits(constant(a(3)), unit, &bits)) {
          never();
          return true;
        }
        bool plain = (flags & (kBitLittle | kBitSigned | kBitNative)) == 0;
        if (bits <= kSmallFieldBits && bits != 0) {
          Op whole = bits == 8 ? Op::bs_get_integer_8
                     : bits == 16 ? Op::bs_get_integer_16
                                  : Op::bs_get_integer_32;
          if (plain && (bits == 8 || bits == 16 || bits == 32)) {
            e_.emit(whole, {label(a(0)), dst(a(1)), dst(a(6))});
          } else {
            e_.emit(Op::bs_get_integer_small,
                    {label(a(0)), dst(a(1)), static_cast<u32>(bits), flags, dst(a(6))});
          }
        } else {
          e_.emit(Op::bs_get_integer_fixed,
                  {label(a(0)), number(a(2)), dst(a(1)), flags, dst(a(6))}, {bits});
        }
        return true;
      }
      e_.emit(Op::bs_get_integer,
              {label(a(0)), number(a(2)), dst(a(1)), unit, flags, dst(a(6))}, {source(a(3))});
      return true;
    }
    case GenOp::bs_get_float2_7:
      e_.emit(Op::bs_get_float,
              {label(a(0)), number(a(2)), dst(a(1)), number(a(4)), number(a(5)), dst(a(6))},
              {source(a(3))});
      return true;
    case GenOp::bs_get_binary2_7: {
      u32 unit = number(a(4));
      if (is_constant(a(3))) {
        u64 bits;
        if (constant(a(3)) == am::all) {
          if (unit == 0) {
            refuse(g, "a unit of zero");
            return true;
          }
          e_.emit(Op::bs_get_binary_all,
                  {label(a(0)), number(a(2)), dst(a(1)), unit, dst(a(6))});
        } else if (constant_bits(constant(a(3)), unit, &bits)) {
          e_.emit(Op::bs_get_binary_fixed, {label(a(0)), number(a(2)), dst(a(1)), dst(a(6))},
                  {bits});
        } else {
          never();
        }
        return true;
      }
      e_.emit(Op::bs_get_binary, {label(a(0)), number(a(2)), dst(a(1)), unit, dst(a(6))},
              {source(a(3))});
      return true;
    }
    case GenOp::bs_skip_bits2_5: {
      u32 unit = number(a(3));
      if (is_constant(a(2))) {
        u64 bits;
        if (constant(a(2)) == am::all) {
          if (unit == 0) {
            refuse(g, "a unit of zero");
            return true;
          }
          // The compiler writes bs_test_unit for this; a skip of the rest only tests.
          e_.emit(Op::bs_test_unit, {label(a(0)), dst(a(1)), unit});
        } else if (constant_bits(constant(a(2)), unit, &bits)) {
          e_.emit(Op::bs_skip_bits_fixed, {label(a(0)), dst(a(1))}, {bits});
        } else {
          never();
        }
        return true;
      }
      e_.emit(Op::bs_skip_bits, {label(a(0)), dst(a(1)), unit}, {source(a(2))});
      return true;
    }
    case GenOp::bs_test_tail2_3:
      if (a(2).is(Kind::overflow)) {
        never();
      } else {
        e_.emit(Op::bs_test_tail, {label(a(0)), dst(a(1))}, {a(2).value()});
      }
      return true;
    case GenOp::bs_test_unit_3:
      if (number(a(2)) == 0) {
        refuse(g, "a unit of zero");
      } else {
        e_.emit(Op::bs_test_unit, {label(a(0)), dst(a(1)), number(a(2))});
      }
      return true;
    case GenOp::bs_match_string_4:
      if (a(2).value() >> 32 != 0) {
        never();
      } else {
        e_.emit(Op::bs_match_string, {label(a(0)), dst(a(1)), number(a(2))}, {string_at(a(3))});
      }
      return true;
    case GenOp::bs_get_utf8_5:
      e_.emit(Op::bs_get_utf8, {label(a(0)), dst(a(1)), dst(a(4))});
      return true;
    case GenOp::bs_get_utf16_5:
      e_.emit(Op::bs_get_utf16, {label(a(0)), dst(a(1)), number(a(3)), dst(a(4))});
      return true;
    case GenOp::bs_get_utf32_5:
      e_.emit(Op::bs_get_utf32, {label(a(0)), dst(a(1)), number(a(3)), dst(a(4))});
      return true;
    case GenOp::bs_skip_utf8_4:
      e_.emit(Op::bs_skip_utf8, {label(a(0)), dst(a(1))});
      return true;
    case GenOp::bs_skip_utf16_4:
      e_.emit(Op::bs_skip_utf16, {label(a(0)), dst(a(1)), number(a(3))});
      return true;
    case GenOp::bs_skip_utf32_4:
      e_.emit(Op::bs_skip_utf32, {label(a(0)), dst(a(1)), number(a(3))});
      return true;

    // ---- construction ----
    case GenOp::bs_create_bin_6:
      create_binary(g);
      return true;
    case GenOp::bs_init2_6:
    case GenOp::bs_init_bits_6: {
      if (a(1).is(Kind::overflow)) {
        e_.emit(Op::bs_fail_limit, {label(a(0))});
        return true;
      }
      u32 unit = g.op == GenOp::bs_init2_6 ? 8 : 1;
      e_.emit(Op::bs_init, {label(a(0)), heap_words(a(2)), number(a(3)), unit, dst(a(5))},
              {source(a(1))});
      return true;
    }
    case GenOp::bs_put_integer_5:
    case GenOp::bs_put_float_5:
      e_.emit(g.op == GenOp::bs_put_integer_5 ? Op::bs_put_integer : Op::bs_put_float,
              {label(a(0)), number(a(2)), number(a(3))}, {source(a(1)), source(a(4))});
      return true;
    case GenOp::bs_put_binary_5:
      e_.emit(Op::bs_put_binary, {label(a(0)), number(a(2))}, {source(a(1)), source(a(4))});
      return true;
    case GenOp::bs_put_string_2:
      e_.emit(Op::bs_put_string, {number(a(0))}, {string_at(a(1))});
      return true;
    case GenOp::bs_add_5:
      e_.emit(Op::bs_add, {label(a(0)), number(a(3)), dst(a(4))}, {source(a(1)), source(a(2))});
      return true;
    case GenOp::bs_append_8:
      e_.emit(Op::bs_append,
              {label(a(0)), heap_words(a(2)), number(a(3)), number(a(4)), dst(a(7))},
              {source(a(1)), source(a(5))});
      return true;
    case GenOp::bs_private_append_6:
      e_.emit(Op::bs_private_append, {label(a(0)), number(a(2)), dst(a(5))},
              {source(a(1)), source(a(3))});
      return true;
    case GenOp::bs_init_writable_0:
      e_.emit(Op::bs_init_writable);
      return true;
    case GenOp::bs_utf8_size_3:
    case GenOp::bs_utf16_size_3:
      e_.emit(g.op == GenOp::bs_utf8_size_3 ? Op::bs_utf8_size : Op::bs_utf16_size, {dst(a(2))},
              {source(a(1))});
      return true;
    case GenOp::bs_put_utf8_3:
      e_.emit(Op::bs_put_utf8, {label(a(0))}, {source(a(2))});
      return true;
    case GenOp::bs_put_utf16_3:
      e_.emit(Op::bs_put_utf16, {label(a(0)), number(a(1))}, {source(a(2))});
      return true;
    case GenOp::bs_put_utf32_3:
      e_.emit(Op::bs_put_utf32, {label(a(0)), number(a(1))}, {source(a(2))});
      return true;
    default:
      return false;
  }
}

// The list of a bs_create_bin has six operands a segment: type, number, unit, flags, value, size.
void Transform::create_binary(const GenericInstr& g) {
  struct Row {
    Term type;
    BsKind kind;
    BsKind fixed;
  };
  static const Row rows[] = {
      {am::integer, BsKind::Integer, BsKind::IntegerFixed},
      {am::binary, BsKind::Binary, BsKind::BinaryFixed},
      {am::float_, BsKind::Float, BsKind::FloatFixed},
      {am::string, BsKind::Str, BsKind::Str},
      {am::append, BsKind::Append, BsKind::Append},
      {am::private_append, BsKind::PrivateAppend, BsKind::PrivateAppend},
      {am::utf8, BsKind::Utf8, BsKind::Utf8},
      {am::utf16, BsKind::Utf16, BsKind::Utf16},
      {am::utf32, BsKind::Utf32, BsKind::Utf32},
  };
  auto list = file_.list(g);
  u32 live = number(arg(g, 2));
  u32 count = static_cast<u32>(list.size() / 6);
  std::vector<BsSegment> segments;
  u64 fixed_bits = 0;
  bool is_fixed = true;
  for (u32 i = 0; i < count; i++) {
    auto segment = list.subspan(i * 6, 6);
    Operand value = segment[4];
    Operand size = segment[5];
    Term type = constant(segment[0]);
    u32 unit = number(segment[2]);
    const Row* row = nullptr;
    for (const Row& r : rows) {
      if (r.type == type) row = &r;
    }
    if (row == nullptr) return refuse(g, "unknown type of segment");
    BsKind kind = row->kind;
    if ((kind == BsKind::Append || kind == BsKind::PrivateAppend) && i != 0) {
      return refuse(g, "only a first segment can be appended to");
    }
    u32 flags = 0;
    if (!segment_flags(constant(segment[3]), &flags)) return refuse(g, "unknown segment flags");
    Word value_word;
    Word size_word = 0;
    if (kind == BsKind::Str) {
      value_word = reinterpret_cast<Word>(m_.strings.data() + value.value());
      size_word = size.value() * 8;
    } else {
      // They are read again after the room was made.
      if ((value.is_x() && value.reg() >= live) || (size.is_x() && size.reg() >= live)) {
        return refuse(g, "a segment reads a register that is not live");
      }
      value_word = source(value);
      if (row->fixed != kind) {
        u64 bits;
        if (kind == BsKind::Binary && is_constant(size) && constant(size) == am::all) {
          kind = BsKind::BinaryAll;
          if (unit == 0) return refuse(g, "a unit of zero");
        } else if (is_constant(size) && constant_bits(constant(size), unit, &bits)) {
          kind = row->fixed;
          size_word = bits;
        } else {
          size_word = source(size);
        }
      }
    }
    segments.push_back(
        {BsSegment::make_head(kind, flags, unit, number(segment[1])), value_word, size_word});
    switch (kind) {
      case BsKind::Append:
      case BsKind::PrivateAppend:
        break;
      case BsKind::IntegerFixed:
      case BsKind::FloatFixed:
      case BsKind::BinaryFixed:
      case BsKind::Str:
        fixed_bits += size_word;
        break;
      default:
        is_fixed = false;
        break;
    }
  }
  // Larger sizes are left to the check of the general case.
  is_fixed = is_fixed && fixed_bits < (u64{1} << 31);
  u32 heap = heap_words(arg(g, 1));
  Op op = Op::bs_create_bin;
  if (count == 2 && segments[1].kind() == BsKind::IntegerFixed && segments[1].size <= 64 &&
      segments[1].size % 8 == 0 && segments[1].size != 0 && segments[0].unit() != 0 &&
      8 % segments[0].unit() == 0 && (!bits_little(segments[1].flags()) || segments[1].size == 8)) {
    if (segments[0].kind() == BsKind::Append) op = Op::bs_append_integer;
    if (segments[0].kind() == BsKind::PrivateAppend && heap == 0) {
      op = Op::bs_private_append_integer;
    }
  }
  e_.emit(op, {label(arg(g, 0)), heap, live,
               is_fixed ? static_cast<u32>(fixed_bits) : kBsNotFixed, dst(arg(g, 4)),
               count * kBsSegmentWords});
  for (const BsSegment& s : segments) {
    e_.tail(s.head);
    e_.tail(s.value);
    e_.tail(s.size);
  }
}

// Operations for several matching instructions on one context. Where they branch to the same label,
// nothing there can depend on how far they came, so they may fail together.
u32 Transform::fuse_binary(u32 index) {
  const GenericInstr& g = file_.code[index];
  auto next = [&](u32 n, GenOp op) -> const GenericInstr* {
    if (index + n >= file_.code.size() || !verified_.reached[index + n]) return nullptr;
    const GenericInstr& i = file_.code[index + n];
    return i.op == op ? &i : nullptr;
  };
  switch (g.op) {
    case GenOp::bs_start_match3_4:
    case GenOp::bs_start_match4_4: {
      bool is_new = g.op == GenOp::bs_start_match4_4;
      const GenericInstr* position = next(1, GenOp::bs_get_position_3);
      Operand context = arg(g, 3);
      if (position == nullptr || !arg(*position, 0).same(context) ||
          arg(*position, 1).same(context)) {
        return 0;
      }
      Arg32 fail = arg(g, 0).is(Kind::atom) ? Arg32(0) : label(arg(g, 0));
      u32 s = reg(arg(g, is_new ? 2 : 1));
      e_.emit(Op::bs_start_match_position,
              {fail, number(arg(g, is_new ? 1 : 2)), dst(context), dst(arg(*position, 1)), s});
      return 2;
    }
    case GenOp::bs_get_integer2_7:
    case GenOp::bs_skip_bits2_5: {
      Operand fail = arg(g, 0);
      Operand context = arg(g, 1);
      u64 total = 0;
      std::vector<Word> fields;
      u32 bits = 0;
      // The run of fields of a constant size that fit a small, whose results leave the context be.
      for (u32 n = 0; fields.size() < 16; n++) {
        const GenericInstr* get = next(n, GenOp::bs_get_integer2_7);
        const GenericInstr* skip = next(n, GenOp::bs_skip_bits2_5);
        const GenericInstr* i = get != nullptr ? get : skip;
        if (i == nullptr || !arg(*i, 0).same(fail) || !arg(*i, 1).same(context)) break;
        if (get != nullptr && arg(*get, 6).same(context)) break;
        Operand size = arg(*i, get != nullptr ? 3 : 2);
        u64 size_bits;
        if (!is_constant(size) ||
            !constant_bits(constant(size), number(arg(*i, get != nullptr ? 4 : 3)), &size_bits) ||
            size_bits == 0 || size_bits > kSmallFieldBits) {
          break;
        }
        bits = static_cast<u32>(size_bits);
        total += size_bits;
        fields.push_back(get != nullptr
                             ? BsField::make(dst(arg(*get, 6)), bits, number(arg(*get, 5)))
                             : BsField::make(BsField::kBsSkip, bits, 0));
      }
      u32 count = static_cast<u32>(fields.size());
      if (count >= 2) {
        e_.emit(Op::bs_get_integers, {label(fail), dst(context), count}, {total});
        for (Word f : fields) e_.tail(f);
        return count;
      }
      const GenericInstr* unit = next(1, GenOp::bs_test_unit_3);
      bool is_byte = count == 1 && bits == 8 && g.op == GenOp::bs_get_integer2_7 &&
                     (number(arg(g, 5)) & kBitSigned) == 0;
      if (is_byte && unit != nullptr && arg(*unit, 0).same(fail) && arg(*unit, 1).same(context) &&
          number(arg(*unit, 2)) == 8) {
        e_.emit(Op::bs_get_integer_8_unit8, {label(fail), dst(context), dst(arg(g, 6))});
        return 2;
      }
      return 0;
    }
    default:
      return 0;
  }
}

// Flags are [] or a list of atoms.
bool Transform::segment_flags(Term list, u32* flags) {
  for (; list.is_list(); list = list.tail()) {
    Term f = list.head();
    if (f == am::little) {
      *flags |= kBitLittle;
    } else if (f == am::native) {
      *flags |= kBitNative;
    } else if (f == am::signed_) {
      *flags |= kBitSigned;
    } else if (f != am::big && f != am::unsigned_) {
      return false;
    }
  }
  return list.is_nil();
}

}  // namespace lintel::loader
