#include "vm/io/async.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <vector>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/sched/cpu_topology.h"

namespace lintel {
namespace {

struct Worker {
  std::mutex lock;  // taken by pushers in port callbacks and by the worker; nothing inside
  std::condition_variable work;
  AsyncJob* first = nullptr;
  AsyncJob* last = nullptr;
  bool is_running = false;
};

std::vector<Worker*>& workers() {
  static auto* w = new std::vector<Worker*>();
  return *w;
}

void* worker_main(void* arg) {
  auto* w = static_cast<Worker*>(arg);
  pthread_setname_np(pthread_self(), "async");
  std::unique_lock<std::mutex> guard(w->lock);
  for (;;) {
    while (w->first == nullptr) w->work.wait(guard);
    AsyncJob* job = w->first;
    w->first = job->next;
    if (w->first == nullptr) w->last = nullptr;
    guard.unlock();
    job->run(job);
    guard.lock();
  }
  return nullptr;
}

}  // namespace

void async_start(u32 threads) {
  for (u32 i = 0; i < (threads == 0 ? 1 : threads); i++) workers().push_back(vm_new<Worker>());
}

// A thread starts with its first job.
void async_push(u32 key, AsyncJob* job) {
  VM_CHECK(!workers().empty());
  Worker* w = workers()[key % workers().size()];
  bool must_start;
  {
    std::lock_guard<std::mutex> guard(w->lock);
    job->next = nullptr;
    (w->last != nullptr ? w->last->next : w->first) = job;
    w->last = job;
    must_start = !w->is_running;
    w->is_running = true;
  }
  if (!must_start) {
    w->work.notify_one();
    return;
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  thread_attributes_unbound(&attributes);
  VM_CHECK(pthread_create(&thread, &attributes, worker_main, w) == 0);
  pthread_attr_destroy(&attributes);
  pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace lintel
