// Finding an installed OTP and telling what it is.
//
//   <root>/lib/...                      applications
//   <root>/releases/...                 boot files' homes
//   <root>/erts-<vsn>/ebin or <root>/lib/erts-<vsn>/ebin    the modules that a VM carries in itself
//   preloaded/ beside the program     the same, where the root has none: in a release
//
// The version of erts decides the OTP release: major number + 12 (13 is OTP 25).
#pragma once
#include <string>
#include <vector>

struct OtpInstall {
  std::string root;
  std::string erts_version;    // "13.1.5"
  std::string otp_release;     // "25"
  std::string preloaded_dir;   // where the preloaded modules' .beam files are
  std::vector<std::string> preloaded;  // their names, erl_init first, then by name
};

// `root` empty: $ROOTDIR, else /usr/lib/erlang. False with a text for the user in *error.
bool otp_install_find(std::string root, OtpInstall* out, std::string* error);
