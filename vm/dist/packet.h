// Packets: what stands around the terms of a distribution message.
//
//   with header       131 68 atoms… Control [Payload]
//   fragmented        131 69 sequence:8 fragment:8 atoms… Control [Payload…
//                     131 70 sequence:8 fragment:8 …more of the payload]     fragment counts down to 1
//   without           112 131 Control [131 Payload]
//
// "atoms" is a list of the atoms that the message refers to by index. Each names a slot of a cache
// that both ends keep: the sender fills a slot and from then on names only the slot. So packets are
// given their header in the order in which they leave, not in the order in which they were encoded.
//
// Needs neither processes nor connections, so that it can be fuzzed alone.
#pragma once
#include <map>
#include <span>
#include <vector>

#include "vm/dist/protocol.h"
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"

namespace lintel {

// A slice of reference-counted bytes.
struct DistBytes {
  BinaryData* data;
  u8* bytes;
  u64 size;
};
void dist_bytes_release(std::vector<DistBytes>& slices);

// ---- out ----

// An encoded message that waits to be sent: the terms, in slices, and the atoms they refer to.
struct DistMessage {
  DistMessage* next = nullptr;
  std::vector<Term> atoms;           // in the order of their indices
  std::vector<DistBytes> control;
  std::vector<DistBytes> payload;    // empty: none
  u64 bytes = 0;                     // of control and payload
  ~DistMessage() {
    dist_bytes_release(control);
    dist_bytes_release(payload);
  }
};
// Encodes both terms; payload none(): none. Null when a binary in it is too large for the format.
// With use_cache atoms are referred to by index.
DistMessage* dist_encode(Term control, Term payload, bool use_cache);

// The sending end of a connection.
class DistOutput {
 public:
  explicit DistOutput(u64 flags) : flags_(flags) {}
  // Turns a message into packets, in this order to be sent, and empties it.
  void packets(DistMessage& m, std::vector<std::vector<DistBytes>>* out);

 private:
  DistBytes header(const DistMessage& m, u64 sequence, u64 fragments);

  u64 flags_;
  u64 next_sequence_ = 1;
  Term cache_[kAtomCacheSize] = {};
};

// ---- in ----

// A message as it came, with its terms' bytes. The spans are into the packet or into `joined`.
struct DistIncoming {
  std::vector<u8> joined;
  std::vector<Term> atoms;
  std::span<const u8> control;  // and what follows it
};

enum class DistPacketError : u8 { None, Version, Header, Sequence };

// The receiving end.
class DistInput {
 public:
  explicit DistInput(u64 flags) : flags_(flags) {}
  enum class Status { Message, Incomplete, Failed };
  // Takes a packet, not empty. Message: *out holds it, its spans good as long as the packet is.
  Status take(std::span<const u8> packet, DistIncoming* out, DistPacketError* error);
  // Bytes of messages of which fragments are missing.
  u64 waiting_bytes() const { return waiting_bytes_; }

 private:
  struct Sequence {
    u64 left;  // the number of the next fragment
    std::vector<u8> bytes;
    std::vector<Term> atoms;
  };
  bool header(std::span<const u8>* rest, std::vector<Term>* atoms);

  u64 flags_;
  u64 waiting_bytes_ = 0;
  std::map<u64, Sequence> sequences_;
  Term cache_[kAtomCacheSize] = {};
};

// The two terms of a message, decoded. payload is none() and the fragments null where there is none.
struct DistTerms {
  Term control = Term::none();
  Fragment* control_fragments = nullptr;
  Term payload = Term::none();
  Fragment* payload_fragments = nullptr;
};
// False when the bytes are not one or two terms; nothing is left behind then. A payload is decoded
// only if `wants_payload` says so of the control term.
bool dist_decode(const DistIncoming& m, bool has_header, DistTerms* out);

}  // namespace lintel
