// binary: searching, splitting, copying and converting binaries. All take binaries of whole bytes.
#include <algorithm>
#include <vector>

#include "vm/sched/long_work.h"
#include "vm/ops/binary_part.h"
#include "vm/ops/byte_search.h"
#include "vm/ops/iolist.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

BifResult binary_part_of(Process& p, Term* binary, Term start, Term length);  // erlang_binary.cpp
BifResult erlang_list_to_binary_1(Process& p, Term* args);

namespace {

// Bytes looked at or moved per reduction.
constexpr u64 kBytesPerReduction = 256;

void bump_for_bytes(Process& p, u64 bytes) { p.bump_reductions(static_cast<i64>(bytes / kBytesPerReduction)); }

Term small_size(u64 n) { return Term::small(static_cast<i64>(n)); }

// ---- patterns ----

// What binary:compile_pattern/1 returns a reference to.
struct CompiledPattern : MagicData {
  BytePatterns patterns;
  explicit CompiledPattern(BytePatterns&& p) : patterns(std::move(p)) {}
};

void compiled_pattern_destroy(MagicData* data) { vm_delete(static_cast<CompiledPattern*>(data)); }

// A compiled pattern's, or one made for this call.
struct PatternArg {
  const BytePatterns* patterns = nullptr;
  std::unique_ptr<BytePatterns> own;
};

std::unique_ptr<BytePatterns> compile(Term t) {
  if (t.is_bitstring()) {
    if (!is_binary(t) || bitstring_bit_size(t) == 0) return nullptr;
    AlignedBytes bytes(t);
    return std::make_unique<BytePatterns>(std::span(bytes.data(), bytes.size()));
  }
  std::vector<std::unique_ptr<AlignedBytes>> keep;
  std::vector<std::span<const u8>> list;
  for (; t.is_list(); t = t.tail()) {
    Term b = t.head();
    if (!is_binary(b) || bitstring_bit_size(b) == 0) return nullptr;
    keep.push_back(std::make_unique<AlignedBytes>(b));
    list.push_back({keep.back()->data(), keep.back()->size()});
  }
  if (!t.is_nil() || list.empty()) return nullptr;
  if (list.size() == 1) return std::make_unique<BytePatterns>(list[0]);
  return std::make_unique<BytePatterns>(list);
}

bool pattern_arg(Term t, PatternArg* out) {
  if (t.is_tuple()) {
    if (tuple_arity(t) != 2 || !tuple_element(t, 1).is(BoxedTag::MagicRef)) return false;
    Term kind = tuple_element(t, 0);
    auto* data = tuple_element(t, 1).object()[2].as_raw_pointer<MagicData>();
    if (data->destroy != compiled_pattern_destroy) return false;
    out->patterns = &static_cast<CompiledPattern*>(data)->patterns;
    return kind == (out->patterns->is_single() ? am::bm : am::ac);
  }
  out->own = compile(t);
  out->patterns = out->own.get();
  return out->patterns != nullptr;
}

// {scope, {Start, Length}} within `size` bytes; length may be negative.
bool scope_option(Term o, u64 size, u64* from, u64* to) {
  if (!is_tuple_of(o, 2) || tuple_element(o, 0) != am::scope || !is_tuple_of(tuple_element(o, 1), 2)) return false;
  Term start = tuple_element(tuple_element(o, 1), 0);
  Term length = tuple_element(tuple_element(o, 1), 1);
  u64 pos;
  i64 n;
  if (!start.is_integer() || !length.is_integer() || !integer_to_u64(start, &pos) || !integer_to_i64(length, &n)) return false;
  if (pos > size) return false;
  u64 count = n < 0 ? u64{0} - static_cast<u64>(n) : static_cast<u64>(n);
  if (n < 0) {
    if (count > pos) return false;
    pos -= count;
  }
  if (count > size - pos) return false;
  *from = pos;
  *to = pos + count;
  return true;
}

// match/2,3, matches/2,3 and split/2,3.
enum class Search { Match, Matches, Split };

struct SearchOptions {
  u64 from = 0;
  u64 to = 0;
  bool global = false, trim = false, trim_all = false;
};

bool search_options(Term list, Search kind, u64 size, SearchOptions* out) {
  if (!list.is_list() && !list.is_nil()) return false;
  // What ends the list is not looked at, as in stock.
  for (; list.is_list(); list = list.tail()) {
    Term o = list.head();
    if (kind == Search::Split && o == am::global) {
      out->global = true;
    } else if (kind == Search::Split && o == am::trim) {
      out->trim = true;
    } else if (kind == Search::Split && o == am::trim_all) {
      out->trim_all = true;
    } else if (!scope_option(o, size, &out->from, &out->to)) {
      return false;
    }
  }
  return true;
}

BifResult split_result(Process& p, Term* subject, const SearchOptions& options, std::vector<ByteMatch>& matches) {
  u64 size = bitstring_bit_size(*subject) / 8;
  if (matches.empty()) {
    if ((options.trim || options.trim_all) && size == 0) return Term::nil();
    Builder heap = p.reserve(kConsWords);
    return heap.cons(*subject, Term::nil());
  }
  auto words_of = [](u64 bytes) { return bytes <= kMaxHeapBinary ? heap_binary_words(bytes) : kSubBinaryWords; };
  u64 words = 0;
  u64 end = size;
  for (u64 i = matches.size(); i-- > 0;) {
    words += words_of(end - matches[i].pos - matches[i].size) + kConsWords;
    end = matches[i].pos;
  }
  words += words_of(end) + kConsWords;
  Builder heap = p.reserve(words);
  Term list = Term::nil();
  bool trimming = options.trim || options.trim_all;
  auto part = [&](u64 start, u64 stop) {
    if (start == stop && trimming) return;
    list = heap.cons(binary_part(heap, *subject, start * 8, (stop - start) * 8), list);
    trimming = options.trim_all;
  };
  end = size;
  for (u64 i = matches.size(); i-- > 0;) {
    part(matches[i].pos + matches[i].size, end);
    end = matches[i].pos;
  }
  part(0, end);
  return list;
}

BifResult search_result(Process& p, Search kind, Term* subject, const SearchOptions& options, std::vector<ByteMatch>& matches) {
  for (ByteMatch& m : matches) m.pos += options.from;
  if (kind == Search::Split) return split_result(p, subject, options, matches);
  if (kind == Search::Match) {
    if (matches.empty()) return am::nomatch;
    return p.reserve(tuple_words(2)).tuple({small_size(matches[0].pos), small_size(matches[0].size)});
  }
  Builder heap = p.reserve(matches.size() * (tuple_words(2) + kConsWords));
  Term list = Term::nil();
  for (u64 i = matches.size(); i-- > 0;) {
    list = heap.cons(heap.tuple({small_size(matches[i].pos), small_size(matches[i].size)}), list);
  }
  return list;
}

// A search that has given way to others: {Reference, Subject} in place of the subject. No program can
// get hold of such a reference.
struct SearchState : MagicData {
  AlignedBytes bytes;  // of a binary too large for the heap: where they are, they stay
  PatternArg pattern;
  SearchOptions options;
  BytePatterns::Scan scan;
  explicit SearchState(Term subject) : bytes(subject) {}
};
void search_state_destroy(MagicData* d) { vm_delete(static_cast<SearchState*>(d)); }

SearchState* search_state(Term arg) {
  if (!is_tuple_of(arg, 2) || !tuple_element(arg, 0).is(BoxedTag::MagicRef)) return nullptr;
  auto* data = tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>();
  return data->destroy == search_state_destroy ? static_cast<SearchState*>(data) : nullptr;
}

// Searched in one turn.
constexpr u64 kSearchAtOnce = 64 * 1024;

BifResult search(Process& p, Term* args, u32 arity, Search kind) {
  SearchState* state = search_state(args[0]);
  if (state == nullptr) {
    if (!is_binary(args[0])) return raise_badarg(p);
    SearchOptions options;
    u64 size = options.to = bitstring_bit_size(args[0]) / 8;
    if (arity == 3 && !search_options(args[2], kind, size, &options)) return raise_badarg(p);
    std::vector<ByteMatch> none;
    // With nothing to search the pattern is not looked at.
    if (options.to == 0) return search_result(p, kind, &args[0], options, none);
    PatternArg pattern;
    if (!pattern_arg(args[1], &pattern)) return raise_badarg(p);
    bool all = kind == Search::Matches || options.global;
    if (options.to - options.from <= kSearchAtOnce) {
      bump_for_bytes(p, options.to - options.from);
      AlignedBytes bytes(args[0]);
      BytePatterns::Scan scan;
      scan.all = all;
      pattern.patterns->advance({bytes.data() + options.from, options.to - options.from}, scan, kSearchAtOnce);
      return search_result(p, kind, &args[0], options, scan.matches);
    }
    state = vm_new<SearchState>(args[0]);
    state->numbers = make_magic_ref_numbers();
    state->destroy = search_state_destroy;
    state->pattern = std::move(pattern);
    state->options = options;
    state->scan.all = all;
    Builder heap = p.reserve(kMagicRefWords + tuple_words(2));
    args[0] = heap.tuple({heap.magic_reference(state), args[0]});
  }
  const SearchOptions& o = state->options;
  // Many matches take long to keep and to list.
  constexpr u64 kMatchesAtOnce = 10000;
  auto elsewhere = [&] {
    return arity == 2 ? run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]})
                      : run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  };
  u64 cost = state->pattern.patterns->is_single() ? 1 : 2;
  u64 budget = static_cast<u64>(std::max<i64>(p.reds, 50)) * kBytesPerReduction / cost;
  if (on_dirty_thread(p)) budget = ~u64{0};
  u64 before = state->scan.pos;
  if (!state->pattern.patterns->advance({state->bytes.data() + o.from, o.to - o.from}, state->scan, budget)) {
    p.bump_reductions(std::max<i64>(p.reds, 1));
    if (is_long_work(p, state->scan.matches.size(), kMatchesAtOnce)) return elsewhere();
    return arity == 2 ? yield_again(p, {args[0], args[1]}) : yield_again(p, {args[0], args[1], args[2]});
  }
  bump_for_bytes(p, state->scan.pos - before);
  if (is_long_work(p, state->scan.matches.size(), kMatchesAtOnce)) return elsewhere();
  // Building the result may collect, and with it the state.
  std::vector<ByteMatch> matches = std::move(state->scan.matches);
  SearchOptions options = o;
  args[0] = tuple_element(args[0], 1);
  return search_result(p, kind, &args[0], options, matches);
}

}  // namespace

BifResult binary_compile_pattern_1(Process& p, Term* args) {
  auto patterns = compile(args[0]);
  if (patterns == nullptr) return raise_badarg(p);
  bool single = patterns->is_single();
  auto* data = vm_new<CompiledPattern>(std::move(*patterns));
  data->numbers = make_magic_ref_numbers();
  data->destroy = compiled_pattern_destroy;
  Builder heap = p.reserve(kMagicRefWords + tuple_words(2));
  return heap.tuple({single ? am::bm : am::ac, heap.magic_reference(data)});
}

BifResult binary_match_2(Process& p, Term* args) { return search(p, args, 2, Search::Match); }
BifResult binary_match_3(Process& p, Term* args) { return search(p, args, 3, Search::Match); }
BifResult binary_matches_2(Process& p, Term* args) { return search(p, args, 2, Search::Matches); }
BifResult binary_matches_3(Process& p, Term* args) { return search(p, args, 3, Search::Matches); }
BifResult binary_split_2(Process& p, Term* args) { return search(p, args, 2, Search::Split); }
BifResult binary_split_3(Process& p, Term* args) { return search(p, args, 3, Search::Split); }

// ---- bytes and parts ----

namespace {

u8 byte_at(const Bits& b, u64 i) {
  if (b.bit_offset == 0) return b.base[i];
  return static_cast<u8>(b.base[i] << b.bit_offset | b.base[i + 1] >> (8 - b.bit_offset));
}

}  // namespace

BifResult binary_at_2(Process& p, Term* args) {
  u64 i;
  if (!is_binary(args[0]) || !args[1].is_integer() || !integer_to_u64(args[1], &i)) return raise_badarg(p);
  Bits b = bits_of(args[0]);
  if (i >= b.byte_size()) return raise_badarg(p);
  return Term::small(byte_at(b, i));
}

BifResult binary_first_1(Process& p, Term* args) {
  if (!is_binary(args[0]) || bitstring_bit_size(args[0]) == 0) return raise_badarg(p);
  return Term::small(byte_at(bits_of(args[0]), 0));
}

BifResult binary_last_1(Process& p, Term* args) {
  if (!is_binary(args[0]) || bitstring_bit_size(args[0]) == 0) return raise_badarg(p);
  Bits b = bits_of(args[0]);
  return Term::small(byte_at(b, b.byte_size() - 1));
}

BifResult binary_part_3(Process& p, Term* args) { return binary_part_of(p, &args[0], args[1], args[2]); }
BifResult binary_part_2(Process& p, Term* args) {
  if (!is_tuple_of(args[1], 2)) return raise_badarg(p);
  return binary_part_of(p, &args[0], tuple_element(args[1], 0), tuple_element(args[1], 1));
}

BifResult binary_list_to_bin_1(Process& p, Term* args) { return erlang_list_to_binary_1(p, args); }

namespace {

BifResult longest_common(Process& p, Term list, bool suffix) {
  constexpr u64 kBytesAtOnce = 2 << 20;
  u64 bytes = 0;
  for (Term l = list; l.is_list() && bytes <= kBytesAtOnce; l = l.tail()) {
    if (l.head().is_bitstring()) bytes += bitstring_bit_size(l.head()) / 8;
  }
  if (is_long_work(p, bytes, kBytesAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {list});
  std::vector<std::unique_ptr<AlignedBytes>> all;
  for (; list.is_list(); list = list.tail()) {
    if (!is_binary(list.head())) return raise_badarg(p);
    all.push_back(std::make_unique<AlignedBytes>(list.head()));
  }
  if (!list.is_nil() || all.empty()) return raise_badarg(p);
  u64 common = all[0]->size();
  for (u64 i = 1; i < all.size(); i++) {
    const AlignedBytes& a = *all[0];
    const AlignedBytes& b = *all[i];
    u64 n = std::min(common, b.size());
    u64 k = 0;
    if (suffix) {
      while (k < n && a.data()[a.size() - 1 - k] == b.data()[b.size() - 1 - k]) k++;
    } else {
      while (k < n && a.data()[k] == b.data()[k]) k++;
    }
    common = k;
  }
  bump_for_bytes(p, common * all.size());
  return small_size(common);
}

}  // namespace

BifResult binary_longest_common_prefix_1(Process& p, Term* args) { return longest_common(p, args[0], false); }
BifResult binary_longest_common_suffix_1(Process& p, Term* args) { return longest_common(p, args[0], true); }

// ---- copies ----

namespace {

BifResult copy(Process& p, Term* binary, u64 times) {
  if (times == 0) return p.reserve(binary_words(0)).binary(nullptr, 0);
  if (!is_binary(*binary)) return raise_badarg(p);
  u64 size = bitstring_bit_size(*binary) / 8;
  u64 total;
  if (__builtin_mul_overflow(size, times, &total) || total > static_cast<u64>(kSmallMax)) {
    return raise_system_limit(p);
  }
  bump_for_bytes(p, total);
  Builder heap = p.reserve(binary_words(total));
  Bits b = bits_of(*binary);
  u8* to;
  Term t = heap.binary_uninitialized(total, &to);
  if (total == 0) return t;
  copy_bits_out(to, b.base, b.bit_offset, size * 8);
  for (u64 done = size; done < total;) {
    u64 n = std::min(done, total - done);
    std::memcpy(to + done, to, n);
    done += n;
  }
  return t;
}

}  // namespace

// Copying more than this goes to a dirty thread.
static constexpr u64 kCopyAtOnce = 1 << 20;

BifResult binary_copy_1(Process& p, Term* args) {
  if (!args[0].is_bitstring()) return raise_badarg(p);
  if (is_long_work(p, bitstring_bit_size(args[0]) / 8, kCopyAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  return copy(p, &args[0], 1);
}

BifResult binary_copy_2(Process& p, Term* args) {
  u64 times;
  if (!args[0].is_bitstring() || !args[1].is_integer() || !integer_to_u64(args[1], &times)) return raise_badarg(p);
  if (u64 size = bitstring_bit_size(args[0]) / 8;
      size != 0 && times != 0 && is_long_work(p, times, kCopyAtOnce / size)) {
    return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  }
  return copy(p, &args[0], times);
}

// Bytes of the array that the binary is or is part of.
BifResult binary_referenced_byte_size_1(Process& p, Term* args) {
  if (!args[0].is_bitstring()) return raise_badarg(p);
  Term base = binary_base(args[0]).base;
  return small_size(base.is(BoxedTag::RefcBinary) ? view<RefcBinary>(base)->data->capacity : view<HeapBinary>(base)->size);
}

// ---- unsigned integers ----

namespace {

BifResult encode_unsigned(Process& p, Term* number, Term endian) {
  if (!number->is_integer() || (endian != am::big && endian != am::little)) return raise_badarg(p);
  if (IntegerView(*number).negative()) return raise_badarg(p);
  u64 n = std::max<u64>(1, integer_magnitude_bytes(*number));
  Builder heap = p.reserve(binary_words(n));
  u8* to;
  Term t = heap.binary_uninitialized(n, &to);
  to[0] = 0;
  integer_magnitude_to_bytes(*number, to, endian == am::little);
  return t;
}

BifResult decode_unsigned(Process& p, Term* binary, Term endian) {
  if (!is_binary(*binary) || (endian != am::big && endian != am::little)) return raise_badarg(p);
  Builder heap = p.reserve(integer_from_bytes_words(bitstring_bit_size(*binary) / 8));
  AlignedBytes bytes(*binary);
  Term t = integer_from_bytes(false, bytes.data(), bytes.size(), endian == am::little, heap);
  if (t.is_none()) return raise_system_limit(p);
  return t;
}

}  // namespace

BifResult binary_encode_unsigned_1(Process& p, Term* args) { return encode_unsigned(p, &args[0], am::big); }
BifResult binary_encode_unsigned_2(Process& p, Term* args) { return encode_unsigned(p, &args[0], args[1]); }
BifResult binary_decode_unsigned_1(Process& p, Term* args) { return decode_unsigned(p, &args[0], am::big); }
BifResult binary_decode_unsigned_2(Process& p, Term* args) { return decode_unsigned(p, &args[0], args[1]); }

}  // namespace lintel
