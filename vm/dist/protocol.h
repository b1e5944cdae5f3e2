// Numbers of the distribution protocol (erl_dist_protocol in the OTP documentation) as of OTP 25.
#pragma once
#include "vm/base/types.h"

namespace lintel {

// ---- capabilities ----
inline constexpr u64 kDistPublished = 0x1;
inline constexpr u64 kDistExtendedReferences = 0x4;
inline constexpr u64 kDistMonitor = 0x8;
inline constexpr u64 kDistFunTags = 0x10;
inline constexpr u64 kDistMonitorName = 0x20;
inline constexpr u64 kDistHiddenAtomCache = 0x40;
inline constexpr u64 kDistNewFunTags = 0x80;
inline constexpr u64 kDistExtendedPidsPorts = 0x100;
inline constexpr u64 kDistExportPtrTag = 0x200;
inline constexpr u64 kDistBitBinaries = 0x400;
inline constexpr u64 kDistNewFloats = 0x800;
inline constexpr u64 kDistUnicodeIo = 0x1000;
inline constexpr u64 kDistHdrAtomCache = 0x2000;
inline constexpr u64 kDistSmallAtomTags = 0x4000;
inline constexpr u64 kDistUtf8Atoms = 0x10000;
inline constexpr u64 kDistMapTag = 0x20000;
inline constexpr u64 kDistBigCreation = 0x40000;
inline constexpr u64 kDistSendSender = 0x80000;
inline constexpr u64 kDistBigSeqtraceLabels = 0x100000;
inline constexpr u64 kDistExitPayload = 0x400000;
inline constexpr u64 kDistFragments = 0x800000;
inline constexpr u64 kDistHandshake23 = 0x1000000;
inline constexpr u64 kDistUnlinkId = 0x2000000;
inline constexpr u64 kDistMandatory25Digest = 0x4000000;
inline constexpr u64 kDistSpawn = u64{1} << 32;
inline constexpr u64 kDistNameMe = u64{2} << 32;
inline constexpr u64 kDistV4Nc = u64{4} << 32;
inline constexpr u64 kDistAlias = u64{8} << 32;

// What a node must be able to do for OTP 25 to talk to it.
inline constexpr u64 kDistMandatory = kDistExtendedReferences | kDistFunTags | kDistExtendedPidsPorts |
                                      kDistUtf8Atoms | kDistNewFunTags | kDistBigCreation | kDistNewFloats |
                                      kDistMapTag | kDistExportPtrTag | kDistBitBinaries | kDistHandshake23;
// What is assumed of a node whose answer is still awaited.
inline constexpr u64 kDistHopefully =
    kDistMonitor | kDistMonitorName | kDistSpawn | kDistAlias | kDistUnlinkId;
inline constexpr u64 kDistDefault = kDistMandatory | kDistHopefully | kDistUnicodeIo | kDistHdrAtomCache |
                                    kDistSmallAtomTags | kDistSendSender | kDistBigSeqtraceLabels |
                                    kDistExitPayload | kDistFragments | kDistV4Nc | kDistMandatory25Digest;
inline constexpr u64 kDistAddable = kDistDefault;
inline constexpr u64 kDistRejectable = kDistHdrAtomCache | kDistHiddenAtomCache | kDistFragments | 0x2;
inline constexpr u64 kDistStrictOrder = kDistHdrAtomCache;

// ---- control messages: the first element of the control tuple ----
enum class DistOp : u8 {
  Link = 1,
  Send = 2,
  Exit = 3,
  Unlink = 4,
  RegSend = 6,
  GroupLeader = 7,
  Exit2 = 8,
  SendTt = 12,
  ExitTt = 13,
  RegSendTt = 16,
  Exit2Tt = 18,
  MonitorP = 19,
  DemonitorP = 20,
  MonitorPExit = 21,
  SendSender = 22,
  SendSenderTt = 23,
  PayloadExit = 24,
  PayloadExitTt = 25,
  PayloadExit2 = 26,
  PayloadExit2Tt = 27,
  PayloadMonitorPExit = 28,
  SpawnRequest = 29,
  SpawnRequestTt = 30,
  SpawnReply = 31,
  SpawnReplyTt = 32,
  AliasSend = 33,
  AliasSendTt = 34,
  UnlinkId = 35,
  UnlinkIdAck = 36,
};

// SPAWN_REPLY's flags.
inline constexpr u32 kDistSpawnLink = 1;
inline constexpr u32 kDistSpawnMonitor = 2;

// ---- packets ----
inline constexpr u8 kDistHeader = 68;
inline constexpr u8 kDistFragHeader = 69;
inline constexpr u8 kDistFragCont = 70;
inline constexpr u8 kDistPassThrough = 112;  // in front of packets on connections without header

inline constexpr u32 kAtomCacheSize = 2048;   // 8 segments of 256
inline constexpr u32 kMaxPacketAtoms = 255;
inline constexpr u64 kDistFragmentBytes = 64 * 1024;

}  // namespace lintel
