#include "vm/io/system_info.h"

#include <erl_driver.h>
#include <erl_nif.h>

#include <algorithm>
#include <cstring>

#include "vm/base/settings.h"
#include "vm/sched/scheduler.h"

namespace lintel {

void system_info_fill(ErlDrvSysInfo* out, size_t size) {
  ErlDrvSysInfo info{};
  info.driver_major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  info.driver_minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  info.erts_version = settings.erts_version.data();
  info.otp_release = settings.otp_release.data();
  info.thread_support = 1;
  info.smp_support = 1;
  info.async_threads = static_cast<int>(scheduler_options().async_threads);
  info.scheduler_threads = static_cast<int>(scheduler_count());
  info.nif_major_version = ERL_NIF_MAJOR_VERSION;
  info.nif_minor_version = ERL_NIF_MINOR_VERSION;
  info.dirty_scheduler_support = 1;
  std::memcpy(out, &info, std::min(size, sizeof info));
}

}  // namespace lintel
