// The mutator of the targets that read .beam files. It knows the container: it changes one chunk at
// a time and mends the sizes, and it stores literals uncompressed, so that mutations reach the
// tables behind the framing. Included by exactly one file of each target.
#pragma once
#ifndef LINTEL_REPLAY_ONLY
#include <zlib.h>

#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "vm/base/types.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

using namespace lintel;

struct Chunk {
  std::array<u8, 4> id;
  std::vector<u8> data;
};

u32 get32(const u8* p) { return u32{p[0]} << 24 | u32{p[1]} << 16 | u32{p[2]} << 8 | p[3]; }
void put32(std::vector<u8>& out, u32 v) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<u8>(v >> shift));
}

void store_literals_plainly(std::vector<u8>& data) {
  if (data.size() < 4) return;
  const u32 size = get32(data.data());
  if (size == 0 || size > 1 << 20) return;
  std::vector<u8> plain(size + 4);
  uLongf produced = size;
  if (uncompress(plain.data() + 4, &produced, data.data() + 4, data.size() - 4) != Z_OK) return;
  plain.resize(produced + 4);
  data = std::move(plain);
}

std::vector<Chunk> split(const u8* data, size_t size) {
  std::vector<Chunk> chunks;
  if (size < 12) return chunks;
  for (size_t at = 12; size - at >= 8;) {
    Chunk chunk;
    std::memcpy(chunk.id.data(), data + at, 4);
    const u32 length = get32(data + at + 4);
    at += 8;
    if (length > size - at) break;
    chunk.data.assign(data + at, data + at + length);
    if (std::memcmp(chunk.id.data(), "LitT", 4) == 0) store_literals_plainly(chunk.data);
    const std::string_view id(reinterpret_cast<const char*>(chunk.id.data()), 4);
    // These do not concern the loader and would only dilute the mutations.
    if (id != "Dbgi" && id != "Docs" && id != "ExCk") chunks.push_back(std::move(chunk));
    at += length;
    const size_t pad = (4 - length % 4) % 4;
    if (pad > size - at) break;
    at += pad;
  }
  return chunks;
}

std::vector<u8> join(const std::vector<Chunk>& chunks) {
  std::vector<u8> body = {'B', 'E', 'A', 'M'};
  for (const Chunk& chunk : chunks) {
    body.insert(body.end(), chunk.id.begin(), chunk.id.end());
    put32(body, static_cast<u32>(chunk.data.size()));
    body.insert(body.end(), chunk.data.begin(), chunk.data.end());
    while (body.size() % 4 != 0) body.push_back(0);
  }
  std::vector<u8> out = {'F', 'O', 'R', '1'};
  put32(out, static_cast<u32>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  std::vector<Chunk> chunks = split(data, size);
  if (chunks.empty() || seed % 32 == 0) return LLVMFuzzerMutate(data, size, max_size);
  size_t pick = seed / 32 % chunks.size();
  if (seed % 2 == 0) {
    for (size_t i = 0; i < chunks.size(); i++) {
      if (std::memcmp(chunks[i].id.data(), "Code", 4) == 0) pick = i;
    }
  }
  std::vector<u8>& chunk = chunks[pick].data;
  const size_t old_size = chunk.size();
  chunk.resize(old_size + 64);
  chunk.resize(LLVMFuzzerMutate(chunk.data(), old_size, chunk.size()));
  const std::vector<u8> whole = join(chunks);
  if (whole.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, whole.data(), whole.size());
  return whole.size();
}
#endif
