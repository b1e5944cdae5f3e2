// The threads behind driver_async. Jobs of one key run one after the other on one thread.
#pragma once
#include "vm/base/types.h"

namespace lintel {

struct AsyncJob {
  AsyncJob* next = nullptr;
  void (*run)(AsyncJob*);  // owns the job
};

void async_start(u32 threads);  // +A; at least 1
void async_push(u32 key, AsyncJob* job);

}  // namespace lintel
