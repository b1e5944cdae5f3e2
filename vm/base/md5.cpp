// One block is 64 steps over 16 words; the rest is buffering.
#include "vm/base/md5.h"

#include <bit>
#include <cstring>

namespace lintel {

namespace {

// Rotation of each step: four rounds of sixteen steps, each round repeating four amounts.
constexpr u8 kRotate[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// The RFC defines step i's constant as the integer part of 2^32 * abs(sin(i + 1)).
constexpr u32 kSine[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

}  // namespace

void Md5::block(const u8* p) {
  u32 m[16];
  std::memcpy(m, p, 64);  // little-endian, as both our machines are
  u32 a = state[0], b = state[1], c = state[2], d = state[3];
#pragma clang loop unroll(full)
  for (u32 i = 0; i < 64; i++) {
    u32 f, g;
    switch (i / 16) {
      case 0:
        f = d ^ (b & (c ^ d));
        g = i;
        break;
      case 1:
        f = c ^ (d & (b ^ c));
        g = (5 * i + 1) % 16;
        break;
      case 2:
        f = b ^ c ^ d;
        g = (3 * i + 5) % 16;
        break;
      default:
        f = c ^ (b | ~d);
        g = (7 * i) % 16;
        break;
    }
    const u32 sum = a + f + kSine[i] + m[g];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kRotate[i / 16][i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

void Md5::update(std::span<const u8> bytes) {
  const size_t filled = byte_count % 64;
  byte_count += bytes.size();
  const u8* p = bytes.data();
  size_t left = bytes.size();
  if (filled != 0) {
    const size_t take = left < 64 - filled ? left : 64 - filled;
    if (take != 0) std::memcpy(pending + filled, p, take);
    p += take;
    left -= take;
    if (filled + take < 64) return;
    block(pending);
  }
  for (; left >= 64; p += 64, left -= 64) block(p);
  if (left != 0) std::memcpy(pending, p, left);
}

std::array<u8, 16> Md5::finish() {
  const u64 bits = byte_count * 8;
  static constexpr u8 kPad[64] = {0x80};
  const size_t filled = byte_count % 64;
  update({kPad, filled < 56 ? 56 - filled : 120 - filled});
  u8 length[8];
  std::memcpy(length, &bits, 8);
  update(length);
  std::array<u8, 16> digest;
  std::memcpy(digest.data(), state, 16);
  return digest;
}

}  // namespace lintel
