#include "vm/ops/bs_create.h"

#include "vm/ops/arith.h"
#include "vm/ops/bits.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

constexpr u64 kLeastWritableBytes = 256;
// Copying this many bits is worth one reduction.
constexpr u64 kBitsPerReduction = 8 * 1024;
// Sizes from here on are bignums in the stock VM, whatever they are here.
constexpr i64 kMaxSizeTerm = (i64{1} << 59) - 1;

Term fail(BsFailure* f, Term error, Term value) {
  f->error = error;
  f->value = value;
  return Term::none();
}

Term fail_limit(BsFailure* f) {
  f->limit = true;
  f->error = am::size;
  return Term::none();
}

Term source(const Process& p, Word s) {
  if (!(s & 4)) return Term(s);
  const char* base = reinterpret_cast<const char*>(s & 1 ? p.sp : p.x);
  return *reinterpret_cast<const Term*>(base + (s >> 3));
}

// What a character takes; characters that are none are found when they are written.
u64 utf8_bits(Term c) {
  if (!c.is_small() || c.small_value() >= 0x10000) return 32;
  return c.small_value() < 0 ? 8 : utf8_bytes(static_cast<u32>(c.small_value())) * 8;
}
u64 utf16_bits(Term c) {
  return c.is_small() && c.small_value() >= 0 && c.small_value() < 0x10000 ? 16 : 32;
}
bool is_character(Term c) {
  return c.is_small() && c.small_value() >= 0 &&
         is_unicode_scalar(static_cast<u64>(c.small_value()));
}

bool unit_fits(u64 bits, u32 unit) { return unit <= 1 || bits % unit == 0; }

// Makes the used part `bits` long and the room behind it large enough.
void grow(Process& p, RefcBinary* refc, u64 bits) {
  u64 bytes = (bits + 7) / 8;
  if (refc->data->capacity < bytes) {
    refc->data = binary_data_grow(refc->data, bytes * 2);
    p.reds -= static_cast<i64>(bytes * 8 / kBitsPerReduction);
  }
  bs_note_growth(p, refc, bytes);
}

// A writable pair of kRefcBinaryWords + kSubBinaryWords.
SubBinary* new_writable(Builder& b, u64 bits, u64 capacity, u8** bytes) {
  BinaryData* data = binary_data_new(capacity);
  *bytes = data->bytes;
  Term base = b.refc_binary(data, (bits + 7) / 8);
  view<RefcBinary>(base)->flags_small =
      Term::small(RefcBinary::kWritable | RefcBinary::kActiveWriter);
  auto* sub = view<SubBinary>(b.sub_binary(base, 0, bits));
  sub->writable_small = Term::small(1);
  return sub;
}

BsAppend copy_to_writable(Process& p, Builder& b, Term old, u64 used, u64 bits) {
  u64 bytes = (used + bits + 7) / 8;
  u64 capacity = bytes * 2 < kLeastWritableBytes ? kLeastWritableBytes : bytes * 2;
  u8* to;
  SubBinary* sub = new_writable(b, used + bits, capacity, &to);
  Bits from = bits_of(old);
  bits_copy(to, 0, from.base, from.bit_offset, used);
  p.reds -= static_cast<i64>(used / kBitsPerReduction);
  return {Term::boxed(&sub->header), to, used};
}

bool append_size_ok(u64 used, u64 bits, BsFailure* f) {
  if (used + bits <= kMaxBinaryBits) return true;
  fail_limit(f);
  return false;
}

}  // namespace

bool bs_field_bits(Term size, u64 unit, u64* bits, BsFailure* f) {
  f->error = am::size;
  f->value = size;
  if (VM_LIKELY(size.is_small())) {
    i64 n = size.small_value();
    if (n < 0) return false;
    i64 product;
    if (n > kMaxSizeTerm || __builtin_mul_overflow(n, static_cast<i64>(unit), &product)) {
      f->limit = true;
      return false;
    }
    *bits = static_cast<u64>(product);
    return true;
  }
  f->limit = size.is_big() && !big_is_negative(size);
  return false;
}

Term bs_allocate(Process& p, u64 bits, u32 extra_words, u32 live, u8** bytes) {
  u64 size = (bits + 7) / 8;
  bool odd = (bits & 7) != 0;
  p.live = live;
  Builder b = p.reserve_in_block(binary_words(size) + (odd ? kSubBinaryWords : 0) + extra_words);
  Term t = b.binary_uninitialized(size, bytes);
  if (odd) {
    (*bytes)[size - 1] = 0;
    t = b.sub_binary(t, 0, bits);
  }
  return t;
}

Term bs_writable(Process& p, u64 bytes, u32 live) {
  p.live = live;
  Builder b = p.reserve(kRefcBinaryWords + kSubBinaryWords);
  u8* at;
  return Term::boxed(&new_writable(b, 0, bytes, &at)->header);
}

BsAppend bs_append(Process& p, Term old, u64 bits, u32 unit, u32 extra_words, u32 live,
                   BsFailure* f) {
  BsAppend result{Term::none(), nullptr, 0};
  if (!old.is_bitstring()) {
    fail(f, am::type, old);
    return result;
  }
  u64 used = bitstring_bit_size(old);
  if (!unit_fits(used, unit)) {
    fail(f, am::unit, old);
    return result;
  }
  p.x[live] = old;
  p.live = live + 1;
  if (bits == 0) {
    (void)p.reserve_in_block(extra_words);
    result.binary = p.x[live];
    result.at = used;
    return result;
  }
  f->value = old;
  if (!append_size_ok(used, bits, f)) return result;
  Builder b = p.reserve_in_block(kRefcBinaryWords + kSubBinaryWords + extra_words);
  old = p.x[live];
  BsWritable w;
  if (!bs_writable_pair(old, &w)) return copy_to_writable(p, b, old, used, bits);
  w.sub->writable_small = Term::small(0);
  grow(p, w.refc, used + bits);
  auto* sub = view<SubBinary>(b.sub_binary(w.sub->base, 0, used + bits));
  sub->writable_small = Term::small(1);
  return {Term::boxed(&sub->header), w.refc->data->bytes, used};
}

BsAppend bs_private_append(Process& p, Term old, u64 bits, u32 unit, BsFailure* f) {
  BsAppend result{Term::none(), nullptr, 0};
  if (!old.is_bitstring()) {
    fail(f, am::type, old);
    return result;
  }
  u64 used = bitstring_bit_size(old);
  if (!unit_fits(used, unit)) {
    fail(f, am::unit, old);
    return result;
  }
  f->value = old;
  if (!append_size_ok(used, bits, f)) return result;
  BsWritable w;
  if (!bs_writable_pair(old, &w)) {
    if (bits == 0) return {old, nullptr, used};
    // Room that the code reserved for what comes next stays untouched.
    Fragment* fragment = fragment_new(kRefcBinaryWords + kSubBinaryWords);
    Builder b = fragment->builder();
    BsAppend copy = copy_to_writable(p, b, old, used, bits);
    p.attach(fragment);
    return copy;
  }
  grow(p, w.refc, used + bits);
  w.sub->bit_size_small = Term::small(static_cast<i64>(used + bits));
  return {old, w.refc->data->bytes, used};
}

bool bs_write_float(Process& p, u8* bytes, u64 at, u64 bits, u32 flags, Term value, BsFailure* f) {
  if (!bits_float_size_ok(bits)) {
    fail(f, am::invalid, Term::small(static_cast<i64>(bits)));
    return false;
  }
  double d;
  if (value.is_float()) {
    d = float_value(value);
  } else if (!value.is_number() || !number_to_double(value, &d)) {
    fail(f, value.is_number() ? am::no_float : am::type, value);
    return false;
  }
  bits_put_float(bytes, at, static_cast<u32>(bits), flags, d);
  return true;
}

namespace {

// Bits of all segments but an append's own. False: *f says why.
bool total_bits(const Process& p, const BsSegment* segments, u32 count, u64* total, BsFailure* f) {
  u64 sum = 0;
  for (u32 i = 0; i < count; i++) {
    const BsSegment& s = segments[i];
    u64 bits = 0;
    switch (s.kind()) {
      case BsKind::Append:
      case BsKind::PrivateAppend:
        continue;
      case BsKind::IntegerFixed:
      case BsKind::BinaryFixed:
      case BsKind::FloatFixed:
      case BsKind::Str:
        bits = s.size;
        break;
      case BsKind::BinaryAll: {
        Term t = source(p, s.value);
        f->segment = s.number();
        f->kind = s.kind();
        if (VM_UNLIKELY(!t.is_bitstring())) {
          fail(f, am::type, t);
          return false;
        }
        bits = bitstring_bit_size(t);
        break;
      }
      case BsKind::Binary:
      case BsKind::Integer:
      case BsKind::Float:
        f->segment = s.number();
        f->kind = s.kind();
        if (VM_UNLIKELY(!bs_field_bits(source(p, s.size), s.unit(), &bits, f))) return false;
        break;
      case BsKind::Utf8:
        bits = utf8_bits(source(p, s.value));
        break;
      case BsKind::Utf16:
        bits = utf16_bits(source(p, s.value));
        break;
      case BsKind::Utf32: {
        Term c = source(p, s.value);
        f->segment = s.number();
        f->kind = s.kind();
        if (VM_UNLIKELY(!is_character(c))) {
          fail(f, am::type, c);
          return false;
        }
        bits = 32;
        break;
      }
    }
    sum += bits;
    if (VM_UNLIKELY(sum > kMaxBinaryBits || bits > kMaxBinaryBits)) {
      f->segment = 0;
      fail_limit(f);
      return false;
    }
  }
  *total = sum;
  return true;
}

// Writes one segment at bit `at`; its bits, or -1 with *f.
i64 write_segment(Process& p, const BsSegment& s, u8* bytes, u64 at, BsFailure* f) {
  auto failed = [&](Term error, Term value) -> i64 {
    f->segment = s.number();
    f->kind = s.kind();
    fail(f, error, value);
    return -1;
  };
  auto field = [&](bool fixed) -> u64 {
    if (fixed) return s.size;
    return static_cast<u64>(source(p, s.size).small_value()) * s.unit();
  };
  switch (s.kind()) {
    case BsKind::Append:
    case BsKind::PrivateAppend:
      return 0;
    case BsKind::Integer:
    case BsKind::IntegerFixed: {
      Term t = source(p, s.value);
      if (VM_UNLIKELY(!t.is_integer())) return failed(am::type, t);
      u64 bits = field(s.kind() == BsKind::IntegerFixed);
      bits_put_integer(bytes, at, bits, s.flags(), t);
      return static_cast<i64>(bits);
    }
    case BsKind::Float:
    case BsKind::FloatFixed: {
      u64 bits = field(s.kind() == BsKind::FloatFixed);
      f->segment = s.number();
      f->kind = s.kind();
      if (!bs_write_float(p, bytes, at, bits, s.flags(), source(p, s.value), f)) return -1;
      return static_cast<i64>(bits);
    }
    case BsKind::Binary:
    case BsKind::BinaryFixed: {
      Term t = source(p, s.value);
      if (VM_UNLIKELY(!t.is_bitstring())) return failed(am::type, t);
      u64 bits = field(s.kind() == BsKind::BinaryFixed);
      Bits from = bits_of(t);
      if (VM_UNLIKELY(bits > from.bit_size)) return failed(am::short_, t);
      bits_copy(bytes, at, from.base, from.bit_offset, bits);
      p.reds -= static_cast<i64>(bits / kBitsPerReduction);
      return static_cast<i64>(bits);
    }
    case BsKind::BinaryAll: {
      Term t = source(p, s.value);
      Bits from = bits_of(t);
      if (VM_UNLIKELY(!unit_fits(from.bit_size, s.unit()))) return failed(am::unit, t);
      bits_copy(bytes, at, from.base, from.bit_offset, from.bit_size);
      p.reds -= static_cast<i64>(from.bit_size / kBitsPerReduction);
      return static_cast<i64>(from.bit_size);
    }
    case BsKind::Str:
      bits_copy(bytes, at, reinterpret_cast<const u8*>(s.value), 0, s.size);
      return static_cast<i64>(s.size);
    case BsKind::Utf8: {
      Term c = source(p, s.value);
      if (VM_UNLIKELY(!is_character(c))) return failed(am::type, c);
      return bits_put_utf8(bytes, at, static_cast<u32>(c.small_value()));
    }
    case BsKind::Utf16: {
      Term c = source(p, s.value);
      if (VM_UNLIKELY(!is_character(c))) return failed(am::type, c);
      return bits_put_utf16(bytes, at, s.flags(), static_cast<u32>(c.small_value()));
    }
    case BsKind::Utf32:
      bits_put_integer(bytes, at, 32, s.flags() & ~u32{kBitSigned}, source(p, s.value));
      return 32;
  }
  VM_PANIC("unknown segment");
}

Term kind_atom(BsKind kind) {
  switch (kind) {
    case BsKind::Integer:
    case BsKind::IntegerFixed:
      return am::integer;
    case BsKind::Float:
    case BsKind::FloatFixed:
      return am::float_;
    case BsKind::Utf8:
      return am::utf8;
    case BsKind::Utf16:
      return am::utf16;
    case BsKind::Utf32:
      return am::utf32;
    default:
      return am::binary;
  }
}

}  // namespace

namespace {
constexpr u64 kLongBits = u64{8} << 21;
}  // namespace

Term bs_create(Process& p, const BsSegment* segments, u32 count, u32 fixed_bits, u32 extra_words,
               u32 live, BsFailure* f) {
  u64 total = fixed_bits;
  if (fixed_bits == kBsNotFixed && VM_UNLIKELY(!total_bits(p, segments, count, &total, f))) {
    return Term::none();
  }
  if (VM_UNLIKELY(total > kLongBits) && p.on_scheduler()) {
    f->is_long = true;
    return Term::none();
  }
  Term result;
  u8* bytes;
  u64 at = 0;
  BsKind first = count == 0 ? BsKind::Str : segments[0].kind();
  if (first == BsKind::Append || first == BsKind::PrivateAppend) {
    const BsSegment& s = segments[0];
    f->segment = s.number();
    f->kind = s.kind();
    BsAppend a = first == BsKind::Append
                     ? bs_append(p, source(p, s.value), total, s.unit(), extra_words, live, f)
                     : bs_private_append(p, source(p, s.value), total, s.unit(), f);
    if (VM_UNLIKELY(a.binary.is_none())) return a.binary;
    result = a.binary;
    if (first == BsKind::PrivateAppend && extra_words != 0) {
      p.x[live] = result;
      p.live = live + 1;
      (void)p.reserve_in_block(extra_words);
      result = p.x[live];
    }
    if (total == 0) return result;
    bytes = a.bytes;
    at = a.at;
  } else {
    result = bs_allocate(p, total, extra_words, live, &bytes);
  }
  for (u32 i = 0; i < count; i++) {
    i64 bits = write_segment(p, segments[i], bytes, at, f);
    if (VM_UNLIKELY(bits < 0)) return Term::none();
    at += static_cast<u64>(bits);
  }
  return result;
}

BifResult raise_bs_failure(Process& p, const BsFailure& f) {
  Term reason = f.limit ? am::system_limit : am::badarg;
  if (f.segment == 0) return raise_error(p, reason);
  p.live = 0;
  LocalRoots<1> roots(p, f.value);
  Builder b = p.reserve(tuple_words(4) + tuple_words(3) + 5);
  Term cause = b.tuple({Term::small(f.segment), kind_atom(f.kind), f.error, roots[0]});
  // Keys in term order.
  Term keys = b.tuple({am::cause, am::function, am::module});
  Term* map = b.alloc(5);
  map[0] = Term::header(BoxedTag::FlatMap, 4);
  map[1] = keys;
  map[2] = cause;
  map[3] = am::format_bs_fail;
  map[4] = am::erl_erts_errors;
  (void)raise_error(p, reason);
  p.exc_flags = kExcErrorInfo;
  p.exc_info = Term::boxed(map);
  return Term::none();
}

}  // namespace lintel
