// The external term format's numbers (erl_ext_dist in the OTP documentation) and what its reader and
// writer share.
#pragma once
#include <span>

#include "vm/base/result.h"
#include "vm/base/types.h"
#include "vm/term/term.h"

namespace lintel {

inline constexpr u8 kEtfVersion = 131;

enum class EtfTag : u8 {
  SmallInteger = 97,
  Integer = 98,
  Float = 99,          // 31 characters
  Atom = 100,          // Latin-1, 16-bit length
  Reference = 101,
  Port = 102,
  Pid = 103,
  SmallTuple = 104,
  LargeTuple = 105,
  Nil = 106,
  String = 107,
  List = 108,
  Binary = 109,
  SmallBig = 110,
  LargeBig = 111,
  NewFun = 112,
  Export = 113,
  NewReference = 114,
  SmallAtom = 115,     // Latin-1, 8-bit length
  Map = 116,
  Fun = 117,           // not accepted since OTP 23
  AtomUtf8 = 118,
  SmallAtomUtf8 = 119,
  V4Port = 120,
  NewPid = 88,
  NewPort = 89,
  NewerReference = 90,
  NewFloat = 70,
  BitBinary = 77,
  Compressed = 80,
  AtomCacheRef = 82,
};

inline constexpr u32 kMaxAtomBytes = 255 * 4;
inline constexpr u32 kMaxFreeVariables = 255;
inline constexpr u32 kMaxRefNumbers = 5;
inline constexpr u32 kMaxStringExt = 0xffff;

enum class EtfFault : u8 {
  Truncated,      // ends before the term does
  BadVersion,
  BadTag,
  BadLength,      // a count that what follows cannot fill
  BadAtom,        // not UTF-8, too long, or a cache reference to nothing
  UnknownAtom,    // safe: no such atom here
  UnknownExport,  // safe: no such function here
  AtomTableFull,
  BadNumber,      // a float or integer out of range, or something else where an integer must be
  BadIdentifier,  // a pid, port or reference that cannot be
  BadFun,
  DuplicateKey,
  BadCompression,
};
const char* etf_fault_text(EtfFault fault);

struct EtfError {
  EtfFault fault;
  u64 offset;  // in the (uncompressed) bytes
};

}  // namespace lintel
