// What enif_system_info and driver_system_info tell.
#pragma once
#include <erl_drv_nif.h>

#include <string>

#include "vm/base/types.h"

namespace lintel {

// Of the OTP installation that runs; set before anything is loaded.
struct SystemVersions {
  std::string erts;         // "13.1.5"
  std::string otp_release;  // "25"
};
extern SystemVersions system_versions;

// Fills the first `size` bytes of *out, for callers compiled with a shorter structure.
void system_info_fill(ErlDrvSysInfo* out, size_t size);

}  // namespace lintel
