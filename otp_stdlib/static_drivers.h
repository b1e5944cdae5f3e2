// Drivers that are part of the executable: ordinary drivers, but for fd, spawn and vanilla, whose
// `start` gets the options of open_port as well (vm/io/sys_driver.h). The composition root adds them.
#pragma once
#ifndef ERL_SYS_DRV
#define ERL_SYS_DRV
typedef struct _erl_drv_event* ErlDrvEvent;
struct SysDriverOpts_;
typedef struct SysDriverOpts_ SysDriverOpts;
#endif
#include <erl_driver.h>

#include "vm/io/sys_driver.h"

#define OTP_STATIC_DRIVERS(X) X(fd) X(spawn) X(vanilla) X(tty) X(ram_file) X(tcp) X(udp)

extern "C" {
#define X(name) extern ErlDrvEntry name##_driver_entry;
OTP_STATIC_DRIVERS(X)
#undef X
}
