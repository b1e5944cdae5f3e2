// erl_errno_id: the name of an errno value in lower case.
#include <erl_driver.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace {
std::vector<std::string> make_names() {
  std::vector<std::string> names(256, "unknown");
  for (size_t i = 1; i < names.size(); i++) {
    const char* name = strerrorname_np(static_cast<int>(i));
    if (name == nullptr) continue;
    names[i] = name;
    for (char& c : names[i]) c = static_cast<char>(std::tolower(c));
  }
  names[ENOTSUP] = "enotsup";  // has a second name on Linux
  return names;
}
}  // namespace

extern "C" char* erl_errno_id(int error) {
  static auto* names = new std::vector<std::string>(make_names());
  static char unknown[] = "unknown";
  if (error <= 0 || static_cast<size_t>(error) >= names->size()) return unknown;
  return (*names)[static_cast<size_t>(error)].data();
}
