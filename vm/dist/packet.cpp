#include "vm/dist/packet.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/base/utf8.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

u16 read16(const u8* p) { return static_cast<u16>(p[0] << 8 | p[1]); }
u64 read64(const u8* p) {
  u64 v;
  std::memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}
void write64(u8* p, u64 v) {
  v = __builtin_bswap64(v);
  std::memcpy(p, &v, 8);
}

// Which slot of the cache an atom lives in.
u32 slot_of(Term atom) { return static_cast<u32>(atom.atom_index() % kAtomCacheSize); }

// The atoms of the message being encoded: which index, if any, has the atom of a slot. One per thread
// and cleared by walking the list, since a message has few atoms and the table has many slots.
struct AtomMap {
  std::vector<Term>* atoms = nullptr;
  i16 index[kAtomCacheSize];
  AtomMap() { std::memset(index, -1, sizeof index); }
};
thread_local AtomMap atom_map;

int index_of_atom(void* context, Term atom) {
  auto* map = static_cast<AtomMap*>(context);
  u32 slot = slot_of(atom);
  int i = map->index[slot];
  if (i >= 0) return (*map->atoms)[static_cast<u64>(i)] == atom ? i : -1;
  if (map->atoms->size() == kMaxPacketAtoms) return -1;
  map->index[slot] = static_cast<i16>(map->atoms->size());
  map->atoms->push_back(atom);
  return map->index[slot];
}

// Encodes into slices: the encoder's buffer, cut where large binaries belong.
bool encode_into(Term t, const EtfEncodeOptions& options, std::vector<DistBytes>* out, u64* bytes) {
  EtfEncoder e(t, options);
  i64 budget = INT64_MAX;
  if (e.step(budget) != EtfEncoder::Status::Done) return false;
  std::vector<EtfSegment> segments = std::move(e.segments());
  e.segments().clear();
  u64 size = e.size();
  BinaryData* buffer = e.take_buffer();
  u64 at = 0;
  auto piece = [&](u64 end) {
    if (end == at) return;
    binary_data_retain(buffer);
    out->push_back({buffer, buffer->bytes + at, end - at});
    at = end;
  };
  for (EtfSegment& s : segments) {
    piece(s.at);
    out->push_back({s.data, s.data->bytes + s.offset, s.size});
    *bytes += s.size;
  }
  piece(size);
  *bytes += size;
  binary_data_release(buffer);
  return true;
}

}  // namespace

void dist_bytes_release(std::vector<DistBytes>& slices) {
  for (DistBytes& s : slices) binary_data_release(s.data);
  slices.clear();
}

DistMessage* dist_encode(Term control, Term payload, bool use_cache) {
  auto* m = vm_new<DistMessage>();
  EtfEncodeOptions options;
  options.utf8_atoms = true;
  options.segments = true;
  if (use_cache) {
    atom_map.atoms = &m->atoms;
    options.atom_cache = index_of_atom;
    options.atom_cache_context = &atom_map;
  }
  bool ok = encode_into(control, options, &m->control, &m->bytes) &&
            (payload.is_none() || encode_into(payload, options, &m->payload, &m->bytes));
  for (Term atom : m->atoms) atom_map.index[slot_of(atom)] = -1;
  if (ok) return m;
  vm_delete(m);
  return nullptr;
}

// ---- out ----

// 131 68 | 131 69 sequence fragments, then the atoms:
//   count, flags of four bits each (3: new, 2..0: segment; the last one's 0: lengths take two bytes),
//   then for each its slot within the segment and, if new, length and text.
DistBytes DistOutput::header(const DistMessage& m, u64 sequence, u64 fragments) {
  u64 count = m.atoms.size();
  u64 flag_bytes = count == 0 ? 0 : count / 2 + 1;
  bool long_atoms = false;
  u64 room = 2 + 16 + 1 + flag_bytes;
  for (Term atom : m.atoms) {
    u64 n = atom_name(atom).size();
    long_atoms |= n > 255;
    room += 3 + n;
  }
  BinaryData* data = binary_data_new(room);
  u8* p = data->bytes;
  *p++ = kEtfVersion;
  *p++ = fragments > 1 ? kDistFragHeader : kDistHeader;
  if (fragments > 1) {
    write64(p, sequence);
    write64(p + 8, fragments);
    p += 16;
  }
  *p++ = static_cast<u8>(count);
  u8* flags = p;
  std::memset(flags, 0, flag_bytes);
  p += flag_bytes;
  auto set_flags = [&](u64 i, u32 value) { flags[i / 2] |= static_cast<u8>(value << (i % 2 * 4)); };
  if (count != 0 && long_atoms) set_flags(count, 1);
  for (u64 i = 0; i < count; i++) {
    Term atom = m.atoms[i];
    u32 slot = slot_of(atom);
    bool is_new = cache_[slot] != atom;
    set_flags(i, slot >> 8 | (is_new ? 8 : 0));
    *p++ = static_cast<u8>(slot);
    if (!is_new) continue;
    cache_[slot] = atom;
    std::string_view name = atom_name(atom);
    if (long_atoms) *p++ = static_cast<u8>(name.size() >> 8);
    *p++ = static_cast<u8>(name.size());
    std::memcpy(p, name.data(), name.size());
    p += name.size();
  }
  u64 size = static_cast<u64>(p - data->bytes);
  VM_ASSERT(size <= room);
  return {data, data->bytes, size};
}

void DistOutput::packets(DistMessage& m, std::vector<std::vector<DistBytes>>* out) {
  auto append = [](std::vector<DistBytes>* to, std::vector<DistBytes>& from) {
    to->insert(to->end(), from.begin(), from.end());
    from.clear();
  };
  if ((flags_ & (kDistHdrAtomCache | kDistFragments)) == 0) {
    std::vector<DistBytes> packet;
    BinaryData* marks = binary_data_new(3);
    marks->bytes[0] = kDistPassThrough;
    marks->bytes[1] = marks->bytes[2] = kEtfVersion;
    packet.push_back({marks, marks->bytes, 2});
    append(&packet, m.control);
    if (!m.payload.empty()) {
      binary_data_retain(marks);
      packet.push_back({marks, marks->bytes + 2, 1});
      append(&packet, m.payload);
    }
    out->push_back(std::move(packet));
    return;
  }
  u64 payload_bytes = 0;
  for (DistBytes& s : m.payload) payload_bytes += s.size;
  u64 fragments = 1;
  if ((flags_ & kDistFragments) != 0 && payload_bytes > kDistFragmentBytes) {
    fragments = (payload_bytes + kDistFragmentBytes - 1) / kDistFragmentBytes;
  }
  u64 sequence = next_sequence_++;
  std::vector<DistBytes> packet;
  packet.push_back(header(m, sequence, fragments));
  append(&packet, m.control);
  if (fragments == 1) {
    append(&packet, m.payload);
    out->push_back(std::move(packet));
    return;
  }
  u64 fragment = fragments;
  u64 room = kDistFragmentBytes;
  for (DistBytes& s : m.payload) {
    while (s.size != 0) {
      if (room == 0) {
        out->push_back(std::move(packet));
        packet.clear();
        BinaryData* head = binary_data_new(18);
        head->bytes[0] = kEtfVersion;
        head->bytes[1] = kDistFragCont;
        write64(head->bytes + 2, sequence);
        write64(head->bytes + 10, --fragment);
        packet.push_back({head, head->bytes, 18});
        room = kDistFragmentBytes;
      }
      u64 n = s.size < room ? s.size : room;
      binary_data_retain(s.data);
      packet.push_back({s.data, s.bytes, n});
      s.bytes += n;
      s.size -= n;
      room -= n;
    }
  }
  VM_ASSERT(fragment == 1);
  out->push_back(std::move(packet));
  dist_bytes_release(m.payload);
}

// ---- in ----

// Reads the list of atoms; *rest begins at its count.
bool DistInput::header(std::span<const u8>* rest, std::vector<Term>* atoms) {
  const u8* p = rest->data();
  const u8* end = p + rest->size();
  auto has = [&](u64 n) { return static_cast<u64>(end - p) >= n; };
  if (!has(1)) return false;
  u32 count = *p++;
  if (count != 0) {
    u64 flag_bytes = count / 2 + 1;
    if (!has(flag_bytes)) return false;
    const u8* flags = p;
    p += flag_bytes;
    auto flags_of = [&](u32 i) -> u32 { return flags[i / 2] >> (i % 2 * 4) & 15; };
    bool long_atoms = (flags_of(count) & 1) != 0;
    atoms->reserve(count);
    for (u32 i = 0; i < count; i++) {
      if (!has(1)) return false;
      u32 f = flags_of(i);
      u32 slot = (f & 7) << 8 | *p++;
      if ((f & 8) != 0) {
        u64 size_bytes = long_atoms ? 2 : 1;
        if (!has(size_bytes)) return false;
        u64 n = long_atoms ? read16(p) : *p;
        p += size_bytes;
        if (!has(n) || n > kMaxAtomBytes) return false;
        i64 chars = utf8_length({p, n});
        if (chars < 0 || chars > kMaxAtomChars) return false;
        Term atom = atom_intern({reinterpret_cast<const char*>(p), n});
        if (atom.is_none()) return false;
        p += n;
        cache_[slot] = atom;
      }
      if (!cache_[slot].is_atom()) return false;
      atoms->push_back(cache_[slot]);
    }
  }
  *rest = {p, static_cast<size_t>(end - p)};
  return true;
}

DistInput::Status DistInput::take(std::span<const u8> packet, DistIncoming* out, DistPacketError* error) {
  bool has_header = (flags_ & (kDistHdrAtomCache | kDistFragments)) != 0;
  auto fail = [&](DistPacketError e) {
    *error = e;
    return Status::Failed;
  };
  *error = DistPacketError::None;
  out->joined.clear();
  out->atoms.clear();
  if (!has_header) packet = packet.subspan(1);
  if (packet.size() < 2) return fail(DistPacketError::Header);
  if (packet[0] != kEtfVersion) return fail(DistPacketError::Version);
  if (!has_header) {
    out->control = packet.subspan(1);
    return Status::Message;
  }
  u8 kind = packet[1];
  std::span<const u8> rest = packet.subspan(2);
  if (kind == kDistHeader) {
    if (!header(&rest, &out->atoms)) return fail(DistPacketError::Header);
    out->control = rest;
    return Status::Message;
  }
  if ((kind != kDistFragHeader && kind != kDistFragCont) || (flags_ & kDistFragments) == 0 ||
      rest.size() < 16) {
    return fail(DistPacketError::Header);
  }
  u64 id = read64(rest.data());
  u64 fragment = read64(rest.data() + 8);
  rest = rest.subspan(16);
  if (fragment == 0) return fail(DistPacketError::Sequence);
  auto found = sequences_.find(id);
  if (kind == kDistFragHeader) {
    if (found != sequences_.end()) return fail(DistPacketError::Sequence);
    if (!header(&rest, &out->atoms)) return fail(DistPacketError::Header);
    if (fragment == 1) {
      out->control = rest;
      return Status::Message;
    }
    waiting_bytes_ += rest.size();
    sequences_[id] = {fragment - 1, {rest.begin(), rest.end()}, std::move(out->atoms)};
    return Status::Incomplete;
  }
  if (found == sequences_.end() || found->second.left != fragment) return fail(DistPacketError::Sequence);
  Sequence& s = found->second;
  s.bytes.insert(s.bytes.end(), rest.begin(), rest.end());
  waiting_bytes_ += rest.size();
  if (--s.left != 0) return Status::Incomplete;
  waiting_bytes_ -= s.bytes.size();
  out->joined = std::move(s.bytes);
  out->atoms = std::move(s.atoms);
  sequences_.erase(found);
  out->control = out->joined;
  return Status::Message;
}

bool dist_decode(const DistIncoming& m, bool has_header, DistTerms* out) {
  *out = {};
  EtfDecodeOptions options;
  options.atom_cache = m.atoms;
  auto size = etf_decoded_size(m.control, options);
  if (!size) return false;
  auto control = etf_decode(m.control, options);
  if (!control) return false;
  out->control = control->term;
  out->control_fragments = control->fragments;
  std::span<const u8> rest = m.control.subspan(size->bytes);
  if (rest.empty()) return true;
  if (!has_header) {
    if (rest[0] != kEtfVersion) rest = {};
    else rest = rest.subspan(1);
  }
  auto payload = etf_decode(rest, options);
  if (!payload) {
    fragments_free(out->control_fragments);
    *out = {};
    return false;
  }
  out->payload = payload->term;
  out->payload_fragments = payload->fragments;
  return true;
}

}  // namespace lintel
