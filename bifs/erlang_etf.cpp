// erlang: external terms.
//
// A long conversion gives way to other processes now and then: it is called again with a tuple that
// starts with a reference to its state in place of its first argument. No program can get hold of
// such a reference.
#include <algorithm>
#include <memory>

#include "vm/sched/long_work.h"
#include "vm/base/bits.h"
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"
#include "vm/heap/roots.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// External bytes handled per reduction, and steps of an encoder or decoder.
constexpr u64 kBytesPerReduction = 128;
constexpr i64 kStepsPerReduction = 16;
// What is not larger is decoded in one go, into the heap proper.
constexpr u64 kDecodeAtOnce = 16 * 1024;

// On a dirty thread all there is.
i64 step_budget(Process& p) {
  if (on_dirty_thread(p)) return INT64_MAX / 2;
  return std::max<i64>(p.reds, 50) * kStepsPerReduction;
}

// Bytes of external terms that are handled in turns. The buffer of a longer one takes long to move when it
// grows, and long to unpack.
constexpr u64 kLongTerm = 1 << 20;

template <typename State>
State* state_of(Term arg, void (*destroy)(MagicData*)) {
  if (!arg.is_tuple() || tuple_arity(arg) < 2 || !tuple_element(arg, 0).is(BoxedTag::MagicRef)) return nullptr;
  auto* data = tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>();
  return data->destroy == destroy ? static_cast<State*>(data) : nullptr;
}

BifResult yield_with(Process& p, Term* args, u32 arity, Term first) {
  p.bump_reductions(std::max<i64>(p.reds, 1));
  return arity == 1 ? yield_again(p, {first}) : yield_again(p, {first, args[1]});
}

void bump_for_bytes(Process& p, u64 bytes) {
  p.bump_reductions(static_cast<i64>(bytes / kBytesPerReduction));
}

struct EncodeArgs {
  EtfEncodeOptions options;
  int level = 0;
};

bool parse_encode_options(Term list, EncodeArgs* out) {
  for (; list.is_list(); list = list.tail()) {
    Term o = list.head();
    if (o == am::compressed) {
      out->level = -1;
    } else if (o == am::deterministic) {
      out->options.deterministic = true;
    } else if (is_tuple_of(o, 2) && tuple_element(o, 1).is_small()) {
      i64 v = tuple_element(o, 1).small_value();
      if (tuple_element(o, 0) == am::minor_version) {
        if (v < 0 || v > 2) return false;
        out->options.new_floats = v != 0;
        out->options.utf8_atoms = v == 2;
      } else if (tuple_element(o, 0) == am::compressed) {
        if (v < 0 || v > 9) return false;
        out->level = static_cast<int>(v);
      } else {
        return false;
      }
    } else {
      return false;
    }
  }
  return list.is_nil();
}

// The finished bytes as a binary.
Term binary_of(Process& p, EtfEncoder& encoder) {
  if (encoder.size() <= kMaxHeapBinary) {
    return p.reserve(binary_words(encoder.size())).binary(encoder.bytes(), encoder.size());
  }
  u64 size = encoder.size();
  BinaryData* data = encoder.take_buffer();
  return p.reserve(kRefcBinaryWords).refc_binary(data, size);
}

// {Reference, TermsToDo, Term}
struct EncodeState : MagicData {
  EtfEncoder encoder;
  EncodeArgs how;
  EncodeState(EtfEncoder&& e, const EncodeArgs& h) : encoder(std::move(e)), how(h) {}
};
void encode_state_destroy(MagicData* d) { vm_delete(static_cast<EncodeState*>(d)); }

// The finished term as one binary.
Term finish_binary(Process& p, EtfEncoder& encoder, int level) {
  bump_for_bytes(p, encoder.size());
  if (level != 0) {
    u64 size;
    BinaryData* packed = etf_compress(encoder.bytes() + 1, encoder.size() - 1, level, &size);
    bump_for_bytes(p, 8 * encoder.size());
    if (packed != nullptr) {
      if (size > kMaxHeapBinary) return p.reserve(kRefcBinaryWords).refc_binary(packed, size);
      Term t = p.reserve(binary_words(size)).binary(packed->bytes, size);
      binary_data_release(packed);
      return t;
    }
  }
  return binary_of(p, encoder);
}

// As a list of binaries, large ones shared with the term.
Term finish_iovec(Process& p, EtfEncoder& encoder) {
  auto& segments = encoder.segments();
  if (segments.empty()) {
    LocalRoots<1> roots(p, finish_binary(p, encoder, 0));
    Builder heap = p.reserve(kConsWords);
    return heap.cons(roots[0], Term::nil());
  }
  bump_for_bytes(p, encoder.size());
  u64 size = encoder.size();
  u64 per_part = kConsWords + kSubBinaryWords + kRefcBinaryWords;
  Builder heap = p.reserve(kRefcBinaryWords + (2 * segments.size() + 1) * per_part);
  Term common = heap.refc_binary(encoder.take_buffer(), size);
  Term list = Term::nil();
  u64 end = size;
  auto copied = [&](u64 from) {
    if (from < end) list = heap.cons(heap.sub_binary(common, from * 8, (end - from) * 8), list);
    end = from;
  };
  for (u64 i = segments.size(); i-- > 0;) {
    EtfSegment& s = segments[i];
    copied(s.at);
    Term whole = heap.refc_binary(std::exchange(s.data, nullptr), s.offset + s.size);
    list = heap.cons(s.offset == 0 ? whole : heap.sub_binary(whole, s.offset * 8, s.size * 8), list);
  }
  copied(0);
  return list;
}

BifResult encode_some(Process& p, Term* args, u32 arity, EtfEncoder& encoder, const EncodeArgs& how, bool iovec,
                      EncodeState* state) {
  i64 budget = step_budget(p);
  i64 start = budget;
  auto status = encoder.step(budget);
  p.bump_reductions((start - budget) / kStepsPerReduction);
  constexpr u64 kPackAtOnce = 16384;
  bool packs_long = status == EtfEncoder::Status::Done && how.level != 0 && is_long_work(p, encoder.size(), kPackAtOnce);
  bool is_long = packs_long || is_long_work(p, encoder.size(), kLongTerm);
  if (status == EtfEncoder::Status::Done && !packs_long) {
    // A compressed term is one binary and no list, whatever the manual says: so in stock.
    return iovec && how.level == 0 ? finish_iovec(p, encoder) : finish_binary(p, encoder, how.level);
  }
  if (status == EtfEncoder::Status::TooBig) {
    if (state != nullptr) args[0] = tuple_element(args[0], 2);
    return raise_system_limit(p);
  }
  std::vector<Term> todo(encoder.term_count());
  encoder.save_terms(todo.data());
  VectorRoots roots(p, todo);
  Builder heap = p.reserve(kMagicRefWords + tuple_words(3) + tuple_words(todo.size()));
  Term ref, term;
  if (state == nullptr) {
    state = vm_new<EncodeState>(std::move(encoder), how);
    state->numbers = make_magic_ref_numbers();
    state->destroy = encode_state_destroy;
    ref = heap.magic_reference(state);
    term = args[0];
  } else {
    ref = tuple_element(args[0], 0);
    term = tuple_element(args[0], 2);
  }
  Term* elements;
  Term saved = heap.tuple_uninitialized(todo.size(), &elements);
  std::copy(todo.begin(), todo.end(), elements);
  Term waiting = heap.tuple({ref, saved, term});
  if (!is_long) return yield_with(p, args, arity, waiting);
  return arity == 1 ? run_on_dirty(p, DirtyKind::Cpu, {waiting}) : run_on_dirty(p, DirtyKind::Cpu, {waiting, args[1]});
}

BifResult encode(Process& p, Term* args, u32 arity, bool iovec) {
  if (auto* state = state_of<EncodeState>(args[0], encode_state_destroy)) {
    state->encoder.load_terms(tuple_elements(tuple_element(args[0], 1)));
    return encode_some(p, args, arity, state->encoder, state->how, iovec, state);
  }
  EncodeArgs how;
  if (arity == 2 && !parse_encode_options(args[1], &how)) return raise_badarg(p);
  bool has_large_binaries = p.off_heap.words + p.old_off_heap.words > kLongTerm / kWordBytes;
  if (has_large_binaries && !iovec && is_long_walk(p, args[0])) {
    return arity == 1 ? run_on_dirty(p, DirtyKind::Cpu, {args[0]}) : run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  }
  how.options.segments = iovec && how.level == 0;
  EtfEncoder encoder(args[0], how.options);
  encoder.put_version();
  return encode_some(p, args, arity, encoder, how, iovec, nullptr);
}

// The bytes of a binary where a collection does not move them.
class StillBytes {
 public:
  explicit StillBytes(Term binary) {
    Bits bits = bits_of(binary);
    size_ = bits.byte_size();
    data_ = bits.base;
    Term base = binary.is(BoxedTag::SubBinary) ? view<SubBinary>(binary)->base : binary;
    if (bits.bit_offset == 0 && base.is(BoxedTag::RefcBinary)) return;
    u8* to = size_ <= sizeof fixed_ ? fixed_ : (owned_ = static_cast<u8*>(vm_alloc(size_)));
    copy_bits_out(to, bits.base, bits.bit_offset, size_ * 8);
    data_ = to;
  }
  ~StillBytes() {
    if (owned_ != nullptr) vm_free(owned_);
  }
  StillBytes(const StillBytes&) = delete;
  StillBytes& operator=(const StillBytes&) = delete;
  std::span<const u8> get() const { return {data_, size_}; }

 private:
  u8 fixed_[kMaxHeapBinary];
  u8* owned_ = nullptr;
  const u8* data_;
  u64 size_;
};

BifResult decode_failed(Process& p, const EtfError& error) {
  // The stock VM dies of a full atom table; the caller can do something about an exception.
  return error.fault == EtfFault::AtomTableFull ? raise_system_limit(p) : raise_badarg(p);
}

BifResult decoded_result(Process& p, Term term, bool with_used, u64 used) {
  if (!with_used) return term;
  LocalRoots<1> roots(p, term);
  Builder heap = p.reserve(tuple_words(2));
  return heap.tuple({roots[0], Term::small(static_cast<i64>(used))});
}

// {Reference, Binary}. The term is built outside the process's heap, which may move between steps.
struct DecodeState : MagicData {
  StillBytes bytes;
  EtfPayload payload{};
  EtfDecodeOptions options;
  bool with_used;
  std::unique_ptr<EtfSizer> sizer;
  std::unique_ptr<EtfDecoder> decoder;
  Fragment* fragment = nullptr;

  DecodeState(Term binary, const EtfDecodeOptions& o, bool used) : bytes(binary), options(o), with_used(used) {}
  ~DecodeState() { fragments_free(fragment); }
};
void decode_state_destroy(MagicData* d) { vm_delete(static_cast<DecodeState*>(d)); }

BifResult decode_some(Process& p, Term* args, u32 arity, DecodeState& s) {
  auto failed = [&](const EtfError& error) {
    args[0] = tuple_element(args[0], 1);
    return decode_failed(p, error);
  };
  i64 budget = step_budget(p);
  i64 start = budget;
  if (s.decoder == nullptr) {
    auto status = s.sizer->step(budget);
    if (status == EtfSizer::Status::Failed) return failed(s.sizer->error());
    if (status == EtfSizer::Status::More) return yield_with(p, args, arity, args[0]);
    s.decoder = std::make_unique<EtfDecoder>(s.payload.bytes, s.options);
    s.fragment = fragment_new(s.sizer->size().words);
  }
  Builder heap = s.fragment->builder();
  auto status = s.decoder->step(heap, budget);
  if (status == EtfDecoder::Status::Failed) return failed(s.decoder->error());
  if (status == EtfDecoder::Status::More) return yield_with(p, args, arity, args[0]);
  p.bump_reductions((start - budget) / kStepsPerReduction);
  s.fragment->next = s.decoder->take_fragments();
  p.attach(std::exchange(s.fragment, nullptr));
  return decoded_result(p, s.decoder->term(), s.with_used, s.payload.used(s.sizer->size().bytes));
}

BifResult decode(Process& p, Term* args, u32 arity, const EtfDecodeOptions& options, bool with_used) {
  if (!is_binary(args[0])) return raise_badarg(p);
  Bits bits = bits_of(args[0]);
  bool compressed = bits.byte_size() > 1 && bits.bit_offset == 0 && bits.base[1] == static_cast<u8>(EtfTag::Compressed);
  if (bits.byte_size() <= kDecodeAtOnce && !compressed) {
    StillBytes bytes(args[0]);
    auto payload = etf_open(bytes.get());
    if (!payload) return decode_failed(p, payload.error());
    auto size = etf_decoded_size(payload->bytes, options);
    if (!size) return decode_failed(p, size.error());
    bump_for_bytes(p, size->bytes);
    Builder heap = p.reserve(size->words);
    Fragment* fragments;
    auto term = etf_decode(payload->bytes, heap, &fragments, options);
    if (fragments != nullptr) p.attach(fragments);
    if (!term) return decode_failed(p, term.error());
    return decoded_result(p, *term, with_used, payload->used(size->bytes));
  }
  if (compressed && is_long_work(p, bits.byte_size(), kLongTerm / 8)) {
    return arity == 1 ? run_on_dirty(p, DirtyKind::Cpu, {args[0]}) : run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  }
  auto* state = vm_new<DecodeState>(args[0], options, with_used);
  state->numbers = make_magic_ref_numbers();
  state->destroy = decode_state_destroy;
  Builder heap = p.reserve(kMagicRefWords + tuple_words(2));
  args[0] = heap.tuple({heap.magic_reference(state), args[0]});  // which owns the state from here on
  auto payload = etf_open(state->bytes.get());
  if (!payload) {
    args[0] = tuple_element(args[0], 1);
    return decode_failed(p, payload.error());
  }
  state->payload = std::move(*payload);
  if (state->payload.owned != nullptr) bump_for_bytes(p, 8 * state->payload.bytes.size());
  state->sizer = std::make_unique<EtfSizer>(state->payload.bytes, options);
  return decode_some(p, args, arity, *state);
}

}  // namespace

BifResult erlang_term_to_binary_1(Process& p, Term* args) { return encode(p, args, 1, false); }
BifResult erlang_term_to_binary_2(Process& p, Term* args) { return encode(p, args, 2, false); }
BifResult erlang_term_to_iovec_1(Process& p, Term* args) { return encode(p, args, 1, true); }
BifResult erlang_term_to_iovec_2(Process& p, Term* args) { return encode(p, args, 2, true); }

BifResult erlang_binary_to_term_1(Process& p, Term* args) {
  if (auto* state = state_of<DecodeState>(args[0], decode_state_destroy)) return decode_some(p, args, 1, *state);
  return decode(p, args, 1, {}, false);
}

BifResult erlang_binary_to_term_2(Process& p, Term* args) {
  if (auto* state = state_of<DecodeState>(args[0], decode_state_destroy)) return decode_some(p, args, 2, *state);
  EtfDecodeOptions options;
  bool used = false;
  Term list = args[1];
  for (; list.is_list(); list = list.tail()) {
    if (list.head() == am::safe) {
      options.safe = true;
    } else if (list.head() == am::used) {
      used = true;
    } else {
      return raise_badarg_cause(p, am::badopt);
    }
  }
  if (!list.is_nil()) return raise_badarg_cause(p, am::badopt);
  return decode(p, args, 2, options, used);
}

namespace {

BifResult external_size(Process& p, Term term, const EtfEncodeOptions& options) {
  u64 size = etf_encoded_size(term, options);
  if (size == kEtfTooBig) return raise_system_limit(p);
  bump_for_bytes(p, size);
  return Term::small(static_cast<i64>(size + 1));  // and the version
}

}  // namespace

BifResult erlang_external_size_1(Process& p, Term* args) {
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  return external_size(p, args[0], {});
}

BifResult erlang_external_size_2(Process& p, Term* args) {
  EtfEncodeOptions options;
  Term list = args[1];
  for (; list.is_list(); list = list.tail()) {
    Term o = list.head();
    if (!is_tuple_of(o, 2) || tuple_element(o, 0) != am::minor_version) return raise_badarg(p);
    if (tuple_element(o, 1) == Term::small(0)) {
      options.new_floats = false;
    } else if (tuple_element(o, 1) != Term::small(1)) {
      return raise_badarg(p);
    }
  }
  if (!list.is_nil()) return raise_badarg(p);
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return external_size(p, args[0], options);
}

// dist_ext_to_term({CachedAtom, ...}, Binary): a term as distribution sends it.
BifResult erts_debug_dist_ext_to_term_2(Process& p, Term* args) {
  if (!args[0].is_tuple() || tuple_arity(args[0]) > 255 || !is_binary(args[1])) return raise_badarg(p);
  Term cache[255];
  u64 n = tuple_arity(args[0]);
  for (u64 i = 0; i < n; i++) {
    cache[i] = tuple_element(args[0], i);
    if (!cache[i].is_atom()) return raise_badarg(p);
  }
  EtfDecodeOptions options;
  options.atom_cache = {cache, n};
  StillBytes bytes(args[1]);
  if (bytes.get().empty() || bytes.get()[0] != kEtfVersion) return raise_badarg(p);
  auto term = etf_decode(bytes.get().subspan(1), p, options);
  if (!term) return decode_failed(p, term.error());
  return *term;
}

}  // namespace lintel
