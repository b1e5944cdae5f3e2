#include "vm/term/float_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "vm/base/alloc.h"

namespace lintel {

namespace {

// |d| = digits * 10^exponent with no trailing zero among the digits.
struct Decimal {
  char digits[20];
  i32 count;
  i32 exponent;
};

Decimal shortest_decimal(double magnitude) {
  char text[kShortFloatChars];
  auto end = std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific).ptr;
  Decimal r{};
  char* p = text;
  for (; p < end && *p != 'e'; p++) {
    if (*p != '.') r.digits[r.count++] = *p;
  }
  i32 power = 0;
  p++;
  if (*p == '+') p++;
  std::from_chars(p, end, power);
  while (r.count > 1 && r.digits[r.count - 1] == '0') r.count--;
  r.exponent = power - (r.count - 1);
  return r;
}

// Whether the fixed form is at most as long as the scientific one. At equal length fixed wins. The
// scientific form is d.ddde<exp> with at least one digit behind the point.
bool prefers_fixed(const Decimal& v, double magnitude) {
  i32 power = v.exponent + v.count - 1;
  i32 lowest = v.count == 1 ? -4 : -(v.count + 2);
  i32 highest = v.count == 1 || power >= 10 ? 2 : 1;
  if (v.exponent < lowest || v.exponent > highest) return false;
  return v.exponent < 0 || magnitude < 9007199254740992.0;
}

char* drop_trailing_zeros(char* start, char* end) {
  while (end > start && end[-1] == '0') end--;
  if (end > start && end[-1] == '.') end++;
  return end;
}

}  // namespace

u32 float_to_short(double d, char* to) {
  char* p = to;
  if (std::signbit(d)) *p++ = '-';
  double magnitude = std::fabs(d);
  if (magnitude == 0) {
    std::memcpy(p, "0.0", 3);
    return static_cast<u32>(p + 3 - to);
  }
  Decimal v = shortest_decimal(magnitude);
  if (prefers_fixed(v, magnitude)) {
    i32 whole = v.count + v.exponent;  // digits in front of the point
    if (v.exponent >= 0) {
      std::memcpy(p, v.digits, static_cast<size_t>(v.count));
      p += v.count;
      for (i32 i = 0; i < v.exponent; i++) *p++ = '0';
      *p++ = '.';
      *p++ = '0';
    } else if (whole > 0) {
      std::memcpy(p, v.digits, static_cast<size_t>(whole));
      p += whole;
      *p++ = '.';
      std::memcpy(p, v.digits + whole, static_cast<size_t>(v.count - whole));
      p += v.count - whole;
    } else {
      *p++ = '0';
      *p++ = '.';
      for (i32 i = whole; i < 0; i++) *p++ = '0';
      std::memcpy(p, v.digits, static_cast<size_t>(v.count));
      p += v.count;
    }
    return static_cast<u32>(p - to);
  }
  *p++ = v.digits[0];
  *p++ = '.';
  if (v.count == 1) {
    *p++ = '0';
  } else {
    std::memcpy(p, v.digits + 1, static_cast<size_t>(v.count - 1));
    p += v.count - 1;
  }
  *p++ = 'e';
  p = std::to_chars(p, p + 8, v.exponent + v.count - 1).ptr;
  return static_cast<u32>(p - to);
}

u32 float_to_scientific(double d, u32 decimals, char* to, u32 size) {
  int n = std::snprintf(to, size, "%.*e", static_cast<int>(decimals), d);
  return n < 0 || static_cast<u32>(n) >= size ? 0 : static_cast<u32>(n);
}

u32 float_to_fixed(double d, u32 decimals, bool compact, char* to, u32 size) {
  // Up to 18 decimals below 2^53 the stock VM scales the fraction in floating point and rounds it,
  // which differs from correct rounding in the last digit now and then. Its results are the rule.
  static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                  1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  double magnitude = std::fabs(d);
  if (magnitude > 9007199254740992.0 || decimals > 18) {
    int n = std::snprintf(to, size, "%.*f", static_cast<int>(decimals), d);
    if (n < 0 || static_cast<u32>(n) >= size) return 0;
    char* end = to + n;
    return static_cast<u32>((compact ? drop_trailing_zeros(to, end) : end) - to);
  }
  char text[64];
  char* p = text;
  if (std::signbit(d)) *p++ = '-';
  if (decimals == 0) {
    p = std::to_chars(p, text + sizeof text, static_cast<u64>(std::lround(magnitude))).ptr;
  } else {
    double whole = std::floor(magnitude);
    double scaled = std::round((magnitude - whole) * powers[decimals]);
    u64 whole_part = static_cast<u64>(whole);
    u64 fraction = static_cast<u64>(scaled);
    if (scaled >= powers[decimals]) {
      whole_part++;
      fraction = 0;
    }
    p = std::to_chars(p, text + sizeof text, whole_part).ptr;
    *p++ = '.';
    for (u32 i = decimals; i-- > 0;) {
      p[i] = static_cast<char>('0' + fraction % 10);
      fraction /= 10;
    }
    p += decimals;
    if (compact) p = drop_trailing_zeros(text, p);
  }
  u32 n = static_cast<u32>(p - text);
  if (n >= size) return 0;
  std::memcpy(to, text, n);
  return n;
}

bool float_from_text(std::string_view text, double* out) {
  size_t i = 0;
  auto digits = [&] {
    size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') i++;
    return i > start;
  };
  auto sign = [&] {
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) i++;
  };
  sign();
  size_t number_start = i;
  bool negative = i > 0 && text[0] == '-';
  if (!digits()) return false;
  if (i == text.size() || (text[i] != '.' && text[i] != ',')) return false;
  size_t point = i++;
  if (!digits()) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    i++;
    sign();
    if (!digits()) return false;
  }
  if (i != text.size()) return false;

  // strtod wants a terminator and a point; from_chars does not tell overflow from underflow.
  char small[64];
  size_t n = text.size() - number_start;
  char* copy = n < sizeof small ? small : static_cast<char*>(vm_alloc(n + 1));
  std::memcpy(copy, text.data() + number_start, n);
  copy[n] = 0;
  copy[point - number_start] = '.';
  double d;
  if (std::from_chars(copy, copy + n, d).ec != std::errc()) d = std::strtod(copy, nullptr);
  if (copy != small) vm_free(copy);
  if (!std::isfinite(d)) return false;
  *out = negative ? -d : d;
  return true;
}

}  // namespace lintel
