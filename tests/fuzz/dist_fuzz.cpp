// Fuzzes distribution packets: whatever another node sends, taking it ends with a message or an error.
// A message that decodes is sent on over a connection of our own and must arrive the same.
//
// The input is a connection: its first byte chooses the capabilities, then packets follow, each behind
// its length in two bytes.
#include <vector>

#include "vm/code/backend.h"
#include "vm/dist/packet.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

using namespace lintel;

namespace {

using Bytes = std::vector<u8>;

void set_up() {
  static bool done = false;
  if (done) return;
  done = true;
  atoms_init(1 << 14);
  nodes_init();
  engine.link_export = [](Export*) {};
  engine.link_fun = [](FunEntry*) {};
}

Bytes encode(Term t) {
  EtfEncodeOptions options;
  options.utf8_atoms = true;
  EtfEncoder e(t, options);
  i64 budget = INT64_MAX;
  VM_CHECK(e.step(budget) == EtfEncoder::Status::Done);
  return Bytes(e.bytes(), e.bytes() + e.size());
}

void free_terms(DistTerms& t) {
  if (t.control_fragments != nullptr) fragments_free(t.control_fragments);
  if (t.payload_fragments != nullptr) fragments_free(t.payload_fragments);
}

// Over a second connection of the same capabilities.
struct Relay {
  DistOutput out;
  DistInput in;
  explicit Relay(u64 flags) : out(flags), in(flags) {}

  void pass(const DistTerms& t, u64 flags) {
    bool has_header = (flags & (kDistHdrAtomCache | kDistFragments)) != 0;
    DistMessage* m = dist_encode(t.control, t.payload, (flags & kDistHdrAtomCache) != 0);
    VM_CHECK(m != nullptr);
    std::vector<std::vector<DistBytes>> packets;
    out.packets(*m, &packets);
    vm_delete(m);
    DistTerms arrived;
    for (size_t i = 0; i < packets.size(); i++) {
      Bytes bytes;
      for (DistBytes& s : packets[i]) bytes.insert(bytes.end(), s.bytes, s.bytes + s.size);
      dist_bytes_release(packets[i]);
      DistIncoming incoming;
      DistPacketError error;
      auto status = in.take(bytes, &incoming, &error);
      bool last = i + 1 == packets.size();
      VM_CHECK(status == (last ? DistInput::Status::Message : DistInput::Status::Incomplete));
      if (last) VM_CHECK(dist_decode(incoming, has_header, &arrived));
    }
    VM_CHECK(encode(arrived.control) == encode(t.control));
    VM_CHECK(arrived.payload.is_none() == t.payload.is_none());
    if (!t.payload.is_none()) VM_CHECK(encode(arrived.payload) == encode(t.payload));
    free_terms(arrived);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  set_up();
  if (size < 1) return 0;
  static u64 runs = 0;
  // Atoms, nodes and functions that decoding makes are never freed: long runs stop making new ones.
  if (++runs > 3000000) return 0;
  u64 flags = kDistMandatory;
  if ((data[0] & 1) != 0) flags |= kDistHdrAtomCache;
  if ((data[0] & 2) != 0) flags |= kDistFragments;
  bool has_header = (flags & (kDistHdrAtomCache | kDistFragments)) != 0;
  DistInput in(flags);
  Relay relay(flags);
  size_t at = 1;
  while (size - at >= 2) {
    size_t n = static_cast<size_t>(data[at] << 8 | data[at + 1]);
    at += 2;
    if (n > size - at) n = size - at;
    if (n == 0) continue;
    Bytes packet(data + at, data + at + n);  // its own block: reading past it shows
    at += n;
    DistIncoming m;
    DistPacketError error;
    auto status = in.take(packet, &m, &error);
    if (status == DistInput::Status::Failed) return 0;
    VM_CHECK(in.waiting_bytes() <= size);
    if (status == DistInput::Status::Incomplete) continue;
    DistTerms t;
    if (!dist_decode(m, has_header, &t)) return 0;
    relay.pass(t, flags);
    free_terms(t);
  }
  return 0;
}
