#include "loader/load.h"

#include <cstring>

#include "loader/transform.h"
#include "loader/verify.h"

namespace lintel::loader {

Result<Module*, LoadError> load_module(std::span<const u8> bytes) {
  auto file = read_beam_file(bytes);
  if (!file) return Err{std::move(file.error())};
  auto verified = verify(*file);
  if (!verified) return Err{std::move(verified.error())};
  auto* module = new Module;
  Transform transform(*file, *verified, *module);
  auto result = transform.run();
  if (!result) module_delete(module);
  return result;
}

bool find_chunk(std::span<const u8> bytes, std::string_view name, std::span<const u8>* out) {
  auto u32_at = [&](size_t i) {
    return static_cast<u32>(bytes[i]) << 24 | static_cast<u32>(bytes[i + 1]) << 16 |
           static_cast<u32>(bytes[i + 2]) << 8 | bytes[i + 3];
  };
  if (bytes.size() < 12 || std::memcmp(bytes.data(), "FOR1", 4) != 0 ||
      std::memcmp(bytes.data() + 8, "BEAM", 4) != 0) {
    return false;
  }
  for (size_t at = 12; at + 8 <= bytes.size();) {
    size_t size = u32_at(at + 4);
    if (size > bytes.size() - at - 8) return false;
    if (std::memcmp(bytes.data() + at, name.data(), 4) == 0) {
      *out = bytes.subspan(at + 8, size);
      return true;
    }
    at += 8 + (size + 3) / 4 * 4;
  }
  return false;
}

}  // namespace lintel::loader
