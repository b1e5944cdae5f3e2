#include "vm/etf/encode.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "vm/base/alloc.h"
#include "vm/base/bits.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"
#include "vm/term/compare.h"
#include "vm/term/float_text.h"
#include "vm/term/magic.h"
#include "vm/term/map_layout.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

constexpr u32 kFloatTextBytes = 31;
constexpr u64 kMaxV3PortNumber = (u64{1} << 28) - 1;
constexpr u64 kMaxBinaryExt = 0xffffffff;

// A list of bytes that STRING_EXT can hold: its length, else 0. *seen counts the cells looked at.
u64 byte_string_length(Term list, u64* seen) {
  u64 n = 0;
  for (; list.is_list(); list = list.tail()) {
    Term head = list.head();
    if (!head.is_small() || static_cast<u64>(head.small_value()) > 255 || ++n > kMaxStringExt) {
      *seen = n;
      return 0;
    }
  }
  *seen = n;
  return list.is_nil() ? n : 0;
}

// Latin-1 bytes of an atom whose characters all are.
u32 atom_to_latin1(std::string_view utf8, u8* to) {
  u32 n = 0;
  for (size_t i = 0; i < utf8.size(); i++) {
    u8 c = static_cast<u8>(utf8[i]);
    if (c >= 0x80) c = static_cast<u8>(c << 6 | (static_cast<u8>(utf8[++i]) & 0x3f));
    to[n++] = c;
  }
  return n;
}

}  // namespace

EtfEncoder::EtfEncoder(Term term, const EtfEncodeOptions& options) : options_(options), start_(term) {}

EtfEncoder::~EtfEncoder() {
  if (buffer_ != nullptr) binary_data_release(buffer_);
  for (EtfSegment& s : segments_) {
    if (s.data != nullptr) binary_data_release(s.data);
  }
}

EtfEncoder::EtfEncoder(EtfEncoder&& o)
    : options_(o.options_), start_(o.start_), too_big_(o.too_big_), segment_bytes_(o.segment_bytes_),
      sorted_(std::move(o.sorted_)), segments_(std::move(o.segments_)) {
  for (u64 i = 0; i < o.frames_.size(); i++) frames_.push(o.frames_[i]);
  u64 used = o.size();
  if (o.buffer_ == nullptr) {
    std::memcpy(fixed_, o.fixed_, used);
  } else {
    buffer_ = std::exchange(o.buffer_, nullptr);
    bytes_ = o.bytes_;
    end_ = o.end_;
  }
  p_ = bytes_ + used;
}

u64 EtfEncoder::term_count() const {
  u64 n = 1 + frames_.size();
  for (auto& array : sorted_) n += array.size();
  return n;
}

void EtfEncoder::save_terms(Term* to) const {
  *to++ = start_.is_none() ? Term::nil() : start_;
  for (u64 i = 0; i < frames_.size(); i++) *to++ = frames_[i].term;
  for (auto& array : sorted_) to = std::copy(array.begin(), array.end(), to);
}

void EtfEncoder::load_terms(const Term* from) {
  if (!start_.is_none()) start_ = *from;
  from++;
  for (u64 i = 0; i < frames_.size(); i++) frames_[i].term = *from++;
  for (auto& array : sorted_) {
    std::copy_n(from, array.size(), array.begin());
    from += array.size();
  }
}

void EtfEncoder::grow(u64 need) {
  u64 used = size();
  u64 capacity = std::max<u64>(static_cast<u64>(end_ - bytes_) * 2, used + need);
  if (buffer_ == nullptr) {
    capacity = std::max<u64>(capacity, 4096);  // what is not small is rarely just above
    buffer_ = binary_data_new(capacity);
    std::memcpy(buffer_->bytes, fixed_, used);
  } else {
    buffer_ = binary_data_grow(buffer_, capacity);
  }
  bytes_ = buffer_->bytes;
  p_ = bytes_ + used;
  end_ = bytes_ + capacity;
}

BinaryData* EtfEncoder::take_buffer() {
  if (buffer_ != nullptr) return binary_data_grow(std::exchange(buffer_, nullptr), size());
  BinaryData* exact = binary_data_new(size());
  std::memcpy(exact->bytes, fixed_, size());
  return exact;
}

// Leaves kFixedRoom.
void EtfEncoder::put_atom(Term t) {
  if (VM_UNLIKELY(options_.atom_cache != nullptr)) {
    int index = options_.atom_cache(options_.atom_cache_context, t);
    if (index >= 0) {
      tag(EtfTag::AtomCacheRef);
      put8(static_cast<u8>(index));
      return;
    }
  }
  std::string_view name = atom_name(t);
  room(3 + name.size() + kFixedRoom);
  if (options_.utf8_atoms || !atom_is_latin1(t)) {
    if (name.size() > 255) {
      tag(EtfTag::AtomUtf8);
      put16(static_cast<u16>(name.size()));
    } else {
      tag(EtfTag::SmallAtomUtf8);
      put8(static_cast<u8>(name.size()));
    }
  } else {
    u32 chars = atom_char_count(t);
    tag(EtfTag::Atom);
    put16(static_cast<u16>(chars));
    if (chars != name.size()) {
      p_ += atom_to_latin1(name, p_);
      return;
    }
  }
  std::memcpy(p_, name.data(), name.size());
  p_ += name.size();
}

void EtfEncoder::put_integer(i64 v) {
  if (static_cast<u64>(v) < 256) {
    tag(EtfTag::SmallInteger);
    put8(static_cast<u8>(v));
  } else if (v == static_cast<i32>(v)) {
    tag(EtfTag::Integer);
    put32(static_cast<u32>(v));
  } else {
    u64 magnitude = v < 0 ? u64{0} - static_cast<u64>(v) : static_cast<u64>(v);
    u64 n = (64 - static_cast<u64>(std::countl_zero(magnitude)) + 7) / 8;
    tag(EtfTag::SmallBig);
    put8(static_cast<u8>(n));
    put8(v < 0);
    std::memcpy(p_, &magnitude, 8);
    p_ += n;
  }
}

void EtfEncoder::put_pid(Term t) {
  tag(EtfTag::NewPid);
  Node* node = node_of(t);
  put_atom(node->name);
  put32(pid_number(t));
  put32(pid_serial(t));
  put32(node->creation);
}

void EtfEncoder::put_binary(Term t, i64& budget) {
  Bits bits = bits_of(t);
  u64 whole = bits.byte_size();
  u32 rest = static_cast<u32>(bits.bit_size % 8);
  u64 bytes = whole + (rest != 0);
  if (bytes > kMaxBinaryExt) {
    too_big_ = true;
    return;
  }
  tag(rest != 0 ? EtfTag::BitBinary : EtfTag::Binary);
  put32(static_cast<u32>(bytes));
  if (rest != 0) put8(static_cast<u8>(rest));
  if (options_.segments && bits.bit_offset == 0 && whole > kMaxHeapBinary) {
    Term base = t.is(BoxedTag::SubBinary) ? view<SubBinary>(t)->base : t;
    if (base.is(BoxedTag::RefcBinary)) {
      BinaryData* data = view<RefcBinary>(base)->data;
      binary_data_retain(data);
      segments_.push_back({size(), data, static_cast<u64>(bits.base - data->bytes), whole});
      segment_bytes_ += whole;
      if (rest != 0) put8(static_cast<u8>(bits.base[whole] & (0xff00u >> rest)));
      return;
    }
  }
  room(bytes);
  copy_bits_out(p_, bits.base, bits.bit_offset, bits.bit_size);
  p_ += bytes;
  budget -= static_cast<i64>(bytes / 64);
}

void EtfEncoder::put_fun(Term t) {
  if (t.boxed_tag() == BoxedTag::Export) {
    Export* e = view<ExportFun>(t)->entry;
    tag(EtfTag::Export);
    put_atom(e->module);
    put_atom(e->function);
    put_integer(e->arity);
    return;
  }
  Fun* f = view<Fun>(t);
  FunEntry* e = f->entry;
  tag(EtfTag::NewFun);
  u64 patch = size();
  u64 segments_before = segment_bytes_;
  put32(0);
  put8(static_cast<u8>(e->arity));
  std::memcpy(p_, e->uniq.data(), e->uniq.size());
  p_ += e->uniq.size();
  put32(e->index);
  u64 num_free = fun_num_free(t);
  put32(static_cast<u32>(num_free));
  put_atom(e->module);
  put_integer(static_cast<i32>(e->old_index));
  put_integer(static_cast<i32>(e->old_uniq));
  put_pid(f->creator);
  push(Kind::FunSize, Term::nil(), 0, segments_before, patch);
  if (num_free != 0) push(Kind::Terms, t, kFunFixedWords, num_free);
}

void EtfEncoder::put_map(Term t, i64& budget) {
  u64 n = map_size(t);
  tag(EtfTag::Map);
  put32(static_cast<u32>(n));
  if (is_flat_map(t)) {
    if (n != 0) push(Kind::Pairs, t, 0, n);
  } else if (!options_.deterministic) {
    push_hamt(t);
  } else {
    // Collect the leaves, sort them by key.
    struct Pair {
      Term key, value;
    };
    std::vector<Pair> pairs;
    pairs.reserve(n);
    std::vector<HamtNode> todo{hamt_node(t)};
    while (!todo.empty()) {
      HamtNode node = todo.back();
      todo.pop_back();
      for (u32 i = 0; i < node.count(); i++) {
        Term child = node.children[i];
        if (is_hamt_leaf(child)) {
          pairs.push_back({child.head(), child.tail()});
        } else {
          todo.push_back(hamt_node(child));
        }
      }
    }
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return compare_exact(a.key, b.key) < 0; });
    std::vector<Term> flat;
    flat.reserve(2 * n);
    for (Pair& p : pairs) {
      flat.push_back(p.key);
      flat.push_back(p.value);
    }
    budget -= static_cast<i64>(n * 4);
    push(Kind::Sorted, Term::nil(), sorted_.size(), 2 * n);
    sorted_.push_back(std::move(flat));
  }
}

// The children of a root or node, from the last to the first.
void EtfEncoder::push_hamt(Term node) {
  HamtNode view = hamt_node(node);
  u64 first = static_cast<u64>(view.children - node.object());
  push(Kind::Hamt, node, first + view.count(), view.count());
}

void EtfEncoder::put_list(Term t, i64& budget) {
  u64 seen = 0;
  u64 n = byte_string_length(t, &seen);
  budget -= static_cast<i64>(seen / 8);
  if (n != 0) {
    room(3 + n);
    tag(EtfTag::String);
    put16(static_cast<u16>(n));
    for (; t.is_list(); t = t.tail()) *p_++ = static_cast<u8>(t.head().small_value());
    return;
  }
  tag(EtfTag::List);
  push(Kind::List, t, 0, 0, size());
  put32(0);  // the count, when it is known
}

void EtfEncoder::put_port(Term t) {
  u64 number = port_number(t);
  bool wide = number > kMaxV3PortNumber;
  tag(wide ? EtfTag::V4Port : EtfTag::NewPort);
  Node* node = node_of(t);
  put_atom(node->name);
  if (wide) {
    put64(number);
  } else {
    put32(static_cast<u32>(number));
  }
  put32(node->creation);
}

void EtfEncoder::put_immediate(Term t) {
  room(kFixedRoom);
  if (t.is_small()) {
    put_integer(t.small_value());
  } else if (t.is_atom()) {
    put_atom(t);
  } else if (t.is_nil()) {
    tag(EtfTag::Nil);
  } else if (t.is_local_pid()) {
    put_pid(t);
  } else {
    VM_CHECK(t.is_local_port());
    put_port(t);
  }
}

void EtfEncoder::put_term(Term t, i64& budget) {
  if (t.is_imm()) return put_immediate(t);
  room(kFixedRoom);
  if (t.is_list()) return put_list(t, budget);
  VM_CHECK(t.is_boxed());
  switch (t.boxed_tag()) {
    case BoxedTag::Tuple: {
      u64 n = tuple_arity(t);
      if (n <= 255) {
        tag(EtfTag::SmallTuple);
        put8(static_cast<u8>(n));
      } else {
        tag(EtfTag::LargeTuple);
        put32(static_cast<u32>(n));
      }
      if (n != 0) push(Kind::Terms, t, 1, n);
      return;
    }
    case BoxedTag::FlatMap:
    case BoxedTag::HamtRoot:
      put_map(t, budget);
      return;
    case BoxedTag::Float: {
      double d = float_value(t);
      if (options_.new_floats) {
        u64 bits;
        std::memcpy(&bits, &d, 8);
        tag(EtfTag::NewFloat);
        put64(bits);
      } else {
        tag(EtfTag::Float);
        std::memset(p_, 0, kFloatTextBytes);
        char text[64];
        u32 n = float_to_scientific(d, 20, text, sizeof text);
        std::memcpy(p_, text, std::min(n, kFloatTextBytes));
        p_ += kFloatTextBytes;
      }
      return;
    }
    case BoxedTag::BigPos:
    case BoxedTag::BigNeg: {
      u64 n = integer_magnitude_bytes(t);
      if (n < 256) {
        tag(EtfTag::SmallBig);
        put8(static_cast<u8>(n));
      } else {
        tag(EtfTag::LargeBig);
        put32(static_cast<u32>(n));
      }
      put8(big_is_negative(t));
      room(n);
      integer_magnitude_to_bytes(t, p_, true);
      p_ += n;
      budget -= static_cast<i64>(n / 64);
      return;
    }
    case BoxedTag::HeapBinary:
    case BoxedTag::RefcBinary:
    case BoxedTag::SubBinary:
      put_binary(t, budget);
      return;
    case BoxedTag::Fun:
    case BoxedTag::Export:
      put_fun(t);
      return;
    case BoxedTag::ExtPid:
      put_pid(t);
      return;
    case BoxedTag::ExtPort:
      put_port(t);
      return;
    case BoxedTag::MagicRef:
      magic_remember(t);
      [[fallthrough]];
    case BoxedTag::Ref:
    case BoxedTag::ExtRef: {
      RefParts parts = ref_external_parts(t);
      Node* node = node_of(t);
      tag(EtfTag::NewerReference);
      put16(static_cast<u16>(parts.count));
      put_atom(node->name);
      put32(node->creation);
      for (u32 i = 0; i < parts.count; i++) put32(parts.n[i]);
      return;
    }
    default:
      VM_PANIC("external term of a boxed %d", static_cast<int>(t.boxed_tag()));
  }
}

EtfEncoder::Status EtfEncoder::step(i64& budget) {
  if (!start_.is_none()) {
    Term t = start_;
    start_ = Term::none();
    put_term(t, budget);
  }
  while (!frames_.empty()) {
    if (too_big_) return Status::TooBig;
    if (budget-- <= 0) return Status::More;
    Frame& f = frames_.top();  // good until the next put_term
    switch (f.kind) {
      case Kind::Terms: {
        // Immediate elements push nothing, so `f` stays good.
        const Term* at = f.term.address() + f.index;
        while (at->is_imm() && f.left > 1 && budget > 0) {
          put_immediate(*at++);
          f.index++;
          f.left--;
          budget--;
        }
        f.index++;
        if (--f.left == 0) frames_.pop();
        put_term(*at, budget);
        break;
      }
      case Kind::List: {
        if (!f.term.is_list()) {
          Term tail = f.term;
          u32 count = __builtin_bswap32(static_cast<u32>(f.left));
          std::memcpy(bytes_ + f.at, &count, 4);
          frames_.pop();
          put_term(tail, budget);
          break;
        }
        Term t = f.term.head();
        f.term = f.term.tail();
        f.left++;
        while (t.is_imm() && f.term.is_list() && budget > 0) {
          put_immediate(t);
          t = f.term.head();
          f.term = f.term.tail();
          f.left++;
          budget--;
        }
        put_term(t, budget);
        break;
      }
      case Kind::Pairs: {
        // A key now; its value is a frame of one term that waits above the rest.
        Term map = f.term;
        u64 i = f.index++;
        if (--f.left == 0) frames_.pop();
        if (Term key = flat_map_keys(map)[i]; key.is_imm()) {
          put_immediate(key);
          put_term(flat_map_values(map)[i], budget);
          break;
        }
        push(Kind::Terms, map, static_cast<u64>(flat_map_values(map) - map.object()) + i, 1);
        put_term(flat_map_keys(map)[i], budget);
        break;
      }
      case Kind::Hamt: {
        Term child = f.term.object()[--f.index];
        if (--f.left == 0) frames_.pop();
        if (is_hamt_leaf(child) && child.head().is_imm()) {
          put_immediate(child.head());
          put_term(child.tail(), budget);
        } else if (is_hamt_leaf(child)) {
          push(Kind::Terms, child, 1, 1);
          put_term(child.head(), budget);
        } else {
          push_hamt(child);
        }
        break;
      }
      case Kind::Sorted: {
        std::vector<Term>& array = sorted_[f.index];
        if (f.left == 0) {
          sorted_.pop_back();
          frames_.pop();
          break;
        }
        Term t = array[array.size() - f.left];
        f.left--;
        put_term(t, budget);
        break;
      }
      case Kind::FunSize: {
        u64 bytes = size() - f.at + (segment_bytes_ - f.left);
        u32 field = __builtin_bswap32(static_cast<u32>(bytes));
        std::memcpy(bytes_ + f.at, &field, 4);
        frames_.pop();
        break;
      }
    }
  }
  return too_big_ ? Status::TooBig : Status::Done;
}

// ---------------------------------------------------------------------------------------------

namespace {

u64 atom_bytes(Term t, const EtfEncodeOptions& o) {
  if (o.utf8_atoms || !atom_is_latin1(t)) {
    u64 n = atom_name(t).size();
    return (n > 255 ? 3 : 2) + n;
  }
  return 3 + atom_char_count(t);
}

u64 integer_bytes(i64 v) {
  if (static_cast<u64>(v) < 256) return 2;
  if (v == static_cast<i32>(v)) return 5;
  u64 magnitude = v < 0 ? u64{0} - static_cast<u64>(v) : static_cast<u64>(v);
  return 3 + (64 - static_cast<u64>(std::countl_zero(magnitude)) + 7) / 8;
}

}  // namespace

u64 etf_encoded_size(Term term, const EtfEncodeOptions& o) {
  struct Run {
    const Term* next;
    u64 left;   // 0: `next` is a list cell to go on behind
    bool hamt;  // children: a cell among them is a leaf, not a list
  };
  std::vector<Run> runs;
  u64 size = 0;
  auto push = [&](const Term* p, u64 n, bool hamt = false) {
    if (n != 0) runs.push_back({p, n, hamt});
  };
  Term t = term;
  for (;;) {
    bool has_next = false;
    switch (t.tag()) {
      case Tag::Small: size += integer_bytes(t.small_value()); break;
      case Tag::List: {
        u64 seen;
        if (u64 n = byte_string_length(t, &seen); n != 0) {
          size += 3 + n;
          break;
        }
        size += 5;
        runs.push_back({t.cell(), 0, false});
        t = t.head();
        has_next = true;
        break;
      }
      case Tag::Imm:
        if (t.is_atom()) {
          size += atom_bytes(t, o);
        } else if (t.is_nil()) {
          size += 1;
        } else {
          size += 1 + atom_bytes(node_of(t)->name, o) + (t.is_local_pid() ? 12 : 8);
        }
        break;
      default:
        switch (t.boxed_tag()) {
          case BoxedTag::Tuple: {
            u64 n = tuple_arity(t);
            size += n <= 255 ? 2 : 5;
            push(tuple_elements(t), n);
            break;
          }
          case BoxedTag::FlatMap:
            size += 5;
            push(flat_map_keys(t), flat_map_size(t));
            push(flat_map_values(t), flat_map_size(t));
            break;
          case BoxedTag::HamtRoot:
            size += 5;
            push(hamt_node(t).children, hamt_node(t).count(), true);
            break;
          case BoxedTag::HamtNode:
            push(hamt_node(t).children, hamt_node(t).count(), true);
            break;
          case BoxedTag::Float: size += o.new_floats ? 9 : 32; break;
          case BoxedTag::BigPos:
          case BoxedTag::BigNeg: {
            u64 n = integer_magnitude_bytes(t);
            size += (n < 256 ? 3 : 6) + n;
            break;
          }
          case BoxedTag::HeapBinary:
          case BoxedTag::RefcBinary:
          case BoxedTag::SubBinary: {
            u64 bits = bitstring_bit_size(t);
            u64 n = (bits + 7) / 8;
            if (n > kMaxBinaryExt) return kEtfTooBig;
            size += (bits % 8 != 0 ? 6 : 5) + n;
            break;
          }
          case BoxedTag::Fun: {
            Fun* f = view<Fun>(t);
            // Index and old hash count as five bytes each, however small.
            size += 30 + atom_bytes(f->entry->module, o) + 10;
            size += 1 + atom_bytes(node_of(f->creator)->name, o) + 12;
            push(f->free, fun_num_free(t));
            break;
          }
          case BoxedTag::Export: {
            Export* e = view<ExportFun>(t)->entry;
            size += 1 + atom_bytes(e->module, o) + atom_bytes(e->function, o) + integer_bytes(e->arity);
            break;
          }
          case BoxedTag::ExtPid: size += 1 + atom_bytes(node_of(t)->name, o) + 12; break;
          case BoxedTag::ExtPort:
            size += 1 + atom_bytes(node_of(t)->name, o) + (port_number(t) > kMaxV3PortNumber ? 12 : 8);
            break;
          case BoxedTag::Ref:
          case BoxedTag::MagicRef:
          case BoxedTag::ExtRef:
            size += 3 + atom_bytes(node_of(t)->name, o) + 4 + 4 * ref_external_parts(t).count;
            break;
          default: VM_PANIC("external size of a boxed %d", static_cast<int>(t.boxed_tag()));
        }
    }
    if (has_next) continue;
    // The next term: of a run, or of a list.
    for (;;) {
      if (runs.empty()) return size;
      Run& r = runs.back();
      if (r.left == 0) {
        Term rest = r.next[1];
        if (rest.is_list()) {
          r.next = rest.cell();
          t = rest.head();
        } else {
          runs.pop_back();
          t = rest;
        }
        break;
      }
      bool hamt = r.hamt;
      t = *r.next++;
      if (--r.left == 0) runs.pop_back();
      if (hamt && is_hamt_leaf(t)) {
        push(t.cell() + 1, 1);
        t = t.head();
      }
      break;
    }
  }
}

BinaryData* etf_compress(const u8* bytes, u64 size, int level, u64* out_size) {
  if (size <= 5) return nullptr;
  BinaryData* out = binary_data_new(size + 1);
  uLongf packed = size - 5;
  if (compress2(out->bytes + 6, &packed, bytes, size, level) != Z_OK) {
    binary_data_release(out);
    return nullptr;
  }
  out->bytes[0] = kEtfVersion;
  out->bytes[1] = static_cast<u8>(EtfTag::Compressed);
  u32 field = __builtin_bswap32(static_cast<u32>(size));
  std::memcpy(out->bytes + 2, &field, 4);
  *out_size = packed + 6;
  return binary_data_grow(out, packed + 6);
}

}  // namespace lintel
