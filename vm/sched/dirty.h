// Dirty jobs: BIFs and NIFs that compute long or block in the operating system.
//
// Such a function is called twice. On a normal scheduler it asks to be moved and is called again, by
// the same engine, on a thread of the pool, where it does its work:
//
//   BifResult slow_2(Process& p, Term* args) {
//     if (!on_dirty_thread(p)) return run_on_dirty(p, DirtyKind::Io, {args[0], args[1]});
//     ... { DirtyNative section; read(fd, ...); } ...
//     return value;
//   }
//
// The process goes back to a normal scheduler at its next yield, which the pool brings about at once
// by giving it no reductions. While it runs there it handles no signals.
#pragma once
#include <initializer_list>

#include "vm/proc/process.h"

namespace lintel {

enum class DirtyKind : u8 { None = 0, Cpu = 1, Io = 2 };

bool on_dirty_thread(const Process& p);
// Returned by the BIF at once; `args` are the arguments of the second call.
BifResult run_on_dirty(Process& p, DirtyKind kind, std::initializer_list<Term> args);

// Native code that neither touches terms of shared tables nor looks up processes: code loading and
// memory reclamation do not wait for it.
class DirtyNative {
 public:
  DirtyNative();
  ~DirtyNative();
  DirtyNative(const DirtyNative&) = delete;
  DirtyNative& operator=(const DirtyNative&) = delete;

 private:
  bool active_;
};

// Processes waiting for a dirty thread.
u64 dirty_queue_length(DirtyKind kind);

}  // namespace lintel
