// Distribution packets: headers with their atom cache, fragments, packets without header, and bytes
// that no node should send.
#include <gtest/gtest.h>

#include <string>

#include "vm/code/backend.h"
#include "vm/dist/packet.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

using Bytes = std::vector<u8>;

class Dist : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    atoms_init(1 << 20);
    nodes_init();
    engine.link_export = [](Export*) {};
    engine.link_fun = [](FunEntry*) {};
  }
};

// The packets of a message, as bytes.
std::vector<Bytes> send(DistOutput& out, Term control, Term payload, bool use_cache) {
  DistMessage* m = dist_encode(control, payload, use_cache);
  std::vector<std::vector<DistBytes>> packets;
  out.packets(*m, &packets);
  vm_delete(m);
  std::vector<Bytes> all;
  for (auto& packet : packets) {
    Bytes b;
    for (DistBytes& s : packet) b.insert(b.end(), s.bytes, s.bytes + s.size);
    dist_bytes_release(packet);
    all.push_back(b);
  }
  return all;
}

// Feeds packets; true when the last one completes a message equal to these terms.
bool arrives(DistInput& in, const std::vector<Bytes>& packets, bool has_header, Term control, Term payload) {
  for (size_t i = 0; i < packets.size(); i++) {
    DistIncoming m;
    DistPacketError error;
    auto status = in.take(packets[i], &m, &error);
    if (i + 1 < packets.size()) {
      if (status != DistInput::Status::Incomplete) return false;
      continue;
    }
    DistTerms t;
    if (status != DistInput::Status::Message || !dist_decode(m, has_header, &t)) return false;
    bool same = exact_equal_slow(t.control, control) &&
                (payload.is_none() ? t.payload.is_none() : exact_equal_slow(t.payload, payload));
    if (t.control_fragments != nullptr) fragments_free(t.control_fragments);
    if (t.payload_fragments != nullptr) fragments_free(t.payload_fragments);
    return same;
  }
  return false;
}

class Terms {
 public:
  explicit Terms(u64 words) : f_(fragment_new(words)), b_(f_->builder()) {}
  ~Terms() { fragments_free(f_); }
  Builder& builder() { return b_; }

 private:
  Fragment* f_;
  Builder b_;
};

// A list of `count` atoms called `prefix` and a number.
Term atoms(Builder& b, const std::string& prefix, u32 count) {
  Term list = Term::nil();
  for (u32 i = count; i-- > 0;) list = b.cons(atom_intern(prefix + std::to_string(i)), list);
  return list;
}

TEST_F(Dist, AtomsAreSentOnce) {
  DistOutput out(kDistDefault);
  DistInput in(kDistDefault);
  Terms t(1000);
  Term control = t.builder().tuple({Term::small(2), am::ok, am::error});
  Term payload = atoms(t.builder(), "cached_", 40);
  auto first = send(out, control, payload, true);
  auto second = send(out, control, payload, true);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_LT(second[0].size() + 40 * 6, first[0].size());
  EXPECT_TRUE(arrives(in, first, true, control, payload));
  EXPECT_TRUE(arrives(in, second, true, control, payload));
}

TEST_F(Dist, MoreAtomsThanTheHeaderHolds) {
  DistOutput out(kDistDefault);
  DistInput in(kDistDefault);
  Terms t(20000);
  Term payload = atoms(t.builder(), "many_", 3000);
  Term control = t.builder().tuple({Term::small(2), am::ok});
  for (int i = 0; i < 3; i++) {
    EXPECT_TRUE(arrives(in, send(out, control, payload, true), true, control, payload));
  }
}

TEST_F(Dist, LongAtoms) {
  DistOutput out(kDistDefault);
  DistInput in(kDistDefault);
  Terms t(100);
  std::string name;
  for (int i = 0; i < 200; i++) name += "\xc3\xa5";  // 200 characters, 400 bytes
  Term control = t.builder().tuple({Term::small(2), atom_intern(name), am::ok});
  for (int i = 0; i < 2; i++) EXPECT_TRUE(arrives(in, send(out, control, Term::none(), true), true, control, Term::none()));
}

TEST_F(Dist, LargePayloadsAreFragmented) {
  DistOutput out(kDistDefault);
  DistInput in(kDistDefault);
  Terms t(100000);
  Bytes bytes(200000);
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<u8>(i * 7);
  Term control = t.builder().tuple({Term::small(2), am::ok});
  Term payload = t.builder().cons(t.builder().binary(bytes.data(), bytes.size()), atoms(t.builder(), "f_", 1000));
  auto packets = send(out, control, payload, true);
  EXPECT_GT(packets.size(), 3u);
  EXPECT_TRUE(arrives(in, packets, true, control, payload));
  EXPECT_EQ(in.waiting_bytes(), 0u);
  // Out of order, or again: refused.
  packets = send(out, control, payload, true);
  DistIncoming m;
  DistPacketError error;
  EXPECT_EQ(in.take(packets[0], &m, &error), DistInput::Status::Incomplete);
  EXPECT_EQ(in.take(packets[2], &m, &error), DistInput::Status::Failed);
}

TEST_F(Dist, WithoutHeader) {
  u64 flags = kDistMandatory;
  DistOutput out(flags);
  DistInput in(flags);
  Terms t(1000);
  Term control = t.builder().tuple({Term::small(2), am::ok});
  Term payload = atoms(t.builder(), "plain_", 10);
  EXPECT_TRUE(arrives(in, send(out, control, payload, false), false, control, payload));
  EXPECT_TRUE(arrives(in, send(out, control, Term::none(), false), false, control, Term::none()));
}

TEST_F(Dist, NothingIsReadBehindTheEnd) {
  DistOutput out(kDistDefault);
  Terms t(2000);
  Term control = t.builder().tuple({Term::small(2), am::ok, am::error});
  Term payload = atoms(t.builder(), "cut_", 100);
  Bytes whole = send(out, control, payload, true)[0];
  for (size_t n = 1; n < whole.size(); n++) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<long>(n));
    cut.shrink_to_fit();
    DistInput in(kDistDefault);
    EXPECT_FALSE(arrives(in, {cut}, true, control, payload));
  }
  // A slot of the cache that nothing was put into.
  DistInput in(kDistDefault);
  DistIncoming m;
  DistPacketError error;
  Bytes unknown = {131, 68, 1, 0, 5, 106};
  EXPECT_EQ(in.take(unknown, &m, &error), DistInput::Status::Failed);
  EXPECT_EQ(error, DistPacketError::Header);
}

}  // namespace
}  // namespace lintel
