// A term: one opaque 64-bit word. All tag arithmetic is in this file.
//
//   low 3 bits   what
//   000          small integer, 60 bits: value << 4. Two smalls are tested by (a|b)&7 == 0 and
//                added with one add and one overflow test. A bit more would be free, but programs
//                see where the stock VM's end (erts_debug:size/1, the sizes of heaps).
//   001          list cell: pointer + 1, two words {head, tail}
//   010          boxed object: pointer + 2 to a header word
//   011          immediate: bits 3..5 say which (atom, pid, port, nil, catch), the rest is data
//   100          return address into machine code      (only on a stack)
//   101          return address into interpreter code  (only on a stack)
//   110          header: arity << 8 | subtag << 3 | 6  (only as the first word of a boxed object)
//   111          none: no term at all (an absent value, a moved-cell mark)
//
// A header's arity is the number of words that follow it, for every kind of object, so the collector
// and the copier need no table of sizes. Objects of a kind marked Terms (term_tags.def) hold raw
// integers as smalls and raw pointers 8-byte aligned, so that scanning them needs no table either.
//
// Nothing here allocates or collects. Views over boxed data are in vm/term/boxed.h.
#pragma once
#include "vm/base/types.h"

namespace lintel {

class Term;

enum class Tag : u32 {
  Small = 0,
  List = 1,
  Boxed = 2,
  Imm = 3,
  NativeReturn = 4,
  InterpReturn = 5,
  Header = 6,
  None = 7,
};

enum class ImmTag : u32 { Atom = 0, Pid = 1, Port = 2, Nil = 3, Catch = 4 };

enum class BoxedTag : u32 {
#define BOXED(name, subtag, contents) name = subtag,
#include "vm/tables/term_tags.def"
#undef BOXED
};

inline constexpr u32 kSmallShift = 4;
inline constexpr i64 kSmallMax = (i64{1} << (63 - kSmallShift)) - 1;
inline constexpr i64 kSmallMin = -(i64{1} << (63 - kSmallShift));

class Term {
 public:
  Term() = default;
  constexpr explicit Term(Word bits) : w_(bits) {}
  constexpr Word bits() const { return w_; }

  // Identity of the word: equal for identical immediates and for the same heap object.
  friend constexpr bool operator==(Term a, Term b) { return a.w_ == b.w_; }
  friend constexpr bool operator!=(Term a, Term b) { return a.w_ != b.w_; }

  // -- makers
  static constexpr Term none() { return Term(7); }
  static constexpr Term nil() { return Term((Word{3} << 3) | 3); }
  static constexpr Term small(i64 v) {
    return Term(static_cast<Word>(v) << kSmallShift);
  }
  static constexpr bool fits_small(i64 v) { return v >= kSmallMin && v <= kSmallMax; }
  static constexpr Term atom(u32 index) { return Term((Word{index} << 6) | 3); }
  static constexpr Term pid(u64 data) { return Term((data << 6) | (1 << 3) | 3); }
  static constexpr Term port(u64 data) { return Term((data << 6) | (2 << 3) | 3); }
  static constexpr Term catch_tag(u64 index) { return Term((index << 6) | (4 << 3) | 3); }
  static constexpr Term header(BoxedTag tag, u64 arity) {
    return Term((arity << 8) | (static_cast<Word>(tag) << 3) | 6);
  }
  static Term list(const Term* cell) { return Term(reinterpret_cast<Word>(cell) + 1); }
  static Term boxed(const Term* object) { return Term(reinterpret_cast<Word>(object) + 2); }
  // A raw word inside a Terms object: an 8-byte aligned pointer, read back with raw_pointer().
  static Term raw_pointer(const void* p) { return Term(reinterpret_cast<Word>(p)); }
  static Term interp_return(const Word* pc) { return Term(reinterpret_cast<Word>(pc) | 5); }

  // -- tests
  constexpr Tag tag() const { return static_cast<Tag>(w_ & 7); }
  constexpr bool is_none() const { return w_ == 7; }
  constexpr bool is_small() const { return (w_ & 7) == 0; }
  constexpr bool is_list() const { return (w_ & 7) == 1; }  // a cell; [] is is_nil()
  constexpr bool is_boxed() const { return (w_ & 7) == 2; }
  constexpr bool is_imm() const { return (w_ & 7) == 3 || (w_ & 7) == 0; }
  constexpr bool is_pointer() const { return (w_ & 7) == 1 || (w_ & 7) == 2; }
  constexpr bool is_header() const { return (w_ & 7) == 6; }
  constexpr bool is_atom() const { return (w_ & 63) == 3; }
  constexpr bool is_local_pid() const { return (w_ & 63) == 11; }
  constexpr bool is_local_port() const { return (w_ & 63) == 19; }
  constexpr bool is_nil() const { return w_ == 27; }
  constexpr bool is_catch() const { return (w_ & 63) == 35; }
  constexpr bool is_return_address() const { return (w_ & 6) == 4; }
  constexpr bool is_interp_return() const { return (w_ & 7) == 5; }

  // A boxed object of the given kind.
  bool is(BoxedTag t) const { return is_boxed() && boxed_tag() == t; }
  bool is_tuple() const { return is(BoxedTag::Tuple); }
  bool is_float() const { return is(BoxedTag::Float); }
  bool is_big() const {
    return is_boxed() && (boxed_tag() == BoxedTag::BigPos || boxed_tag() == BoxedTag::BigNeg);
  }
  bool is_integer() const { return is_small() || is_big(); }
  bool is_number() const { return is_small() || is_big() || is_float(); }
  bool is_map() const {
    return is_boxed() && (boxed_tag() == BoxedTag::FlatMap || boxed_tag() == BoxedTag::HamtRoot);
  }
  bool is_fun() const {
    return is_boxed() && (boxed_tag() == BoxedTag::Fun || boxed_tag() == BoxedTag::Export);
  }
  bool is_local_ref() const {
    return is_boxed() && (boxed_tag() == BoxedTag::Ref || boxed_tag() == BoxedTag::MagicRef);
  }
  bool is_ref() const { return is_local_ref() || is(BoxedTag::ExtRef); }
  bool is_pid() const { return is_local_pid() || is(BoxedTag::ExtPid); }
  bool is_port() const { return is_local_port() || is(BoxedTag::ExtPort); }
  // Any bitstring, match contexts excluded.
  bool is_bitstring() const {
    return is_boxed() && (boxed_tag() == BoxedTag::HeapBinary ||
                          boxed_tag() == BoxedTag::RefcBinary || boxed_tag() == BoxedTag::SubBinary);
  }

  // -- readers; the caller knows the tag
  constexpr i64 small_value() const {
    VM_ASSERT(is_small());
    return static_cast<i64>(w_) >> kSmallShift;
  }
  constexpr u32 atom_index() const {
    VM_ASSERT(is_atom());
    return static_cast<u32>(w_ >> 6);
  }
  constexpr u64 pid_data() const {
    VM_ASSERT(is_local_pid());
    return w_ >> 6;
  }
  constexpr u64 port_data() const {
    VM_ASSERT(is_local_port());
    return w_ >> 6;
  }
  constexpr u64 catch_index() const { return w_ >> 6; }
  Term* cell() const {
    VM_ASSERT(is_list());
    return reinterpret_cast<Term*>(w_ - 1);
  }
  Term head() const { return cell()[0]; }
  Term tail() const { return cell()[1]; }
  Term* object() const {
    VM_ASSERT(is_boxed());
    return reinterpret_cast<Term*>(w_ - 2);
  }
  // Address of a list cell or boxed object.
  Term* address() const {
    VM_ASSERT(is_pointer());
    return reinterpret_cast<Term*>(w_ & ~Word{7});
  }
  Term header_word() const { return object()[0]; }
  BoxedTag boxed_tag() const { return header_word().header_tag(); }
  const Word* return_address() const { return reinterpret_cast<const Word*>(w_ & ~Word{7}); }
  template <typename T>
  T* as_raw_pointer() const {
    return reinterpret_cast<T*>(w_);
  }

  // -- of a header word
  constexpr BoxedTag header_tag() const {
    VM_ASSERT(is_header());
    return static_cast<BoxedTag>((w_ >> 3) & 31);
  }
  constexpr u64 header_arity() const {
    VM_ASSERT(is_header());
    return w_ >> 8;
  }
  constexpr bool header_is_raw() const { return (w_ & 128) != 0; }

 private:
  Word w_;
};

static_assert(sizeof(Term) == 8);
#define BOXED(name, subtag, contents)                                        \
  static_assert(Term::header(BoxedTag::name, 1).header_is_raw() ==           \
                (#contents[0] == 'R'));
#include "vm/tables/term_tags.def"
#undef BOXED

}  // namespace lintel
