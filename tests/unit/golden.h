// Where golden files are: beside the tests' sources, whatever the working directory.
#pragma once
#include <string>

inline std::string golden_path(const char* name) {
  return std::string(LINTEL_SOURCE_DIR "/tests/golden/") + name;
}
