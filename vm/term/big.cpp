#include "vm/term/big.h"

#include <gmp.h>

#include <algorithm>
#include <cmath>

#include "vm/base/alloc.h"

namespace lintel {

static_assert(sizeof(mp_limb_t) == 8 && GMP_NAIL_BITS == 0);

namespace {

mp_limb_t* as_limbs(u64* p) { return reinterpret_cast<mp_limb_t*>(p); }
const mp_limb_t* as_limbs(const u64* p) { return reinterpret_cast<const mp_limb_t*>(p); }

// Room for a result of up to `limbs` limbs, then its normal form.
class ResultLimbs {
 public:
  ResultLimbs(Builder& heap, u64 limbs)
      : heap_(heap), object_(heap.alloc(1 + limbs)), limbs_(reinterpret_cast<u64*>(object_ + 1)) {}

  u64* u64s() { return limbs_; }
  mp_limb_t* get() { return as_limbs(limbs_); }

  Term finish(bool negative, u64 count) {
    while (count > 0 && limbs_[count - 1] == 0) count--;
    if (count <= 1) {
      u64 m = count == 0 ? 0 : limbs_[0];
      if (m <= static_cast<u64>(kSmallMax) + negative) {
        heap_.shrink_to(object_);
        return Term::small(negative ? static_cast<i64>(u64{0} - m) : static_cast<i64>(m));
      }
    }
    if (VM_UNLIKELY(count > kMaxBigLimbs)) {
      heap_.shrink_to(object_);
      return Term::none();
    }
    heap_.shrink_to(object_ + 1 + count);
    object_[0] = Term::header(negative ? BoxedTag::BigNeg : BoxedTag::BigPos, count);
    return Term::boxed(object_);
  }

 private:
  Builder& heap_;
  Term* object_;
  u64* limbs_;
};

int compare_magnitude(const IntegerView& a, const IntegerView& b) {
  if (a.count() != b.count()) return a.count() < b.count() ? -1 : 1;
  if (a.count() == 0) return 0;
  return mpn_cmp(as_limbs(a.limbs()), as_limbs(b.limbs()), static_cast<mp_size_t>(a.count()));
}

mp_size_t size(u64 n) { return static_cast<mp_size_t>(n); }

// a + b with b's sign given, so that it serves subtraction.
Term add_signed(const IntegerView& a, const IntegerView& b, bool b_negative, Builder& heap) {
  const IntegerView* x = &a;
  const IntegerView* y = &b;
  ResultLimbs r(heap, std::max(a.count(), b.count()) + 1);
  if (a.negative() == b_negative) {
    if (x->count() < y->count()) std::swap(x, y);
    if (x->count() == 0) return r.finish(false, 0);
    u64 n = x->count();
    r.u64s()[n] = mpn_add(r.get(), as_limbs(x->limbs()), size(n), as_limbs(y->limbs()), size(y->count()));
    return r.finish(a.negative(), n + 1);
  }
  int order = compare_magnitude(a, b);
  if (order == 0) return r.finish(false, 0);
  bool negative = a.negative();
  if (order < 0) {
    std::swap(x, y);
    negative = b_negative;
  }
  mpn_sub(r.get(), as_limbs(x->limbs()), size(x->count()), as_limbs(y->limbs()), size(y->count()));
  return r.finish(negative, x->count());
}

// Limbs of a number in two's complement, from the lowest, endlessly sign-extended.
class TwosLimbs {
 public:
  explicit TwosLimbs(const IntegerView& v) : v_(v), carry_(v.negative()) {}
  u64 next() {
    u64 limb = i_ < v_.count() ? v_.limbs()[i_] : 0;
    i_++;
    if (!v_.negative()) return limb;
    limb = ~limb + carry_;
    carry_ = carry_ && limb == 0;
    return limb;
  }

 private:
  const IntegerView& v_;
  u64 i_ = 0;
  bool carry_;
};

template <typename Op>
Term bit_operation(Term ta, Term tb, Builder& heap, Op op) {
  IntegerView a(ta), b(tb);
  u64 n = std::max(a.count(), b.count());
  ResultLimbs r(heap, n + 1);
  TwosLimbs x(a), y(b);
  for (u64 i = 0; i < n; i++) r.u64s()[i] = op(x.next(), y.next());
  bool negative = op(a.negative() ? ~u64{0} : 0, b.negative() ? ~u64{0} : 0) != 0;
  if (!negative) return r.finish(false, n);
  // The magnitude of the negative number whose low limbs these are.
  r.u64s()[n] = ~u64{0};
  mpn_neg(r.get(), r.get(), size(n + 1));
  return r.finish(true, n + 1);
}

}  // namespace

// ---- arithmetic ----

u64 integer_add_words(Term a, Term b) {
  u64 n = std::max(a.is_small() ? 1 : big_limb_count(a), b.is_small() ? 1 : big_limb_count(b));
  return 1 + n + 1;
}

Term integer_add(Term ta, Term tb, Builder& heap) {
  IntegerView a(ta), b(tb);
  return add_signed(a, b, b.negative(), heap);
}

Term integer_sub(Term ta, Term tb, Builder& heap) {
  IntegerView a(ta), b(tb);
  return add_signed(a, b, !b.negative(), heap);
}

u64 integer_mul_words(Term a, Term b) {
  u64 n = (a.is_small() ? 1 : big_limb_count(a)) + (b.is_small() ? 1 : big_limb_count(b));
  return n > kMaxBigLimbs + 1 ? 1 : 1 + n;  // too big: integer_mul says so without room
}

Term integer_mul(Term ta, Term tb, Builder& heap) {
  IntegerView a(ta), b(tb);
  const IntegerView* x = &a;
  const IntegerView* y = &b;
  if (x->count() < y->count()) std::swap(x, y);
  u64 n = x->count() + y->count();
  // The product has n or n - 1 limbs.
  if (n > kMaxBigLimbs + 1) return Term::none();
  ResultLimbs r(heap, n);
  if (y->count() == 0) return r.finish(false, 0);
  if (y->count() == 1) {
    r.u64s()[n - 1] = mpn_mul_1(r.get(), as_limbs(x->limbs()), size(x->count()), y->limbs()[0]);
  } else if (x->limbs() == y->limbs()) {
    mpn_sqr(r.get(), as_limbs(x->limbs()), size(x->count()));
  } else {
    mpn_mul(r.get(), as_limbs(x->limbs()), size(x->count()), as_limbs(y->limbs()), size(y->count()));
  }
  return r.finish(a.negative() != b.negative(), n);
}

u64 integer_div_words(Term ta, Term tb) {
  u64 a = ta.is_small() ? 1 : big_limb_count(ta);
  u64 b = tb.is_small() ? 1 : big_limb_count(tb);
  if (a < b) return 2;
  // Quotient, and behind it scratch for the remainder.
  return 1 + (a - b + 1) + (b + 1);
}

Term integer_div(Term ta, Term tb, Builder& heap) {
  IntegerView a(ta), b(tb);
  VM_ASSERT(b.count() > 0);
  if (a.count() < b.count()) return Term::small(0);
  if (a.count() == 0) return Term::small(0);
  u64 qn = a.count() - b.count() + 1;
  bool negative = a.negative() != b.negative();
  if (b.count() == 1) {
    ResultLimbs q(heap, qn);
    mpn_divrem_1(q.get(), 0, as_limbs(a.limbs()), size(a.count()), b.limbs()[0]);
    return q.finish(negative, qn);
  }
  ResultLimbs q(heap, qn + b.count());
  mpn_tdiv_qr(q.get(), q.get() + qn, 0, as_limbs(a.limbs()), size(a.count()), as_limbs(b.limbs()), size(b.count()));
  return q.finish(negative, qn);
}

u64 integer_rem_words(Term a, Term b) { return integer_div_words(a, b) + 1; }

Term integer_rem(Term ta, Term tb, Builder& heap) {
  IntegerView a(ta), b(tb);
  VM_ASSERT(b.count() > 0);
  if (compare_magnitude(a, b) < 0) return ta;
  if (b.count() == 1) {
    ResultLimbs r(heap, 1);
    r.u64s()[0] = mpn_mod_1(as_limbs(a.limbs()), size(a.count()), b.limbs()[0]);
    return r.finish(a.negative(), 1);
  }
  u64 qn = a.count() - b.count() + 1;
  ResultLimbs r(heap, b.count() + qn);
  mpn_tdiv_qr(r.get() + b.count(), r.get(), 0, as_limbs(a.limbs()), size(a.count()), as_limbs(b.limbs()), size(b.count()));
  return r.finish(a.negative(), b.count());
}

u64 integer_negate_words(Term a) { return 1 + (a.is_small() ? 1 : big_limb_count(a)); }

Term integer_negate(Term ta, Builder& heap) {
  IntegerView a(ta);
  return integer_from_limbs(!a.negative(), a.limbs(), a.count(), heap);
}

// ---- bits ----

u64 integer_bitop_words(Term a, Term b) { return integer_add_words(a, b); }

Term integer_band(Term a, Term b, Builder& heap) {
  return bit_operation(a, b, heap, [](u64 x, u64 y) { return x & y; });
}
Term integer_bor(Term a, Term b, Builder& heap) {
  return bit_operation(a, b, heap, [](u64 x, u64 y) { return x | y; });
}
Term integer_bxor(Term a, Term b, Builder& heap) {
  return bit_operation(a, b, heap, [](u64 x, u64 y) { return x ^ y; });
}

u64 integer_bnot_words(Term a) { return 2 + (a.is_small() ? 1 : big_limb_count(a)); }

Term integer_bnot(Term a, Builder& heap) {
  // bnot X is -X - 1, which is -1 - X.
  IntegerView x(a), minus_one(Term::small(-1));
  return add_signed(minus_one, x, !x.negative(), heap);
}

u64 integer_shift_words(Term a, i64 shift) {
  u64 n = a.is_small() ? 1 : big_limb_count(a);
  if (shift <= 0) {
    u64 whole = (u64{0} - static_cast<u64>(shift)) / 64;
    return 1 + (whole >= n ? 1 : n - whole + 1);
  }
  if (a == Term::small(0)) return 2;
  u64 bits = IntegerView(a).bit_length();
  if (static_cast<u64>(shift) > kMaxBigLimbs * 64 - bits) return kShiftTooBig;
  return 1 + n + static_cast<u64>(shift) / 64 + 1;
}

Term integer_shift(Term ta, i64 shift, Builder& heap) {
  IntegerView a(ta);
  if (a.count() == 0 || shift == 0) return ta;
  if (shift > 0) {
    u64 whole = static_cast<u64>(shift) / 64;
    u32 part = static_cast<u32>(shift % 64);
    u64 n = a.count() + whole + 1;
    ResultLimbs r(heap, n);
    std::fill_n(r.u64s(), whole, 0);
    if (part != 0) {
      r.u64s()[n - 1] = mpn_lshift(r.get() + whole, as_limbs(a.limbs()), size(a.count()), part);
    } else {
      mpn_copyi(r.get() + whole, as_limbs(a.limbs()), size(a.count()));
      r.u64s()[n - 1] = 0;
    }
    return r.finish(a.negative(), n);
  }
  u64 right = u64{0} - static_cast<u64>(shift);
  u64 whole = right / 64;
  u32 part = static_cast<u32>(right % 64);
  if (whole >= a.count()) return Term::small(a.negative() ? -1 : 0);
  u64 n = a.count() - whole;
  ResultLimbs r(heap, n + 1);
  bool lost = false;  // any one bit shifted out: rounding down moves a negative number away from 0
  for (u64 i = 0; i < whole && !lost; i++) lost = a.limbs()[i] != 0;
  if (part != 0) {
    lost |= mpn_rshift(r.get(), as_limbs(a.limbs() + whole), size(n), part) != 0;
  } else {
    mpn_copyi(r.get(), as_limbs(a.limbs() + whole), size(n));
  }
  r.u64s()[n] = 0;
  if (a.negative() && lost) r.u64s()[n] = mpn_add_1(r.get(), r.get(), size(n), 1);
  return r.finish(a.negative(), n + 1);
}

// ---- order ----

int integer_compare(Term ta, Term tb) {
  if (ta.is_small() && tb.is_small()) {
    i64 a = ta.small_value(), b = tb.small_value();
    return a < b ? -1 : a > b;
  }
  IntegerView a(ta), b(tb);
  if (a.negative() != b.negative()) return a.negative() ? -1 : 1;
  int c = compare_magnitude(a, b);
  return a.negative() ? -c : c;
}

int integer_compare_double(Term ta, double d) {
  IntegerView a(ta);
  bool d_negative = d < 0;
  if (d == 0) return a.count() == 0 ? 0 : a.negative() ? -1 : 1;
  if (a.count() == 0) return d_negative ? 1 : -1;
  if (a.negative() != d_negative) return a.negative() ? -1 : 1;
  int sign = a.negative() ? -1 : 1;
  int exponent;
  double fraction = std::frexp(std::fabs(d), &exponent);  // in [0.5, 1): d has `exponent` bits
  i64 bits = static_cast<i64>(a.bit_length());
  if (bits != exponent) return bits < exponent ? -sign : sign;
  // Both magnitudes are in [2^(bits-1), 2^bits): compare the 64 bits from the top, then the rest.
  u64 top = static_cast<u64>(std::ldexp(fraction, 64));
  u64 a_top = a.limbs()[a.count() - 1];
  u32 room = static_cast<u32>(__builtin_clzll(a_top));
  if (room != 0) {
    a_top <<= room;
    if (a.count() > 1) a_top |= a.limbs()[a.count() - 2] >> (64 - room);
  }
  if (a_top != top) return a_top < top ? -sign : sign;
  // d ends within those 64 bits; the integer may go on.
  if (a.count() > 1) {
    if (room != 0 && (a.limbs()[a.count() - 2] << room) != 0) return sign;
    for (u64 i = 0; i + (room != 0 ? 2 : 1) < a.count(); i++) {
      if (a.limbs()[i] != 0) return sign;
    }
  }
  return 0;
}

// ---- conversion ----

bool integer_to_double(Term t, double* out) {
  if (t.is_small()) {
    *out = static_cast<double>(t.small_value());
    return true;
  }
  const u64* limbs = big_limbs(t);
  double d = 0;
  for (u64 i = big_limb_count(t); i-- > 0;) {
    d = d * 18446744073709551616.0 + static_cast<double>(limbs[i]);
    if (!std::isfinite(d)) return false;
  }
  *out = big_is_negative(t) ? -d : d;
  return true;
}

Term integer_from_double(double d, Builder& heap) {
  constexpr double kBound = static_cast<double>(kSmallMax + 1);
  if (d >= -kBound && d < kBound) return Term::small(static_cast<i64>(d));
  int exponent;
  double fraction = std::frexp(std::fabs(d), &exponent);  // |d| = fraction * 2^exponent, exponent >= 60
  u64 mantissa = static_cast<u64>(std::ldexp(fraction, 53));
  u32 shift = static_cast<u32>(exponent - 53);
  u64 whole = shift / 64;
  u32 part = shift % 64;
  ResultLimbs r(heap, kIntegerFromDoubleWords - 1);
  std::fill_n(r.u64s(), whole, 0);
  u64 n = whole;
  r.u64s()[n++] = mantissa << part;
  if (part > 11) r.u64s()[n++] = mantissa >> (64 - part);
  return r.finish(d < 0, n);
}

bool integer_to_i64(Term t, i64* out) {
  if (t.is_small()) {
    *out = t.small_value();
    return true;
  }
  if (!t.is_big() || big_limb_count(t) != 1) return false;
  u64 m = big_limbs(t)[0];
  if (big_is_negative(t)) {
    if (m > u64{1} << 63) return false;
    *out = static_cast<i64>(u64{0} - m);
  } else {
    if (m >= u64{1} << 63) return false;
    *out = static_cast<i64>(m);
  }
  return true;
}

bool integer_to_u64(Term t, u64* out) {
  if (t.is_small()) {
    *out = static_cast<u64>(t.small_value());
    return t.small_value() >= 0;
  }
  if (!t.is_big() || big_limb_count(t) != 1 || big_is_negative(t)) return false;
  *out = big_limbs(t)[0];
  return true;
}

Term integer_from_limbs(bool negative, const u64* limbs, u64 count, Builder& heap) {
  while (count > 0 && limbs[count - 1] == 0) count--;
  if (count > kMaxBigLimbs) return Term::none();
  ResultLimbs r(heap, count);
  std::copy_n(limbs, count, r.u64s());
  return r.finish(negative, count);
}

Term integer_from_bytes(bool negative, const u8* bytes, u64 count, bool little, Builder& heap) {
  if (little) {
    while (count > 0 && bytes[count - 1] == 0) count--;
  } else {
    while (count > 0 && bytes[0] == 0) bytes++, count--;
  }
  u64 n = words_for_bytes(count);
  if (n > kMaxBigLimbs) return Term::none();
  ResultLimbs r(heap, n);
  u64 whole = count / 8;
  u64 i = 0;
  for (; i < whole; i++) {
    u64 limb;
    if (little) {
      std::memcpy(&limb, bytes + i * 8, 8);
    } else {
      std::memcpy(&limb, bytes + count - (i + 1) * 8, 8);
      limb = __builtin_bswap64(limb);
    }
    r.u64s()[i] = limb;
  }
  if (u64 rest = count % 8; rest != 0) {
    u64 limb = 0;
    for (u64 k = 0; k < rest; k++) {
      limb |= static_cast<u64>(little ? bytes[i * 8 + k] : bytes[rest - 1 - k]) << (8 * k);
    }
    r.u64s()[i] = limb;
  }
  return r.finish(negative, n);
}

u64 integer_magnitude_bytes(Term t) { return (IntegerView(t).bit_length() + 7) / 8; }

void integer_magnitude_to_bytes(Term t, u8* to, bool little) {
  IntegerView a(t);
  u64 count = (a.bit_length() + 7) / 8;
  u64 whole = count / 8;
  for (u64 i = 0; i < whole; i++) {
    u64 limb = a.limbs()[i];
    if (little) {
      std::memcpy(to + i * 8, &limb, 8);
    } else {
      limb = __builtin_bswap64(limb);
      std::memcpy(to + count - (i + 1) * 8, &limb, 8);
    }
  }
  u64 rest = count % 8;
  for (u64 k = 0; k < rest; k++) {
    u8 byte = static_cast<u8>(a.limbs()[whole] >> (8 * k));
    to[little ? whole * 8 + k : rest - 1 - k] = byte;
  }
}

// ---- text ----

namespace {

// 1024 / log2(base) rounded up, and 1024 * log2(base) rounded up: characters per bit and back.
struct BaseFacts {
  u32 chars_per_1024_bits;
  u32 bits_per_1024_chars;
};
const BaseFacts* base_facts() {
  static const auto table = [] {
    struct {
      BaseFacts of[37];
    } t{};
    for (u32 b = 2; b <= 36; b++) {
      t.of[b] = {static_cast<u32>(std::ceil(1024 / std::log2(b) + 1e-6)),
                 static_cast<u32>(std::ceil(1024 * std::log2(b) + 1e-6))};
    }
    return t;
  }();
  return table.of;
}

const char kDigits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

u64 u64_to_text(u64 v, u32 base, char* to) {
  char buffer[64];
  u32 n = 0;
  if (base == 10) {
    do {
      buffer[n++] = static_cast<char>('0' + v % 10);
      v /= 10;
    } while (v != 0);
  } else {
    do {
      buffer[n++] = kDigits[v % base];
      v /= base;
    } while (v != 0);
  }
  for (u32 i = 0; i < n; i++) to[i] = buffer[n - 1 - i];
  return n;
}

}  // namespace

u64 integer_text_bound(Term t, u32 base) {
  u64 bits = IntegerView(t).bit_length();
  return bits * base_facts()[base].chars_per_1024_bits / 1024 + 3;
}

u64 integer_to_text(Term t, u32 base, char* to) {
  IntegerView a(t);
  char* start = to;
  if (a.negative()) *to++ = '-';
  if (a.count() <= 1) {
    to += u64_to_text(a.count() == 0 ? 0 : a.limbs()[0], base, to);
    return static_cast<u64>(to - start);
  }
  // mpn_get_str destroys its operand, and gives digit values with no leading zero but perhaps one.
  u64 on_stack[64];
  u64* copy = a.count() < 64 ? on_stack : vm_alloc_array<u64>(a.count() + 1);
  std::copy_n(a.limbs(), a.count(), copy);
  auto* digits = reinterpret_cast<unsigned char*>(to);
  u64 n = mpn_get_str(digits, static_cast<int>(base), as_limbs(copy), size(a.count()));
  if (copy != on_stack) vm_free(copy);
  u64 zeros = 0;
  while (zeros + 1 < n && digits[zeros] == 0) zeros++;
  for (u64 i = zeros; i < n; i++) to[i - zeros] = kDigits[digits[i]];
  return static_cast<u64>(to - start) + n - zeros;
}

int digit_value(u32 ch, u32 base) {
  u32 v;
  if (ch - '0' < 10) {
    v = ch - '0';
  } else if (ch - 'A' < 26) {
    v = ch - 'A' + 10;
  } else if (ch - 'a' < 26) {
    v = ch - 'a' + 10;
  } else {
    return -1;
  }
  return v < base ? static_cast<int>(v) : -1;
}

u64 integer_from_digits_words(u64 digits, u32 base) {
  u128 bits = static_cast<u128>(digits) * base_facts()[base].bits_per_1024_chars / 1024 + 1;
  return 1 + static_cast<u64>(bits / 64) + 2;
}

Term integer_from_digits(bool negative, std::span<const u8> digits, u32 base, Builder& heap) {
  while (digits.size() > 1 && digits[0] == '0') digits = digits.subspan(1);
  // 36^11 and 10^17 are smalls.
  static_assert(kSmallMax > 131'621'703'842'267'136 && kSmallMax > 100'000'000'000'000'000);
  if (digits.size() <= 11 || (base <= 10 && digits.size() <= 17)) {
    i64 v = 0;
    for (u8 c : digits) v = v * base + digit_value(c, base);
    return Term::small(negative ? -v : v);
  }
  u64 words = integer_from_digits_words(digits.size(), base);
  if (words > kMaxBigLimbs + 16) return Term::none();
  ResultLimbs r(heap, words - 1);
  u8 on_stack[512];
  u8* values = digits.size() <= sizeof on_stack ? on_stack : vm_alloc_array<u8>(digits.size());
  for (u64 i = 0; i < digits.size(); i++) values[i] = static_cast<u8>(digit_value(digits[i], base));
  u64 n = static_cast<u64>(mpn_set_str(r.get(), values, digits.size(), static_cast<int>(base)));
  if (values != on_stack) vm_free(values);
  return r.finish(negative, n);
}

}  // namespace lintel
