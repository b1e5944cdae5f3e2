// NIF environments: what an ErlNifEnv* points at.
//
//   process-bound        lives on the C stack of nif_call; terms are built straight on the heap of
//                        the calling process while it has room, then in fragments that the heap
//                        adopts when the call ends. Nothing is collected in between, so no term
//                        that the NIF holds ever moves.
//   process-independent  enif_alloc_env: owns its fragments; enif_send may hand them to a message.
//   callback             load, upgrade, unload, destructors, down and stop callbacks: as the
//                        second, freed when the callback returns.
//
// An ERL_NIF_TERM is a Term's bits. The value that stands for "an exception was raised" is the none
// term; the public header gives user code no constant for it, only enif_is_exception().
#pragma once
#include <erl_nif.h>

#include "vm/heap/heap.h"
#include "vm/proc/process.h"

namespace lintel {

struct NifLibrary;

// A library function as the module that loaded it calls it.
struct NifFunction {
  ERL_NIF_TERM (*fn)(ErlNifEnv*, int, const ERL_NIF_TERM[]);
  unsigned flags;  // 0, ERL_NIF_DIRTY_JOB_CPU_BOUND or ERL_NIF_DIRTY_JOB_IO_BOUND
  u32 arity;
  Term module;
  Term name;
  NifLibrary* library;
};

inline Term to_term(ERL_NIF_TERM t) { return Term(t); }
inline ERL_NIF_TERM from_term(Term t) { return t.bits(); }
inline constexpr ERL_NIF_TERM kNifException = Term::none().bits();

// Calls a NIF for p; args[0..arity) are its arguments. A dirty NIF moves p to a dirty scheduler.
BifResult nif_call(Process& p, NifFunction& f, Term* args, u32 arity);

}  // namespace lintel

struct enif_environment_t {
  lintel::Process* process = nullptr;       // bound to; null otherwise
  lintel::NifLibrary* library = nullptr;    // whose code runs; null in independent environments
  lintel::Fragment* fragments = nullptr;    // newest first
  lintel::u64 fragment_words = 64;          // size of the next fragment
  struct Temporary* temporaries = nullptr;  // freed with the environment (or when the call ends)
  lintel::Term exception = lintel::Term::none();  // reason of a raised exception
  bool is_raised = false;
  // Set by enif_schedule_nif: what to call in place of returning.
  lintel::NifFunction* scheduled = nullptr;
  lintel::Term scheduled_args = lintel::Term::none();  // tuple

  enif_environment_t() = default;
  enif_environment_t(const enif_environment_t&) = delete;
  enif_environment_t& operator=(const enif_environment_t&) = delete;
  ~enif_environment_t() { clear(); }

  // Room for `words` words; never moves anything.
  lintel::Builder reserve(lintel::u64 words) {
    if (process != nullptr && process->free_words() >= words + lintel::kStackRedZone) {
      return lintel::Builder(&process->htop, process->htop + words, &process->off_heap);
    }
    return reserve_fragment(words);
  }
  lintel::Builder reserve_fragment(lintel::u64 words);
  // Takes over fragments built elsewhere.
  void adopt(lintel::Fragment* chain);
  // Gives up the fragments, e.g. to a heap or a message.
  lintel::Fragment* take_fragments() {
    lintel::Fragment* f = fragments;
    fragments = nullptr;
    fragment_words = 64;
    return f;
  }
  // Frees temporaries and fragments.
  void clear();
  void free_temporaries();
  // Memory that lives until the call ends or the environment is cleared.
  void* alloc_temporary(size_t bytes);
};
