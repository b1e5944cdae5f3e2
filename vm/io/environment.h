// Environment variables as Erlang sees them: a copy of our own taken at the start, handed to child
// processes. The C library's is left alone, because its readers take no lock.
#pragma once
#include <string>
#include <vector>

#include "vm/base/types.h"

namespace lintel {

void environment_init();  // copies the process's
bool environment_find(const std::string& name, std::string* value);
void environment_put(const std::string& name, const std::string& value);
void environment_remove(const std::string& name);
// "NAME=value", sorted by name.
std::vector<std::string> environment_list();
// For the C interfaces: 0 = done, 1 = absent, -1 = *size (with the NUL) was too small, now needed.
int environment_get(const char* name, char* value, size_t* size);

}  // namespace lintel
