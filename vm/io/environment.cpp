#include "vm/io/environment.h"

#include <unistd.h>

#include <cstring>
#include <map>

#include "vm/base/lock.h"

namespace lintel {
namespace {
RwMutex<LockRank::Leaf> lock;
std::map<std::string, std::string>& variables() {
  static auto* map = new std::map<std::string, std::string>();
  return *map;
}
}  // namespace

void environment_init() {
  Guard guard(lock);
  variables().clear();
  for (char** e = environ; e != nullptr && *e != nullptr; e++) {
    const char* equals = std::strchr(*e, '=');
    if (equals == nullptr || equals == *e) continue;
    variables().emplace(std::string(*e, static_cast<size_t>(equals - *e)), equals + 1);
  }
}

bool environment_find(const std::string& name, std::string* value) {
  SharedGuard guard(lock);
  auto it = variables().find(name);
  if (it == variables().end()) return false;
  *value = it->second;
  return true;
}

void environment_put(const std::string& name, const std::string& value) {
  Guard guard(lock);
  variables()[name] = value;
}

void environment_remove(const std::string& name) {
  Guard guard(lock);
  variables().erase(name);
}

std::vector<std::string> environment_list() {
  SharedGuard guard(lock);
  std::vector<std::string> list;
  list.reserve(variables().size());
  for (const auto& [name, value] : variables()) list.push_back(name + "=" + value);
  return list;
}

int environment_get(const char* name, char* value, size_t* size) {
  std::string found;
  if (!environment_find(name, &found)) return 1;
  if (*size < found.size() + 1) {
    *size = found.size() + 1;
    return -1;
  }
  std::memcpy(value, found.c_str(), found.size() + 1);
  *size = found.size();
  return 0;
}

}  // namespace lintel
