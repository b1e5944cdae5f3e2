#include "otp_stdlib/otp_install.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace {

// A VM without the socket module carries none of these; see static_nifs.h.
const char* const kNotCarried[] = {"prim_net", "prim_socket", "socket_registry"};

bool is_directory(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

std::vector<std::string> entries(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(path.c_str());
  if (dir == nullptr) return names;
  while (struct dirent* e = ::readdir(dir)) names.emplace_back(e->d_name);
  ::closedir(dir);
  return names;
}

// Newer by its dotted numbers.
bool is_newer(const std::string& a, const std::string& b) {
  const char* p = a.c_str();
  const char* q = b.c_str();
  while (*p != 0 || *q != 0) {
    char* p_end = nullptr;
    char* q_end = nullptr;
    long x = std::strtol(p, &p_end, 10);
    long y = std::strtol(q, &q_end, 10);
    if (x != y) return x > y;
    if (p_end == p && q_end == q) return std::strcmp(p, q) > 0;
    p = *p_end == '.' ? p_end + 1 : p_end;
    q = *q_end == '.' ? q_end + 1 : q_end;
  }
  return false;
}

// The newest erts-<vsn> whose ebin has erl_init.
void look_for_erts(const std::string& dir, OtpInstall* out) {
  for (const std::string& name : entries(dir)) {
    if (name.rfind("erts-", 0) != 0) continue;
    std::string version = name.substr(5);
    std::string ebin = dir + "/" + name + "/ebin";
    if (::access((ebin + "/erl_init.beam").c_str(), R_OK) != 0) continue;
    if (!out->erts_version.empty() && !is_newer(version, out->erts_version)) continue;
    out->erts_version = version;
    out->preloaded_dir = ebin;
  }
}

// erts-<vsn>/bin/preloaded beside this very program.
void look_beside_program(OtpInstall* out) {
  char path[4096];
  ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0 || n == sizeof path) return;
  std::string bin(path, static_cast<size_t>(n));
  bin.resize(bin.rfind('/'));
  if (::access((bin + "/preloaded/erl_init.beam").c_str(), R_OK) != 0) return;
  size_t start = bin.rfind("/erts-");
  size_t end = bin.find('/', start + 1);
  if (start == std::string::npos || end == std::string::npos) return;
  out->erts_version = bin.substr(start + 6, end - start - 6);
  out->preloaded_dir = bin + "/preloaded";
}

}  // namespace

bool otp_install_find(std::string root, OtpInstall* out, std::string* error) {
  const char* from_environment = std::getenv("ROOTDIR");
  if (root.empty() && from_environment != nullptr) root = from_environment;
  if (root.empty()) root = "/usr/lib/erlang";
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  if (!is_directory(root)) {
    *error = "no OTP installation at " + root + " (set ROOTDIR or give --otp-root)";
    return false;
  }
  *out = OtpInstall();
  out->root = root;
  look_for_erts(root, out);
  look_for_erts(root + "/lib", out);
  if (out->erts_version.empty()) look_beside_program(out);  // a release has no erts library
  if (out->erts_version.empty()) {
    *error = "no preloaded modules in " + root + " (neither erts-*/ebin nor lib/erts-*/ebin has erl_init.beam)";
    return false;
  }
  out->otp_release = std::to_string(std::atoi(out->erts_version.c_str()) + 12);
  for (const std::string& name : entries(out->preloaded_dir)) {
    if (name.size() <= 5 || name.compare(name.size() - 5, 5, ".beam") != 0) continue;
    std::string module = name.substr(0, name.size() - 5);
    bool is_carried = std::none_of(std::begin(kNotCarried), std::end(kNotCarried),
                                   [&](const char* n) { return module == n; });
    if (is_carried && module != "erl_init") out->preloaded.push_back(module);
  }
  std::sort(out->preloaded.begin(), out->preloaded.end());
  out->preloaded.insert(out->preloaded.begin(), "erl_init");
  return true;
}
