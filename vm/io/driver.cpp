#include "vm/io/driver.h"

#include <dlfcn.h>

#include "vm/base/alloc.h"

namespace lintel {

void (*driver_ports_gone)(void* driver) = nullptr;

namespace {
RwMutex<LockRank::DriverList> list_lock;
Driver* drivers = nullptr;
}  // namespace

Driver* driver_add(ErlDrvEntry* entry, void* handle) {
  // Before extended_marker there were neither versions nor flags.
  bool is_extended = entry->extended_marker == static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  if (entry->init != nullptr && entry->init() != 0) return nullptr;
  auto* d = vm_new<Driver>();
  d->entry = entry;
  d->name = entry->driver_name;
  d->handle = handle;
  d->flags = is_extended ? static_cast<u32>(entry->driver_flags) : 0;
  if (!(d->flags & ERL_DRV_FLAG_USE_PORT_LOCKING)) d->lock = vm_new<PortMutex>();
  d->is_permanent = handle == nullptr;
  entry->handle = d;
  Guard guard(list_lock);
  d->next = drivers;
  drivers = d;
  return d;
}

Driver* driver_find(std::string_view name) {
  SharedGuard guard(list_lock);
  for (Driver* d = drivers; d != nullptr; d = d->next) {
    if (d->name == name && !d->is_unloading) return d;
  }
  return nullptr;
}

void driver_remove(Driver* d) {
  {
    Guard guard(list_lock);
    Driver** link = &drivers;
    while (*link != nullptr && *link != d) link = &(*link)->next;
    if (*link != nullptr) *link = d->next;
  }
  if (d->entry->finish != nullptr) d->entry->finish();
  if (d->handle != nullptr) dlclose(d->handle);
  vm_delete(d->lock);
  vm_delete(d);
}

void drivers_each(void (*f)(Driver&, void*), void* data) {
  SharedGuard guard(list_lock);
  for (Driver* d = drivers; d != nullptr; d = d->next) f(*d, data);
}

}  // namespace lintel
