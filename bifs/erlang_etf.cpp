// erlang: external terms.
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"
#include "vm/base/bits.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// External bytes handled per reduction.
constexpr u64 kBytesPerReduction = 128;

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

// The term as one binary.
BifResult encode_binary(Process& p, Term term, const EncodeArgs& args) {
  EtfEncoder encoder(term, args.options);
  encoder.put_version();
  i64 unlimited = INT64_MAX;
  if (encoder.step(unlimited) == EtfEncoder::Status::TooBig) return raise_system_limit(p);
  bump_for_bytes(p, encoder.size());
  if (args.level != 0) {
    u64 size;
    BinaryData* packed = etf_compress(encoder.bytes() + 1, encoder.size() - 1, args.level, &size);
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

// The term as a list of binaries, large ones shared with the term.
BifResult encode_iovec(Process& p, Term term, EncodeArgs& args) {
  if (args.level != 0) {
    BifResult one = encode_binary(p, term, args);
    if (one.value.is_none()) return one;
    LocalRoots<1> roots(p, one.value);
    Builder heap = p.reserve(kConsWords);
    return heap.cons(roots[0], Term::nil());
  }
  args.options.segments = true;
  EtfEncoder encoder(term, args.options);
  encoder.put_version();
  i64 unlimited = INT64_MAX;
  if (encoder.step(unlimited) == EtfEncoder::Status::TooBig) return raise_system_limit(p);
  bump_for_bytes(p, encoder.size());
  auto& segments = encoder.segments();
  if (segments.empty()) {
    LocalRoots<1> roots(p, binary_of(p, encoder));
    Builder heap = p.reserve(kConsWords);
    return heap.cons(roots[0], Term::nil());
  }
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

BifResult decode_binary(Process& p, Term binary, const EtfDecodeOptions& options, bool with_used) {
  if (!is_binary(binary)) return raise_badarg(p);
  StillBytes bytes(binary);
  auto payload = etf_open(bytes.get());
  if (!payload) return decode_failed(p, payload.error());
  auto size = etf_decoded_size(payload->bytes, options);
  if (!size) return decode_failed(p, size.error());
  bump_for_bytes(p, size->bytes);
  Builder heap = p.reserve(size->words + (with_used ? tuple_words(2) : 0));
  Fragment* fragments;
  auto term = etf_decode(payload->bytes, heap, &fragments, options);
  if (fragments != nullptr) p.attach(fragments);
  if (!term) return decode_failed(p, term.error());
  if (!with_used) return *term;
  return heap.tuple({*term, Term::small(static_cast<i64>(payload->used(size->bytes)))});
}

}  // namespace

BifResult erlang_term_to_binary_1(Process& p, Term* args) { return encode_binary(p, args[0], {}); }

BifResult erlang_term_to_binary_2(Process& p, Term* args) {
  EncodeArgs how;
  if (!parse_encode_options(args[1], &how)) return raise_badarg(p);
  return encode_binary(p, args[0], how);
}

BifResult erlang_term_to_iovec_1(Process& p, Term* args) {
  EncodeArgs how;
  return encode_iovec(p, args[0], how);
}

BifResult erlang_term_to_iovec_2(Process& p, Term* args) {
  EncodeArgs how;
  if (!parse_encode_options(args[1], &how)) return raise_badarg(p);
  return encode_iovec(p, args[0], how);
}

BifResult erlang_binary_to_term_1(Process& p, Term* args) { return decode_binary(p, args[0], {}, false); }

BifResult erlang_binary_to_term_2(Process& p, Term* args) {
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
  return decode_binary(p, args[0], options, used);
}

namespace {

BifResult external_size(Process& p, Term term, const EtfEncodeOptions& options) {
  u64 size = etf_encoded_size(term, options);
  if (size == kEtfTooBig) return raise_system_limit(p);
  bump_for_bytes(p, size);
  return Term::small(static_cast<i64>(size + 1));  // and the version
}

}  // namespace

BifResult erlang_external_size_1(Process& p, Term* args) { return external_size(p, args[0], {}); }

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
