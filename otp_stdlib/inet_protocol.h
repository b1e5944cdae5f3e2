// What the module prim_inet and the drivers tcp_inet and udp_inet say to each other through
// port_control: request codes, option codes and the encoding of values. Numbers are big-endian. The
// answer to a request is a byte that says what follows: an error's name, or the result.
//
// The codes are the ones of OTP's inet_int.hrl.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "otp_stdlib/static_drivers.h"

namespace inet {

// prim_inet adds this to every request code.
inline constexpr unsigned kControlBase = 0x03f1a300;

enum Request : unsigned {
  kOpen = 1,
  kClose = 2,
  kConnect = 3,
  kPeer = 4,
  kName = 5,
  kBind = 6,
  kSetOpts = 7,
  kGetOpts = 8,
  kGetStat = 11,
  kGetHostName = 12,
  kFdOpen = 13,
  kGetFd = 14,
  kGetType = 15,
  kGetStatus = 16,
  kGetServByName = 17,
  kGetServByPort = 18,
  kSetName = 19,
  kSetPeer = 20,
  kGetIfList = 21,
  kIfGet = 22,
  kIfSet = 23,
  kSubscribe = 24,
  kGetIfAddrs = 25,
  kAccept = 26,
  kListen = 27,
  kIgnoreFd = 28,
  kGetLocalAddrs = 29,
  kGetPeerAddrs = 30,
  kTcpRecv = 42,
  kTcpUnrecv = 43,
  kTcpShutdown = 44,
  kTcpSendFile = 45,
  kPacketRecv = 60,
};

enum Reply : char { kReplyError = 0, kReplyOk = 1 };

enum Family : uint8_t {
  kFamilyUnspec = 0,
  kFamilyInet = 1,
  kFamilyInet6 = 2,
  kFamilyAny = 3,       // the wildcard address of the socket's family
  kFamilyLoopback = 4,  // the loopback address of the socket's family
  kFamilyLocal = 5,
  kFamilyUndefined = 6,
};

enum Type : uint8_t { kTypeStream = 1, kTypeDatagram = 2 };

enum Active : int { kPassive = 0, kActive = 1, kOnce = 2, kCounted = 3 };
enum Mode : int { kModeList = 0, kModeBinary = 1 };
enum Deliver : int { kDeliverPort = 0, kDeliverTerm = 1 };

// State bits, as getstatus reports them.
enum State : uint32_t {
  kStateClosed = 0,
  kStateOpen = 0x01,
  kStateActive = 0x04,
  kStateListen = 0x08,
  kStateConnecting = 0x10,
  kStateAccepting = 0x20,
  kStateBusy = 0x80,
};

enum Option : uint8_t {
  kOptReuseAddr = 0,
  kOptKeepAlive = 1,
  kOptDontRoute = 2,
  kOptLinger = 3,
  kOptBroadcast = 4,
  kOptOobInline = 5,
  kOptSndBuf = 6,
  kOptRcvBuf = 7,
  kOptPriority = 8,
  kOptTos = 9,
  kOptNoDelay = 10,
  kOptMulticastIf = 11,
  kOptMulticastTtl = 12,
  kOptMulticastLoop = 13,
  kOptAddMembership = 14,
  kOptDropMembership = 15,
  kOptV6Only = 16,
  // The driver's own.
  kOptBuffer = 20,
  kOptHeader = 21,
  kOptActive = 22,
  kOptPacket = 23,
  kOptMode = 24,
  kOptDeliver = 25,
  kOptExitOnClose = 26,
  kOptHighWatermark = 27,
  kOptLowWatermark = 28,
  kOptSendTimeout = 30,
  kOptDelaySend = 31,
  kOptPacketSize = 32,
  kOptReadPackets = 33,
  kOptRaw = 34,
  kOptSendTimeoutClose = 35,
  kOptQueueHigh = 36,
  kOptQueueLow = 37,
  kOptNetNs = 38,
  kOptShowReset = 39,
  kOptLineDelimiter = 40,
  // Of the system again.
  kOptTclass = 41,
  kOptBindToDevice = 42,
  kOptRecvTos = 43,
  kOptRecvTclass = 44,
  kOptPktOptions = 45,
  kOptTtl = 46,
  kOptRecvTtl = 47,
  kOptNoPush = 48,
  kOptDebug = 99,
};

enum IfOption : uint8_t {
  kIfAddr = 1,
  kIfBroadAddr = 2,
  kIfDstAddr = 3,
  kIfMtu = 4,
  kIfNetmask = 5,
  kIfFlags = 6,
  kIfHwAddr = 7,
};
enum IfFlag : uint32_t {
  kIfUp = 0x01,
  kIfBroadcast = 0x02,
  kIfLoopback = 0x04,
  kIfPointToPoint = 0x08,
  kIfRunning = 0x10,
  kIfMulticast = 0x20,
  kIfDown = 0x100,
  kIfNoBroadcast = 0x200,
  kIfNoPointToPoint = 0x800,
};

enum Stat : uint8_t {
  kStatRecvCount = 1,
  kStatRecvMax = 2,
  kStatRecvAverage = 3,
  kStatRecvDeviation = 4,
  kStatSendCount = 5,
  kStatSendMax = 6,
  kStatSendAverage = 7,
  kStatSendPending = 8,
  kStatRecvOctets = 9,
  kStatSendOctets = 10,
};

inline constexpr uint8_t kSubscribeEmptyOutQueue = 1;

inline constexpr uint32_t kInfinity = 0xffffffff;
inline constexpr uint32_t kMaxOptionBytes = 64 * 1024;
inline constexpr uint32_t kMaxPacket = 64 * 1024 * 1024;

// Reads what prim_inet wrote. Reading past the end gives zeros and makes ok() false.
class Reader {
 public:
  Reader(const char* bytes, size_t size) : at_(reinterpret_cast<const uint8_t*>(bytes)), left_(size) {}
  bool ok() const { return ok_; }
  size_t left() const { return left_; }
  const uint8_t* at() const { return at_; }
  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  int32_t i32() { return static_cast<int32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  // Empty when there are not as many.
  std::string_view bytes(size_t count) {
    if (count > left_) {
      fail();
      return {};
    }
    std::string_view taken(reinterpret_cast<const char*>(at_), count);
    at_ += count;
    left_ -= count;
    return taken;
  }

 private:
  void fail() {
    ok_ = false;
    left_ = 0;
  }
  uint64_t number(size_t size) {
    if (size > left_) {
      fail();
      return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++) v = v << 8 | *at_++;
    left_ -= size;
    return v;
  }
  const uint8_t* at_;
  size_t left_;
  bool ok_ = true;
};

// The answer to a request, or a part of one.
class Writer {
 public:
  Writer& u8(unsigned v) { return number(v, 1); }
  Writer& u16(unsigned v) { return number(v, 2); }
  Writer& u32(uint32_t v) { return number(v, 4); }
  Writer& u64(uint64_t v) { return number(v, 8); }
  Writer& bytes(const void* p, size_t size) {
    text_.append(static_cast<const char*>(p), size);
    return *this;
  }
  size_t size() const { return text_.size(); }
  const std::string& text() const { return text_; }
  void truncate(size_t size) { text_.resize(size); }
  void patch_u32(size_t at, uint32_t v) {
    for (int i = 0; i < 4; i++) text_[at + static_cast<size_t>(i)] = static_cast<char>(v >> (24 - 8 * i));
  }
  // Hands it over as the result of a driver's control function.
  ErlDrvSSizeT finish(char** reply, ErlDrvSizeT room) const {
    if (text_.size() > room) *reply = static_cast<char*>(driver_alloc(text_.size()));
    std::memcpy(*reply, text_.data(), text_.size());
    return static_cast<ErlDrvSSizeT>(text_.size());
  }

 private:
  Writer& number(uint64_t v, int size) {
    for (int i = size - 1; i >= 0; i--) text_.push_back(static_cast<char>(v >> (8 * i)));
    return *this;
  }
  std::string text_;
};

}  // namespace inet
