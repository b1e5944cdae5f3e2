// The three hashes. phash and phash2 are fixed for ever by what programs have stored; the constants
// below are those values, not choices. Walks keep what is still to be hashed on a stack; words with
// the header tag on it are instructions to the walk.
#include "vm/term/hash.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/term/atom.h"
#include "vm/term/identity.h"
#include "vm/term/map_layout.h"
#include "vm/term/node.h"
#include "vm/term/work_stack.h"

namespace lintel {
namespace {

using hash_detail::golden;
using hash_detail::kGolden;
using hash_detail::mix;
using hash_detail::mix2;

bool is_byte(Term t) { return (t.bits() & ~(Word{0xFF} << kSmallShift)) == 0; }

// Bytes of a bitstring from a byte boundary: in place, or copied when it begins inside a byte.
class AlignedBytes {
 public:
  explicit AlignedBytes(const Bits& b) : bytes_(b.base) {
    if (b.bit_offset == 0 || b.bit_size == 0) return;
    u64 n = (b.bit_size + 7) / 8;
    u8* to = n <= sizeof small_ ? small_ : (owned_ = static_cast<u8*>(vm_alloc(n)));
    u64 available = (b.bit_offset + b.bit_size + 7) / 8;
    for (u64 i = 0; i < n; i++) {
      u32 pair = u32{b.base[i]} << 8 | (i + 1 < available ? b.base[i + 1] : 0);
      to[i] = static_cast<u8>(pair >> (8 - b.bit_offset));
    }
    bytes_ = to;
  }
  ~AlignedBytes() {
    if (owned_ != nullptr) vm_free(owned_);
  }
  AlignedBytes(const AlignedBytes&) = delete;
  const u8* get() const { return bytes_; }

 private:
  const u8* bytes_;
  u8* owned_ = nullptr;
  u8 small_[256];
};

u32 load32(const u8* p) {
  u32 v;
  std::memcpy(&v, p, 4);
  return v;
}

// Jenkins' hash of a byte block, twelve at a time.
// n < 4 bytes.
u32 load_few(const u8* p, u64 n) {
  u32 v = 0;
  if (n > 0) v = p[0];
  if (n > 1) v |= u32{p[1]} << 8;
  if (n > 2) v |= u32{p[2]} << 16;
  return v;
}

u32 block_hash(const u8* p, u64 n, u32 seed) {
  u32 a = kGolden;
  u32 b = kGolden;
  u32 c = seed;
  u64 left = n;
  for (; left >= 12; left -= 12, p += 12) {
    a += load32(p);
    b += load32(p + 4);
    c += load32(p + 8);
    mix(a, b, c);
  }
  c += static_cast<u32>(n);
  // The rest as 32-bit words with zeros behind; the low byte of c belongs to the length.
  if (left >= 8) {
    a += load32(p);
    b += load32(p + 4);
    c += load_few(p + 8, left - 8) << 8;
  } else if (left >= 4) {
    a += load32(p);
    b += load_few(p + 4, left - 4);
  } else {
    a += load_few(p, left);
  }
  mix(a, b, c);
  return c;
}

u32 bitstring_hash(Term t, u32 hash, u64 byte_mask) {
  Bits bits = bits_of(t);
  u32 seed = golden(13) + hash;
  // Stock's phash2 counts bytes modulo 2^32, and a binary of none is not mixed in at all.
  u64 n = bits.bit_size / 8 & byte_mask;
  u32 rest = bits.bit_size % 8;
  if (n == 0 && rest == 0) return seed;
  AlignedBytes bytes(bits);
  hash = block_hash(bytes.get(), n, seed);
  if (rest != 0) hash = mix2(hash, rest, bytes.get()[n] >> (8 - rest), golden(15));
  return hash;
}

u32 limbs_hash(const u64* limbs, u64 n, bool negative, u32 hash) {
  u32 constant = golden(negative ? 10 : 11);
  for (u64 i = 0; i < n; i++) hash = mix2(hash, limbs[i], limbs[i] >> 32, constant);
  return hash;
}

// The two halves of a float, low one first; both zeros are one number.
void float_halves(Term t, u32* low, u32* high) {
  double d = float_value(t);
  u64 bits;
  std::memcpy(&bits, &d, 8);
  if (d == 0) bits = 0;
  *low = static_cast<u32>(bits);
  *high = static_cast<u32>(bits >> 32);
}

constexpr Word mark(u32 n) { return Word{n} << 3 | 6; }
constexpr Word kMapTail = mark(1);
constexpr Word kMapPair = mark(2);
constexpr Word kTail = mark(3);

u32 small_phash2(i64 v, u32 hash) {
  constexpr i64 kLimit = i64{1} << 27;
  if (v >= -kLimit && v < kLimit) {
    // Negative ones are mixed twice, by an old mistake that must stay.
    if (v < 0) hash = mix2(hash, static_cast<u32>(-v), 0, kGolden);
    return mix2(hash, static_cast<u32>(v), 0, kGolden);
  }
  u64 m = v < 0 ? u64{0} - static_cast<u64>(v) : static_cast<u64>(v);
  return limbs_hash(&m, 1, v < 0, hash);
}

// The bytes at the head of a list, mixed in four at a time; fewer are left over.
struct ByteRun {
  Term rest;
  u32 hash;
  u32 packed = 0;
  u32 count = 0;  // of `packed`
  VM_ALWAYS_INLINE ByteRun(Term list, u32 h) : rest(list), hash(h) {
    while (rest.is_list() && is_byte(rest.head())) {
      packed = packed << 8 | static_cast<u32>(rest.head().small_value());
      if (++count == 4) {
        hash = mix2(hash, packed, 0, golden(4));
        packed = count = 0;
      }
      rest = rest.tail();
    }
  }
};

// Puts what is in a trie node on the stack: keys above their values, with a mark below each pair or not.
template <bool kMarkPairs>
void push_children(const HamtNode& node, WorkStack<Word, 64>& work) {
  for (u32 i = 0; i < node.count(); i++) {
    Term child = node.children[i];
    if (!is_hamt_leaf(child)) {
      work.push(child.bits());
      continue;
    }
    if (kMarkPairs) work.push(kMapPair);
    work.push(child.tail().bits());
    work.push(child.head().bits());
  }
}

}  // namespace

u32 phash2(Term t) {
  if (t.is_atom()) return atom_hash(t);
  if (t.is_small()) return small_phash2(t.small_value(), 0);

  u32 hash = 0;
  u32 xor_of_pairs = 0;
  WorkStack<Word, 64> work;
  for (;;) {
    bool descend = false;  // t was replaced by its first part
    switch (t.tag()) {
      case Tag::List: {
        ByteRun run(t, hash);
        t = run.rest;
        hash = run.hash;
        if (run.count > 0) hash = mix2(hash, run.packed, 0, golden(4));
        if (t.is_list()) {
          work.push(t.tail().bits());
          t = t.head();
        }
        descend = true;
        break;
      }
      case Tag::Small: hash = small_phash2(t.small_value(), hash); break;
      case Tag::Imm:
        if (t.is_atom()) {
          hash = hash == 0 ? atom_hash(t) : mix2(hash, atom_hash(t), 0, golden(3));
        } else if (t.is_nil()) {
          hash = hash == 0 ? 3468870702u : mix2(hash, 2, 0, golden(2));
        } else if (t.is_local_pid()) {
          hash = mix2(hash, pid_number(t), 0, golden(5));
        } else {
          hash = mix2(hash, port_number(t), port_number(t) >> 32, golden(6));
        }
        break;
      case Tag::Boxed:
        switch (t.boxed_tag()) {
          case BoxedTag::Tuple: {
            u64 n = tuple_arity(t);
            const Term* e = tuple_elements(t);
            hash = mix2(hash, n, 0, golden(9));
            if (n == 0) break;
            while (n-- > 1) work.push(e[n].bits());
            t = e[0];
            descend = true;
            break;
          }
          case BoxedTag::FlatMap:
          case BoxedTag::HamtRoot:
          case BoxedTag::HamtNode: {
            // The order of pairs must not show: each is hashed on its own and they are xored.
            if (t.boxed_tag() != BoxedTag::HamtNode) {
              u64 n = map_size(t);
              hash = mix2(hash, n, 0, golden(16));
              if (n == 0) break;
              work.push(xor_of_pairs);
              work.push(hash);
              work.push(kMapTail);
              hash = 0;
              xor_of_pairs = 0;
            }
            if (is_flat_map(t)) {
              const Term* keys = flat_map_keys(t);
              const Term* values = flat_map_values(t);
              for (u64 i = flat_map_size(t); i-- > 0;) {
                work.push(kMapPair);
                work.push(values[i].bits());
                work.push(keys[i].bits());
              }
            } else {
              push_children<true>(hamt_node(t), work);
            }
            break;
          }
          case BoxedTag::Fun: {
            FunIdentity f = fun_identity(view<Fun>(t)->entry);
            u64 n = fun_num_free(t);
            const Term* free = view<Fun>(t)->free;
            hash = mix2(hash, n, atom_hash(f.module), kGolden);
            hash = mix2(hash, f.index, f.old_uniq, kGolden);
            if (n == 0) break;
            while (n-- > 1) work.push(free[n].bits());
            t = free[0];
            descend = true;
            break;
          }
          case BoxedTag::Export: {
            ExportIdentity e = export_identity(view<ExportFun>(t)->entry);
            hash = mix2(hash, e.arity, atom_hash(e.module), kGolden);
            hash = mix2(hash, atom_hash(e.function), 0, golden(14));
            break;
          }
          case BoxedTag::RefcBinary:
          case BoxedTag::HeapBinary:
          case BoxedTag::SubBinary: hash = bitstring_hash(t, hash, 0xFFFFFFFFu); break;
          case BoxedTag::BigPos:
          case BoxedTag::BigNeg:
            hash = limbs_hash(big_limbs(t), big_limb_count(t), big_is_negative(t), hash);
            break;
          case BoxedTag::Ref:
          case BoxedTag::MagicRef: hash = mix2(hash, local_ref_numbers(t).n[0], 0, golden(7)); break;
          case BoxedTag::ExtRef: hash = mix2(hash, ref_parts(t).n[0], 0, golden(7)); break;
          case BoxedTag::ExtPid: hash = mix2(hash, pid_number(t), 0, golden(5)); break;
          case BoxedTag::ExtPort:
            hash = mix2(hash, port_number(t), port_number(t) >> 32, golden(6));
            break;
          case BoxedTag::Float: {
            u32 low, high;
            float_halves(t, &low, &high);
            hash = mix2(hash, high, low, golden(12));
            break;
          }
          case BoxedTag::MatchCtx: VM_PANIC("phash2 of a match context");
        }
        break;
      default: VM_PANIC("phash2: not a term: %#lx", t.bits());
    }
    if (descend) continue;

    for (;;) {
      if (work.empty()) return hash;
      Word w = work.pop();
      if (w == kMapTail) {
        hash = static_cast<u32>(work.pop());
        hash = mix2(hash, xor_of_pairs, 0, golden(19));
        xor_of_pairs = static_cast<u32>(work.pop());
      } else if (w == kMapPair) {
        xor_of_pairs ^= hash;
        hash = 0;
      } else {
        t = Term(w);
        break;
      }
    }
  }
}

static u32 internal_hash_walk(Term t, u32 hash) {
  auto rotate_in = [&hash](u32 constant) {
    hash ^= constant;
    hash = hash << 17 ^ hash >> 15;
  };
  WorkStack<Word, 64> work;
  for (;;) {
    bool descend = false;
    if (!t.is_pointer()) {
      hash = hash_detail::immediate(t, hash);
    } else if (t.is_list()) {
      ByteRun run(t, hash);
      t = run.rest;
      hash = run.hash;
      if (run.count > 0) hash = mix2(hash, run.packed, run.count, golden(22));
      if (t.is_list()) {
        rotate_in(golden(17));
        Term tail = t.tail();
        work.push(tail.bits());
        if (!tail.is_list()) work.push(kTail);
        t = t.head();
      }
      descend = true;
    } else {
      switch (t.boxed_tag()) {
        case BoxedTag::Tuple: {
          u64 n = tuple_arity(t);
          const Term* e = tuple_elements(t);
          hash = mix2(hash, n, 0, golden(9));
          if (n == 0) break;
          while (n-- > 1) work.push(e[n].bits());
          t = e[0];
          descend = true;
          break;
        }
        case BoxedTag::FlatMap: {
          u64 n = flat_map_size(t);
          hash = mix2(hash, n, 0, golden(16));
          while (n-- > 0) {
            work.push(flat_map_values(t)[n].bits());
            work.push(flat_map_keys(t)[n].bits());
          }
          break;
        }
        case BoxedTag::HamtRoot:
        case BoxedTag::HamtNode: {
          if (t.boxed_tag() == BoxedTag::HamtRoot) hash = mix2(hash, map_size(t), 0, golden(16));
          push_children<false>(hamt_node(t), work);
          break;
        }
        case BoxedTag::Fun: {
          FunIdentity f = fun_identity(view<Fun>(t)->entry);
          u64 n = fun_num_free(t);
          const Term* free = view<Fun>(t)->free;
          hash = mix2(hash, n, f.module.atom_index(), golden(20));
          hash = mix2(hash, f.index, f.old_uniq, golden(21));
          if (n == 0) break;
          while (n-- > 1) work.push(free[n].bits());
          t = free[0];
          descend = true;
          break;
        }
        case BoxedTag::Export: {
          // By name, not by address, so that the order of a map's keys is the same in each run.
          ExportIdentity e = export_identity(view<ExportFun>(t)->entry);
          hash = mix2(hash, e.module.atom_index(), e.function.atom_index(), golden(14));
          hash = mix2(hash, e.arity, 0, golden(14));
          break;
        }
        case BoxedTag::RefcBinary:
        case BoxedTag::HeapBinary:
        case BoxedTag::SubBinary: hash = bitstring_hash(t, hash, ~u64{0}); break;
        case BoxedTag::BigPos:
        case BoxedTag::BigNeg:
          hash = limbs_hash(big_limbs(t), big_limb_count(t), big_is_negative(t), hash);
          break;
        case BoxedTag::Ref:
        case BoxedTag::MagicRef: {
          RefNumbers r = local_ref_numbers(t);
          hash = mix2(hash, r.n[0], 0, golden(7));
          hash = mix2(hash, r.n[1], r.n[2], golden(8));
          break;
        }
        case BoxedTag::ExtRef: {
          RefParts r = ref_parts(t);
          Node* node = node_of(t);
          hash = mix2(hash, node->name.atom_index(), node->creation, golden(7));
          hash = mix2(hash, r.n[0], 0, golden(7));
          hash = mix2(hash, r.n[1], r.n[2], golden(8));
          // Missing numbers equal zeros (they compare so), which must not change the hash.
          if ((r.n[3] | r.n[4]) != 0) hash = mix2(hash, r.n[3], r.n[4], golden(8));
          break;
        }
        case BoxedTag::ExtPid: {
          Node* node = node_of(t);
          hash = mix2(hash, node->name.atom_index(), node->creation, golden(5));
          hash = mix2(hash, pid_number(t), pid_serial(t), golden(5));
          break;
        }
        case BoxedTag::ExtPort: {
          Node* node = node_of(t);
          hash = mix2(hash, node->name.atom_index(), node->creation, golden(6));
          hash = mix2(hash, port_number(t), port_number(t) >> 32, golden(6));
          break;
        }
        case BoxedTag::Float: {
          u32 low, high;
          float_halves(t, &low, &high);
          hash = mix2(hash, low, high, golden(12));
          break;
        }
        case BoxedTag::MatchCtx: VM_PANIC("hash of a match context");
      }
    }
    if (descend) continue;

    for (;;) {
      if (work.empty()) return hash;
      Word w = work.pop();
      if (w != kTail) {
        t = Term(w);
        break;
      }
      rotate_in(golden(18));
    }
  }
}

u32 internal_hash_compound(Term t, u32 salt) {
  u32 hash = salt ^ kInternalHashSeed;
  // Most keys that are no immediates are binaries: no walk, no stack for one.
  if (t.is_boxed() && t.header_word().header_tag() == BoxedTag::HeapBinary) {
    const auto* b = view<HeapBinary>(t);
    u32 seed = golden(13) + hash;
    return b->size == 0 ? seed : block_hash(b->bytes, b->size, seed);
  }
  return internal_hash_walk(t, hash);
}

// ---- phash: byte by byte with the primes just above 2^28 ----

namespace {

constexpr u32 kPrime[] = {0,         268440163, 268439161, 268435459, 268436141,
                          268438633, 268437017, 268438039, 268437511, 268439627,
                          268440479, 268440577, 268440581, 268440593, 268440611};

u32 bytes_step(u32 hash, u64 x, u32 bytes, u32 prime) {
  while (bytes-- > 0) {
    hash = hash * prime + static_cast<u8>(x);
    x >>= 8;
  }
  return hash;
}

constexpr Word kTuple = mark(1);   // then arity: all elements are done
constexpr Word kListRest = mark(2);  // then the tail
constexpr Word kListEnd = mark(3);

}  // namespace

u32 phash(Term t) {
  u32 hash = 0;
  WorkStack<Word, 64> work;
  for (;;) {
    bool descend = false;
    auto list = [&] {
      const Term* cell = t.cell();
      while (is_byte(cell[0])) {
        hash = hash * kPrime[2] + static_cast<u32>(cell[0].small_value());
        t = cell[1];
        if (!t.is_list()) {
          work.push(kListEnd);
          descend = true;
          return;
        }
        cell = t.cell();
      }
      work.push(cell[1].bits());
      work.push(kListRest);
      t = cell[0];
      descend = true;
    };
    switch (t.tag()) {
      case Tag::Small: {
        i64 v = t.small_value();
        u64 m = v < 0 ? u64{0} - static_cast<u64>(v) : static_cast<u64>(v);
        hash = bytes_step(hash, m, m >> 32 != 0 ? 8 : 4, kPrime[2]) * kPrime[v < 0 ? 4 : 3];
        break;
      }
      case Tag::Imm:
        if (t.is_atom()) {
          hash = hash * kPrime[1] + atom_hash(t);
        } else if (t.is_nil()) {
          hash = hash * kPrime[3] + 1;
        } else if (t.is_local_pid()) {
          hash = bytes_step(hash, pid_number(t), 4, kPrime[5]) * kPrime[6];
        } else {
          u64 n = port_number(t);
          if (n >> 32 != 0) hash = bytes_step(hash, n >> 32, 4, kPrime[11]);
          hash = bytes_step(hash, n, 4, kPrime[9]) * kPrime[10];
        }
        break;
      case Tag::List: list(); break;
      case Tag::Boxed:
        switch (t.boxed_tag()) {
          case BoxedTag::Tuple: {
            u64 n = tuple_arity(t);
            work.push(n);
            work.push(kTuple);
            while (n-- > 0) work.push(tuple_elements(t)[n].bits());
            break;
          }
          case BoxedTag::FlatMap:
          case BoxedTag::HamtRoot:
          case BoxedTag::HamtNode: hash = hash * kPrime[13] + kPrime[14] + phash2(t); break;
          case BoxedTag::Fun: {
            FunIdentity f = fun_identity(view<Fun>(t)->entry);
            u64 n = fun_num_free(t);
            hash = hash * kPrime[10] + static_cast<u32>(n);
            hash = hash * kPrime[1] + atom_hash(f.module);
            hash = hash * kPrime[2] + f.index;
            hash = hash * kPrime[2] + f.old_uniq;
            while (n-- > 0) work.push(view<Fun>(t)->free[n].bits());
            break;
          }
          case BoxedTag::Export: {
            ExportIdentity e = export_identity(view<ExportFun>(t)->entry);
            hash = hash * kPrime[11] + e.arity;
            hash = hash * kPrime[1] + atom_hash(e.module);
            hash = hash * kPrime[1] + atom_hash(e.function);
            break;
          }
          case BoxedTag::RefcBinary:
          case BoxedTag::HeapBinary:
          case BoxedTag::SubBinary: {
            Bits bits = bits_of(t);
            AlignedBytes bytes(bits);
            u64 n = bits.bit_size / 8;
            u32 rest = bits.bit_size % 8;
            for (u64 i = 0; i < n; i++) hash = hash * kPrime[1] + bytes.get()[i];
            if (rest != 0) {
              hash = (hash * kPrime[1] + (bytes.get()[n] >> (8 - rest))) * kPrime[12] + rest;
            }
            hash = hash * kPrime[4] + static_cast<u32>(n);
            break;
          }
          case BoxedTag::BigPos:
          case BoxedTag::BigNeg: {
            u64 n = big_limb_count(t);
            const u64* limbs = big_limbs(t);
            for (u64 i = 0; i + 1 < n; i++) hash = bytes_step(hash, limbs[i], 8, kPrime[2]);
            hash = bytes_step(hash, limbs[n - 1], limbs[n - 1] >> 32 != 0 ? 8 : 4, kPrime[2]);
            hash *= kPrime[big_is_negative(t) ? 4 : 3];
            break;
          }
          case BoxedTag::Ref:
          case BoxedTag::MagicRef:
          case BoxedTag::ExtRef:
            hash = bytes_step(hash, ref_parts(t).n[0], 4, kPrime[9]) * kPrime[10];
            break;
          case BoxedTag::ExtPid:
            hash = bytes_step(hash, pid_number(t), 4, kPrime[5]) * kPrime[6];
            break;
          case BoxedTag::ExtPort: {
            u64 n = port_number(t);
            if (n >> 32 != 0) hash = bytes_step(hash, n >> 32, 4, kPrime[11]);
            hash = bytes_step(hash, n, 4, kPrime[9]) * kPrime[10];
            break;
          }
          case BoxedTag::Float: {
            u32 low, high;
            float_halves(t, &low, &high);
            hash = hash * kPrime[6] + (low ^ high);
            break;
          }
          case BoxedTag::MatchCtx: VM_PANIC("phash of a match context");
        }
        break;
      default: VM_PANIC("phash: not a term: %#lx", t.bits());
    }

    while (!descend) {
      if (work.empty()) return hash;
      Word w = work.pop();
      if (w == kTuple) {
        hash = hash * kPrime[9] + static_cast<u32>(work.pop());
      } else if (w == kListEnd) {
        hash *= kPrime[8];
      } else if (w == kListRest) {
        t = Term(work.pop());
        if (t.is_list()) {
          list();
        } else {
          work.push(kListEnd);
          descend = true;
        }
      } else {
        t = Term(w);
        descend = true;
      }
    }
  }
}

}  // namespace lintel
