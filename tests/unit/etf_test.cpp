// External terms against the stock VM (tests/golden/make_etf.escript), and hostile bytes.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/unit/golden.h"
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"
#include "vm/ops/bytes.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

using Bytes = std::vector<u8>;

class Etf : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    atoms_init(1 << 20);
    nodes_init();
    // Exports and fun entries are made but never called.
    engine.link_export = [](Export*) {};
    engine.link_fun = [](FunEntry*) {};
  }
};

Bytes unhex(const std::string& s) {
  Bytes b;
  for (size_t i = 0; i + 1 < s.size(); i += 2) b.push_back(static_cast<u8>(std::stoi(s.substr(i, 2), nullptr, 16)));
  return b;
}

std::string hex(const Bytes& b) {
  std::string s;
  char buf[3];
  for (u8 x : b) {
    std::snprintf(buf, sizeof buf, "%02x", x);
    s += buf;
  }
  return s;
}

Bytes encode(Term t, const EtfEncodeOptions& o = {}, i64 step = INT64_MAX) {
  EtfEncoder e(t, o);
  e.put_version();
  for (;;) {
    i64 budget = step;
    if (e.step(budget) == EtfEncoder::Status::Done) break;
    std::vector<Term> saved(e.term_count());
    e.save_terms(saved.data());
    e.load_terms(saved.data());
  }
  return Bytes(e.bytes(), e.bytes() + e.size());
}

// Calls f(term) with the decoded term, or returns false.
template <typename F>
bool with_decoded(const Bytes& b, const EtfDecodeOptions& o, F f) {
  auto payload = etf_open(b);
  if (!payload) return false;
  auto r = etf_decode(payload->bytes, o);
  if (!r) return false;
  f(r->term);
  fragments_free(r->fragments);
  return true;
}

std::string recode(const std::string& h, const EtfEncodeOptions& o = {}) {
  std::string result = "bad";
  with_decoded(unhex(h), {}, [&](Term t) { result = hex(encode(t, o)); });
  return result;
}

TEST_F(Etf, Golden) {
  std::ifstream in(golden_path("etf.txt"));
  ASSERT_TRUE(in);
  std::string line, last;
  int n = 0;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string op, a, b, c;
    fields >> op >> a >> b >> c;
    if (op == "term") {
      last = a;
      EXPECT_EQ(recode(a), a);
      with_decoded(unhex(a), {}, [&](Term t) {
        EXPECT_EQ(etf_encoded_size(t) + 1, std::stoull(b)) << a;
        EXPECT_EQ(hex(encode(t, {}, 1)), a);  // in steps
      });
    } else if (op == "opts") {
      EtfEncodeOptions o;
      o.new_floats = a != "0";
      o.utf8_atoms = a == "2";
      EXPECT_EQ(recode(last, o), b);
      EXPECT_EQ(recode(b), last);
      o.deterministic = true;
      if (c != "-") EXPECT_EQ(recode(last, o), c);
    } else if (op == "mutant") {
      EXPECT_EQ(recode(a), b) << a;
    } else if (op == "safe") {
      EtfDecodeOptions o;
      o.safe = true;
      // A function is known only to a VM that has loaded it.
      if (a.substr(0, 4) == "8371") continue;
      EXPECT_EQ(with_decoded(unhex(a), o, [](Term) {}) ? "ok" : "bad", b) << a;
    }
    n++;
  }
  EXPECT_GT(n, 500);
}

TEST_F(Etf, LongStrings) {
  for (u64 n : {65535u, 65536u}) {
    Fragment* f = fragment_new(2 * n);
    Builder b = f->builder();
    Bytes ones(n, 1);
    Term list = bytes_to_list(b, ones.data(), n);
    Bytes out = encode(list);
    EXPECT_EQ(out[1], n == 65535 ? 107 : 108);
    EXPECT_EQ(out.size(), n == 65535 ? 4 + n : 6 + 2 * n + 1);
    EXPECT_EQ(etf_encoded_size(list) + 1, out.size());
    with_decoded(out, {}, [&](Term t) { EXPECT_EQ(hex(encode(t)), hex(out)); });
    fragments_free(f);
  }
}

// Depth costs no stack, and counts that nothing follows cost no memory.
TEST_F(Etf, Hostile) {
  Bytes deep{131};
  for (int i = 0; i < 1000000; i++) deep.insert(deep.end(), {104, 1});
  deep.push_back(106);
  EXPECT_TRUE(with_decoded(deep, {}, [&](Term t) { EXPECT_EQ(encode(t), deep); }));
  deep.pop_back();
  EXPECT_FALSE(with_decoded(deep, {}, [](Term) {}));
  for (u8 tag : {105, 108, 116, 111, 109, 77}) {
    Bytes big{131, tag, 255, 255, 255, 255, 1, 1, 1, 1};
    EXPECT_FALSE(with_decoded(big, {}, [](Term) {})) << int(tag);
  }
  // Each level claims all the bytes that follow.
  Bytes greedy{131};
  for (u32 i = 0; i < 100000; i++) {
    u32 left = (100000 - i) * 5 - 5;
    greedy.insert(greedy.end(), {108, static_cast<u8>(left >> 24), static_cast<u8>(left >> 16), static_cast<u8>(left >> 8), static_cast<u8>(left)});
  }
  auto size = etf_decoded_size({greedy.data() + 1, greedy.size() - 1});
  EXPECT_FALSE(size);
  // A compressed term that claims 4 GB.
  Bytes bomb{131, 80, 255, 255, 255, 255, 120, 156, 3, 0};
  EXPECT_FALSE(with_decoded(bomb, {}, [](Term) {}));
  // Invalid UTF-8 makes no atom.
  u32 before = atom_count();
  EXPECT_FALSE(with_decoded({131, 104, 2, 119, 6, 'q', 'z', 'j', 'x', '1', '2', 119, 2, 0xc0, 0x80}, {}, [](Term) {}));
  EXPECT_EQ(atom_count(), before);
}

TEST_F(Etf, Compression) {
  Fragment* f = fragment_new(4000);
  Builder b = f->builder();
  Bytes zeros(1000, 0);
  Term list = bytes_to_list(b, zeros.data(), 1000);
  Bytes plain = encode(list);
  u64 size = 0;
  BinaryData* packed = etf_compress(plain.data() + 1, plain.size() - 1, -1, &size);
  ASSERT_NE(packed, nullptr);
  Bytes bytes(packed->bytes, packed->bytes + size);
  EXPECT_LT(size, 100u);
  bytes.push_back(99);  // what follows is not looked at
  auto open = etf_open(bytes);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->used(0), size);
  EXPECT_TRUE(with_decoded(bytes, {}, [&](Term t) { EXPECT_EQ(encode(t), plain); }));
  binary_data_release(packed);
  u8 few[] = {97, 1};
  EXPECT_EQ(etf_compress(few, 2, 9, &size), nullptr);
  fragments_free(f);
}

TEST_F(Etf, AtomCache) {
  Term cache[2] = {am::ok, am::error};
  EtfDecodeOptions in;
  in.atom_cache = cache;
  EXPECT_TRUE(with_decoded({131, 104, 2, 82, 0, 82, 1}, in, [&](Term t) {
    EXPECT_EQ(tuple_element(t, 1), am::error);
    EtfEncodeOptions out;
    out.atom_cache = [](void*, Term a) { return a == am::ok ? 0 : -1; };
    EXPECT_EQ(hex(encode(t, out)), "83680252006400056572726f72");
  }));
  EXPECT_FALSE(with_decoded({131, 82, 2}, in, [](Term) {}));
}

TEST_F(Etf, Segments) {
  Fragment* f = fragment_new(100);
  Builder b = f->builder();
  Bytes data(200, 7);
  Term big = b.binary(data.data(), data.size());
  Term t = b.tuple({big, b.sub_binary(big, 8, 100 * 8 + 3), Term::small(1)});
  Bytes whole = encode(t);
  EtfEncodeOptions o;
  o.segments = true;
  EtfEncoder e(t, o);
  e.put_version();
  i64 budget = INT64_MAX;
  ASSERT_EQ(e.step(budget), EtfEncoder::Status::Done);
  Bytes joined;
  u64 from = 0;
  for (auto& s : e.segments()) {
    joined.insert(joined.end(), e.bytes() + from, e.bytes() + s.at);
    from = s.at;
    joined.insert(joined.end(), s.data->bytes + s.offset, s.data->bytes + s.offset + s.size);
  }
  joined.insert(joined.end(), e.bytes() + from, e.bytes() + e.size());
  EXPECT_EQ(hex(joined), hex(whole));
  EXPECT_EQ(e.segments().size(), 2u);
  fragments_free(f);
}

}  // namespace
}  // namespace lintel
