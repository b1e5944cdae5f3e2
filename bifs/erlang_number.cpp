// erlang and string: numbers to text and back.
#include <vector>

#include "vm/ops/arith.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"
#include "vm/term/float_text.h"

namespace lintel {

namespace {

// Characters converted per reduction.
constexpr u64 kCharsPerReduction = 16;

// Digits of an integer in one turn, either way: converting takes more than linear time.
constexpr u64 kDigitsAtOnce = 20000;

// Text of a number before its place on the heap is reserved.
class Scratch {
 public:
  explicit Scratch(u64 size) : p_(size <= sizeof fixed_ ? fixed_ : static_cast<char*>(vm_alloc(size))) {}
  ~Scratch() {
    if (p_ != fixed_) vm_free(p_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  char* get() { return p_; }

 private:
  char fixed_[256];
  char* p_;
};

enum class As { List, Binary };

// The same call, which has a base or has none, on a dirty thread.
BifResult call_on_dirty(Process& p, Term* args, bool has_base) {
  if (has_base) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
}

BifResult text_result(Process& p, std::string_view text, As as) {
  p.bump_reductions(static_cast<i64>(text.size() / kCharsPerReduction));
  if (as == As::Binary) return p.reserve(binary_words(text.size())).binary(text.data(), text.size());
  Builder heap = p.reserve(text.size() * kConsWords);
  return chars_to_list(heap, text);
}

bool base_arg(Term t, u32* base) {
  if (!t.is_small() || t.small_value() < 2 || t.small_value() > 36) return false;
  *base = static_cast<u32>(t.small_value());
  return true;
}

BifResult integer_text(Process& p, Term* args, bool has_base, As as) {
  u32 base = 10;
  if (!args[0].is_integer() || (has_base && !base_arg(args[1], &base))) return raise_badarg(p);
  u64 bound = integer_text_bound(args[0], base);
  if (is_long_work(p, bound, kDigitsAtOnce)) return call_on_dirty(p, args, has_base);
  Scratch text(bound);
  u64 n = integer_to_text(args[0], base, text.get());
  return text_result(p, {text.get(), n}, as);
}

// The longest integer at the head of a list of characters.
struct ListInteger {
  enum { Integer, NotAList, NoInteger } outcome;
  bool negative;
  std::vector<u8> digits;
  Term rest;
};

ListInteger scan_list_integer(Term list, u32 base) {
  ListInteger r{ListInteger::NoInteger, false, {}, list};
  if (list.is_nil()) return r;
  if (!list.is_list()) {
    r.outcome = ListInteger::NotAList;
    return r;
  }
  Term sign = list.head();
  if (sign == Term::small('-') || sign == Term::small('+')) {
    r.negative = sign == Term::small('-');
    list = list.tail();
  }
  for (; list.is_list(); list = list.tail()) {
    Term c = list.head();
    // Only the low byte counts, as in stock: 305 reads as '1'.
    if (!c.is_small() || digit_value(static_cast<u8>(c.small_value()), base) < 0) break;
    r.digits.push_back(static_cast<u8>(c.small_value()));
  }
  if (r.digits.empty()) return r;
  r.outcome = ListInteger::Integer;
  r.rest = list;
  return r;
}

BifResult build_integer(Process& p, bool negative, std::span<const u8> digits, u32 base) {
  p.bump_reductions(static_cast<i64>(digits.size() / kCharsPerReduction));
  while (digits.size() > 1 && digits[0] == '0') digits = digits.subspan(1);
  Builder heap = p.reserve(integer_from_digits_words(digits.size(), base));
  Term t = integer_from_digits(negative, digits, base, heap);
  if (t.is_none()) return raise_system_limit(p);
  return t;
}

BifResult list_integer(Process& p, Term* args, u32 base, bool has_base) {
  if (is_long_list(p, args[0], kDigitsAtOnce)) return call_on_dirty(p, args, has_base);
  ListInteger n = scan_list_integer(args[0], base);
  if (n.outcome != ListInteger::Integer || !n.rest.is_nil()) return raise_badarg(p);
  return build_integer(p, n.negative, n.digits, base);
}

// The bytes of a binary that need not start on a byte boundary; empty for anything else.
class BinaryBytes {
 public:
  explicit BinaryBytes(Term t) {
    if (!is_binary(t)) return;
    Bits bits = bits_of(t);
    size_ = bits.byte_size();
    if (bits.bit_offset == 0) {
      data_ = bits.base;
      return;
    }
    copy_.resize(size_);
    for (u64 i = 0; i < size_; i++) {
      copy_[i] = static_cast<u8>(bits.base[i] << bits.bit_offset | bits.base[i + 1] >> (8 - bits.bit_offset));
    }
    data_ = copy_.data();
  }
  std::span<const u8> get() const { return {data_, size_}; }

 private:
  const u8* data_ = nullptr;
  u64 size_ = 0;
  std::vector<u8> copy_;
};

BifResult binary_integer(Process& p, Term* args, u32 base, bool has_base) {
  if (is_binary(args[0]) && is_long_work(p, bitstring_bit_size(args[0]) / 8, kDigitsAtOnce)) {
    return call_on_dirty(p, args, has_base);
  }
  BinaryBytes bytes(args[0]);
  auto digits = bytes.get();
  if (digits.empty()) return raise_badarg(p);
  bool negative = digits[0] == '-';
  if (negative || digits[0] == '+') digits = digits.subspan(1);
  if (digits.empty()) return raise_badarg(p);
  for (u8 c : digits) {
    if (digit_value(c, base) < 0) return raise_badarg(p);
  }
  // The bytes may lie in the heap that the reservation moves.
  Scratch copy(digits.size());
  std::memcpy(copy.get(), digits.data(), digits.size());
  return build_integer(p, negative, {reinterpret_cast<u8*>(copy.get()), digits.size()}, base);
}

}  // namespace

BifResult erlang_integer_to_list_1(Process& p, Term* args) { return integer_text(p, args, false, As::List); }
BifResult erlang_integer_to_list_2(Process& p, Term* args) { return integer_text(p, args, true, As::List); }
BifResult erlang_integer_to_binary_1(Process& p, Term* args) { return integer_text(p, args, false, As::Binary); }
BifResult erlang_integer_to_binary_2(Process& p, Term* args) { return integer_text(p, args, true, As::Binary); }

BifResult erlang_list_to_integer_1(Process& p, Term* args) { return list_integer(p, args, 10, false); }
BifResult erlang_list_to_integer_2(Process& p, Term* args) {
  u32 base;
  if (!base_arg(args[1], &base)) return raise_badarg(p);
  return list_integer(p, args, base, true);
}

BifResult erlang_binary_to_integer_1(Process& p, Term* args) { return binary_integer(p, args, 10, false); }
BifResult erlang_binary_to_integer_2(Process& p, Term* args) {
  u32 base;
  if (!base_arg(args[1], &base)) return raise_badarg(p);
  return binary_integer(p, args, base, true);
}

// {Integer, Rest} | {error, no_integer | not_a_list}
BifResult string_list_to_integer_1(Process& p, Term* args) {
  if (is_long_list(p, args[0], kDigitsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  ListInteger n = scan_list_integer(args[0], 10);
  if (n.outcome != ListInteger::Integer) {
    Term why = n.outcome == ListInteger::NotAList ? am::not_a_list : am::no_integer;
    return p.reserve(tuple_words(2)).tuple({am::error, why});
  }
  LocalRoots<1> roots(p, n.rest);
  Builder heap = p.reserve(integer_from_digits_words(n.digits.size(), 10) + tuple_words(2));
  Term t = integer_from_digits(n.negative, n.digits, 10, heap);
  if (t.is_none()) return raise_system_limit(p);
  return heap.tuple({t, roots[0]});
}

// ---- floats ----

namespace {

BifResult float_text(Process& p, Term number, Term options, As as) {
  enum { Short, Fixed, Scientific } format = Scientific;
  i64 decimals = 20;
  bool compact = false;
  if (!number.is_float()) return raise_badarg(p);
  for (; options.is_list(); options = options.tail()) {
    Term o = options.head();
    if (o == am::compact) {
      compact = true;
    } else if (o == am::short_) {
      format = Short;
    } else if (is_tuple_of(o, 2) && tuple_element(o, 1).is_small()) {
      decimals = tuple_element(o, 1).small_value();
      if (tuple_element(o, 0) == am::decimals) {
        format = Fixed;
      } else if (tuple_element(o, 0) == am::scientific) {
        format = Scientific;
      } else {
        return raise_badarg(p);
      }
    } else {
      return raise_badarg(p);
    }
  }
  if (!options.is_nil()) return raise_badarg(p);

  char text[256];
  u32 n = 0;
  double d = float_value(number);
  switch (format) {
    case Short: n = float_to_short(d, text); break;
    case Fixed:
      if (decimals >= 0) n = float_to_fixed(d, static_cast<u32>(std::min<i64>(decimals, 300)), compact, text, sizeof text);
      break;
    case Scientific:
      // A negative number of digits means printf's default.
      n = float_to_scientific(d, decimals < 0 ? 6 : static_cast<u32>(std::min<i64>(decimals, 300)), text, sizeof text);
      break;
  }
  if (n == 0) return raise_badarg(p);
  return text_result(p, {text, n}, as);
}

BifResult text_float(Process& p, std::string_view text) {
  // The text ends at a zero byte, as in stock.
  double d;
  if (!float_from_text(text.substr(0, text.find('\0')), &d)) return raise_badarg(p);
  return p.reserve(kFloatWords).floating(d);
}

}  // namespace

BifResult erlang_float_to_list_1(Process& p, Term* args) { return float_text(p, args[0], Term::nil(), As::List); }
BifResult erlang_float_to_list_2(Process& p, Term* args) { return float_text(p, args[0], args[1], As::List); }
BifResult erlang_float_to_binary_1(Process& p, Term* args) { return float_text(p, args[0], Term::nil(), As::Binary); }
BifResult erlang_float_to_binary_2(Process& p, Term* args) { return float_text(p, args[0], args[1], As::Binary); }

BifResult erlang_list_to_float_1(Process& p, Term* args) {
  i64 length = list_length(args[0]);
  if (length < 0) return raise_badarg(p);
  Scratch text(static_cast<u64>(length));
  u64 n = 0;
  for (Term l = args[0]; l.is_list(); l = l.tail()) {
    Term c = l.head();
    if (!c.is_small() || c.small_value() < 0 || c.small_value() > 255) return raise_badarg(p);
    text.get()[n++] = static_cast<char>(c.small_value());
  }
  return text_float(p, {text.get(), n});
}

BifResult erlang_binary_to_float_1(Process& p, Term* args) {
  BinaryBytes bytes(args[0]);
  auto text = bytes.get();
  return text_float(p, {reinterpret_cast<const char*>(text.data()), text.size()});
}

// {Float, Rest} | {error, no_float | not_a_list}. Takes the longest float at the list's head.
BifResult string_list_to_float_1(Process& p, Term* args) {
  auto none = [&](Term why) -> BifResult { return p.reserve(tuple_words(2)).tuple({am::error, why}); };
  Term list = args[0];
  if (list.is_nil()) return none(am::no_float);
  if (!list.is_list()) return none(am::not_a_list);
  std::vector<char> text;
  auto peek = [&]() -> i64 { return list.is_list() && list.head().is_small() ? list.head().small_value() : -1; };
  auto take = [&] {
    text.push_back(static_cast<char>(peek()));
    list = list.tail();
  };
  auto sign = [&] {
    if (peek() == '+' || peek() == '-') take();
  };
  auto digits = [&] {
    while (peek() >= '0' && peek() <= '9') take();
  };
  sign();
  digits();
  if (peek() != '.' && peek() != ',') return none(am::no_float);
  take();
  digits();
  if (peek() == 'e' || peek() == 'E') {
    // Only an exponent if a digit follows; else the float ends in front of the e.
    size_t end = text.size();
    Term before = list;
    take();
    sign();
    if (peek() >= '0' && peek() <= '9') {
      digits();
    } else {
      text.resize(end);
      list = before;
    }
  }
  double d;
  if (!float_from_text({text.data(), text.size()}, &d)) return none(am::no_float);
  LocalRoots<1> roots(p, list);
  Builder heap = p.reserve(kFloatWords + tuple_words(2));
  Term f = heap.floating(d);
  return heap.tuple({f, roots[0]});
}

}  // namespace lintel
