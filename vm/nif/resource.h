// Resources: native objects that Erlang terms refer to by a magic reference.
//
// The user's pointer is `data`; the object before it is ours. A resource lives as long as a heap
// holds a reference to it, or native code does (enif_keep_resource), or a descriptor selected with
// it is not stopped.
#pragma once
#include "vm/base/lock.h"
#include "vm/nif/library.h"

struct enif_resource_type_t {
  enif_resource_type_t* next = nullptr;  // in the list of all types
  lintel::Term module;
  lintel::Term name;
  std::atomic<lintel::u64> users{1};  // the list, and each resource
  // Callbacks and the library they are in change when a new version of the module takes over.
  lintel::NifLibrary* owner = nullptr;  // null: its library is gone
  ErlNifResourceTypeInit callbacks{};
};

namespace lintel {

struct ResourceMonitor;  // vm/nif/monitor.cpp

struct Resource : MagicData {
  ErlNifResourceType* type = nullptr;
  size_t size = 0;
  Mutex<LockRank::NifResource> lock;   // of monitors
  ResourceMonitor* monitors = nullptr;
  bool is_dying = false;
  alignas(16) u8 data[];

  static Resource* from_data(void* data) {
    return reinterpret_cast<Resource*>(static_cast<u8*>(data) - offsetof_data());
  }
  static constexpr size_t offsetof_data() { return (sizeof(Resource) + 15) & ~size_t{15}; }
};

void resource_release(Resource& r);
inline void resource_retain(Resource& r) { r.refs.fetch_add(1, std::memory_order_relaxed); }
// The resource that a magic reference stands for, or null.
Resource* resource_of(Term t);

// Resource types opened by a load or upgrade callback take effect when it succeeded.
void resource_types_commit(NifLibrary& lib);
void resource_types_rollback(NifLibrary& lib);
// The library is going: its types lose their callbacks.
void resource_types_disown(NifLibrary& lib);

}  // namespace lintel
