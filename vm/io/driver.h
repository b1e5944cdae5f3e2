// Drivers: what ports are made of.
#pragma once
#include <atomic>
#include <string>

#ifndef ERL_SYS_DRV
#define ERL_SYS_DRV
typedef struct _erl_drv_event* ErlDrvEvent;
struct SysDriverOpts_;
typedef struct SysDriverOpts_ SysDriverOpts;
#endif
#include <erl_driver.h>

#include "vm/base/lock.h"
#include "vm/io/sys_driver.h"
#include "vm/term/boxed.h"

namespace lintel {

using PortMutex = Mutex<LockRank::Port>;

struct Driver {
  ErlDrvEntry* entry;
  std::string name;
  u32 flags = 0;
  Driver* next = nullptr;
  // Shared by all ports of a driver that does not use port locking; else null.
  PortMutex* lock = nullptr;
  void* handle = nullptr;           // dlopen's; null: built in
  std::string path;
  std::atomic<u32> ports{0};        // open ones
  std::atomic<bool> is_permanent{false};
  std::atomic<bool> is_unloading{false};  // no new ports
};

// The last port of a driver that is being unloaded has closed. Set by vm/io/ddll.cpp; called without
// locks, on any scheduler.
extern void (*driver_ports_gone)(void* driver);

// Adds a driver, running its init. Null when init failed.
Driver* driver_add(ErlDrvEntry* entry, void* handle);
// Null when there is none, or it is being unloaded.
Driver* driver_find(std::string_view name);
// Takes it out of the list and frees it, running finish. It has no ports.
void driver_remove(Driver* d);
// Calls f for each, newest first, with the list locked.
void drivers_each(void (*f)(Driver&, void*), void* data);

// A driver's binary begins at the size that stands before the bytes of a BinaryData.
static_assert(sizeof(BinaryData) == offsetof(BinaryData, capacity) + sizeof(u64));
static_assert(offsetof(ErlDrvBinary, orig_bytes) == sizeof(u64));
inline ErlDrvBinary* driver_binary(BinaryData* d) {
  return reinterpret_cast<ErlDrvBinary*>(&d->capacity);
}
inline BinaryData* binary_of_driver(ErlDrvBinary* b) {
  return reinterpret_cast<BinaryData*>(reinterpret_cast<u8*>(b) - offsetof(BinaryData, capacity));
}
inline bool is_driver_binary(const BinaryData* d) { return d->destroy == nullptr; }

}  // namespace lintel
