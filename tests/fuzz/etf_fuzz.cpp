// Fuzzes external terms: whatever the bytes, decoding ends with a term or an error, without a crash,
// a hang, a leak or memory out of proportion. What was decoded must encode, decode again and encode to
// the same bytes, in one go or in steps, and within the size that the sizer foretells.
#include <cstdlib>
#include <vector>

#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"
#include "vm/heap/verify.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

using namespace lintel;

namespace {

using Bytes = std::vector<u8>;

void set_up() {
  static bool done = false;
  if (done) return;
  done = true;
  // Few atoms, so that a full table is among what is tried and a long run stays small.
  atoms_init(1 << 14);
  nodes_init();
  engine.link_export = [](Export*) {};
  engine.link_fun = [](FunEntry*) {};
}

Bytes encode(Term t, const EtfEncodeOptions& options, i64 step) {
  EtfEncoder e(t, options);
  for (;;) {
    i64 budget = step;
    auto status = e.step(budget);
    VM_CHECK(status != EtfEncoder::Status::TooBig);
    if (status == EtfEncoder::Status::Done) break;
    std::vector<Term> saved(e.term_count());
    e.save_terms(saved.data());
    e.load_terms(saved.data());
  }
  return Bytes(e.bytes(), e.bytes() + e.size());
}

// Decodes in steps of a few terms.
bool decodes_in_steps(std::span<const u8> bytes, const EtfDecodeOptions& options) {
  EtfSizer sizer(bytes, options);
  EtfSizer::Status status;
  do {
    i64 budget = 3;
    status = sizer.step(budget);
  } while (status == EtfSizer::Status::More);
  if (status == EtfSizer::Status::Failed) return false;
  Fragment* f = fragment_new(sizer.size().words);
  Builder heap = f->builder();
  EtfDecoder decoder(bytes, options);
  do {
    i64 budget = 3;
    status = decoder.step(heap, budget);
  } while (status == EtfDecoder::Status::More);
  fragments_free(f);
  return status == EtfDecoder::Status::Done;
}

// Tables that decoding grows and nothing shrinks: exports, fun entries, nodes. Once enough were made,
// inputs with such tags are left out.
bool grows_tables(std::span<const u8> bytes) {
  static u64 seen = 0;
  for (u8 b : bytes) {
    if (b == 'p' || b == 'q' || b == 'X' || b == 'Y' || b == 'Z' || b == 'x' || b == 'g' || b == 'f' || b == 'r' || b == 'e') {
      return ++seen > 2000000;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  set_up();
  auto payload = etf_open({data, size});
  if (!payload) return 0;
  if (grows_tables(payload->bytes)) return 0;
  EtfDecodeOptions options;
  options.safe = size % 5 == 0;
  Term cache[2] = {am::ok, am::error};
  if (size % 3 == 0) options.atom_cache = cache;
  auto foretold = etf_decoded_size(payload->bytes, options);
  if (!foretold) {
    VM_CHECK(foretold.error().offset <= payload->bytes.size());
    return 0;
  }
  // Never more than a small multiple of the input.
  VM_CHECK(foretold->words <= 16 * foretold->bytes + 64);
  auto decoded = etf_decode(payload->bytes, options);
  VM_CHECK(decodes_in_steps(payload->bytes, options) == static_cast<bool>(decoded));
  if (!decoded) return 0;
  VM_CHECK(payload->used(foretold->bytes) <= size);

  EtfEncodeOptions how;
  how.new_floats = size % 7 != 0;
  how.utf8_atoms = size % 2 == 0;
  how.deterministic = size % 11 == 0;
  Bytes first = encode(decoded->term, how, INT64_MAX);
  VM_CHECK(first == encode(decoded->term, how, 2));
  VM_CHECK(first.size() <= etf_encoded_size(decoded->term, how));
  auto again = etf_decode(first);
  VM_CHECK(static_cast<bool>(again));
  VM_CHECK(encode(again->term, how, INT64_MAX) == first);
  fragments_free(again->fragments);
  fragments_free(decoded->fragments);
  return 0;
}
