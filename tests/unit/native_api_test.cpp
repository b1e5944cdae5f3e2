// The native interfaces are complete: the tables list what the installed headers declare, and each
// function listed is defined.
#include "vm/io/driver.h"

#include <erl_nif.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace {

struct Function {
  const char* name;
  const void* address;
};
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
const Function nif_functions[] = {
#define NIF_API(name) {#name, reinterpret_cast<const void*>(&name)},
#include "vm/tables/nif_api.def"
#undef NIF_API
};
const Function driver_functions[] = {
#define DRIVER_API(name) {#name, reinterpret_cast<const void*>(&name)},
#include "vm/tables/driver_api.def"
#undef DRIVER_API
};

std::string header(const char* name) {
  std::ifstream in(std::string(LINTEL_OTP_INCLUDE) + "/" + name);
  // Without preprocessor lines, comments and line breaks.
  std::stringstream text;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] != '#') text << line << '\n';
  }
  std::string s = std::regex_replace(text.str(), std::regex("/\\*[^*]*\\*+([^/*][^*]*\\*+)*/"), " ");
  return std::regex_replace(s, std::regex("\\s+"), " ");
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  std::set<std::string> names;
  std::regex r(pattern);
  for (std::sregex_iterator i(text.begin(), text.end(), r), end; i != end; ++i) names.insert((*i)[1]);
  return names;
}

template <size_t N>
std::set<std::string> names_of(const Function (&functions)[N]) {
  std::set<std::string> names;
  for (const Function& f : functions) {
    EXPECT_NE(f.address, nullptr) << f.name;
    names.insert(f.name);
  }
  return names;
}

TEST(NativeApi, NifFunctionsAreThoseOfTheHeader) {
  auto declared = matches(header("erl_nif_api_funcs.h"), R"(ERL_NIF_API_FUNC_DECL\([^,()]*, ?(enif_\w+))");
  // Macros where a long has 64 bits.
  for (const char* macro : {"enif_get_int64", "enif_get_uint64", "enif_make_int64", "enif_make_uint64"}) {
    declared.erase(macro);
  }
  ASSERT_GT(declared.size(), 150u);
  EXPECT_EQ(names_of(nif_functions), declared);
}

TEST(NativeApi, DriverFunctionsAreThoseOfTheHeader) {
  auto declared = matches(header("erl_driver.h"), R"(EXTERN [^;()]*?([a-z]\w+) ?\([^;]*;)");
  ASSERT_GT(declared.size(), 100u);
  for (const std::string& name : names_of(driver_functions)) EXPECT_TRUE(declared.count(name)) << name;
  for (const std::string& name : declared) EXPECT_TRUE(names_of(driver_functions).count(name)) << name;
}

}  // namespace
