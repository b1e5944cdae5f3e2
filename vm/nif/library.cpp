#include "vm/nif/library.h"

#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/code/module.h"
#include "vm/code/op_format.h"
#include "vm/io/filename.h"
#include "vm/nif/resource.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

void (*nif_bind_entry)(Module& m, const Word* entry, NifFunction& f) = nullptr;

namespace {

std::vector<StaticNif>& static_nifs() {
  static auto* table = new std::vector<StaticNif>();
  return *table;
}

std::string text_of(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string text_of(const char* format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int size = std::vsnprintf(nullptr, 0, format, args);
  std::string s(static_cast<size_t>(size) + 1, '\0');
  std::vsnprintf(s.data(), s.size(), format, again);
  s.pop_back();
  va_end(again);
  va_end(args);
  return s;
}

std::string name_of(Term atom) { return std::string(atom_name(atom)); }

bool is_at_least(const ErlNifEntry* e, int major, int minor) {
  return e->major > major || (e->major == major && e->minor >= minor);
}

// An entry of an older version is shorter: only the fields that it has are read.
ErlNifEntry modern_entry(const ErlNifEntry* e) {
  ErlNifEntry m{};
  std::memcpy(&m, e, offsetof(ErlNifEntry, vm_variant));
  m.vm_variant = is_at_least(e, 2, 1) ? e->vm_variant : ERL_NIF_VM_VARIANT;
  m.options = is_at_least(e, 2, 7) ? e->options : 0;
  m.sizeof_ErlNifResourceTypeInit =
      is_at_least(e, 2, 12) ? e->sizeof_ErlNifResourceTypeInit : sizeof(ErlNifResourceTypeInit);
  m.min_erts = is_at_least(e, 2, 14) ? e->min_erts : "erts-?";
  return m;
}

// ErlNifFunc had no flags before 2.7.
struct OldNifFunc {
  const char* name;
  unsigned arity;
  ERL_NIF_TERM (*fptr)(ErlNifEnv*, int, const ERL_NIF_TERM[]);
};

ErlNifFunc function_at(const ErlNifEntry& e, int i) {
  if (is_at_least(&e, 2, 7)) return e.funcs[i];
  const auto& old = reinterpret_cast<const OldNifFunc*>(e.funcs)[i];
  return {old.name, old.arity, old.fptr, 0};
}

const Word* find_function(const Module& m, Term name, u32 arity) {
  for (const FunctionRange& f : m.functions) {
    if (function_name(f.info) == name && function_arity(f.info) == arity) {
      return f.info + kFunctionHeaderWords;
    }
  }
  return nullptr;
}

// A module with -nifs attributes names all its NIFs.
bool is_declared(const Module& m, Term name, u32 arity) {
  bool has_attribute = false;
  static const Term nifs = atom_intern("nifs");
  for (Term a = m.attributes; a.is_list(); a = a.tail()) {
    Term entry = a.head();
    if (!is_tuple_of(entry, 2) || tuple_element(entry, 0) != nifs) continue;
    has_attribute = true;
    for (Term l = tuple_element(entry, 1); l.is_list(); l = l.tail()) {
      Term fa = l.head();
      if (is_tuple_of(fa, 2) && tuple_element(fa, 0) == name &&
          tuple_element(fa, 1) == Term::small(arity)) {
        return true;
      }
    }
  }
  return !has_attribute;
}

void close_library(NifLibrary* lib) {
  void* handle = lib->handle;
  vm_free(lib->functions);
  vm_delete(lib);
  if (handle != nullptr) dlclose(handle);
}

}  // namespace

Term nif_load_error(Process& p, const char* reason, const std::string& text) {
  Builder b = p.reserve(2 * tuple_words(2) + text.size() * kConsWords);
  Term list = Term::nil();
  for (size_t i = text.size(); i > 0; i--) {
    list = b.cons(Term::small(static_cast<u8>(text[i - 1])), list);
  }
  return b.tuple({am::error, b.tuple({atom_intern_latin1(reason), list})});
}

void static_nif_register(const StaticNif& nif) { static_nifs().push_back(nif); }

void nif_library_retain(NifLibrary& lib) { lib.users.fetch_add(1, std::memory_order_relaxed); }

void nif_library_release(NifLibrary& lib) {
  if (lib.users.fetch_sub(1, std::memory_order_acq_rel) == 1) close_library(&lib);
}

void nif_library_unload(NifLibrary& lib) {
  lib.is_unloaded = true;
  if (lib.entry.unload != nullptr) {
    enif_environment_t env;
    env.library = &lib;
    lib.entry.unload(&env, lib.priv_data);
  }
  resource_types_disown(lib);
  nif_library_release(lib);
}

BifResult nif_load(Process& p, Module& m, Module* previous, Term path, Term load_info) {
  std::string file;
  // Other functions take a file name as an atom too; this one does not.
  if (path.is_atom() || !filename_to_native(path, &file)) return raise_badarg(p);
  LocalRoots<1> roots(p, load_info);
  if (m.nif_library != nullptr) {
    return nif_load_error(p, "reload", "NIF library already loaded (reload disallowed since OTP 20).");
  }
  std::string module_name = name_of(m.name);

  ErlNifEntry* entry = nullptr;
  void* handle = nullptr;
  for (const StaticNif& s : static_nifs()) {
    if (module_name == s.module) entry = s.init();
  }
  struct Closer {
    void** handle;
    ~Closer() {
      if (*handle != nullptr) dlclose(*handle);
    }
  } closer{&handle};
  if (entry == nullptr) {
    handle = dlopen((file + ".so").c_str(), RTLD_NOW);
    if (handle == nullptr) {
      const char* error = dlerror();
      if (std::strstr(error, file.c_str()) != nullptr) {
        return nif_load_error(p, "load_failed", text_of("Failed to load NIF library: '%s'", error));
      }
      return nif_load_error(p, "load_failed",
                        text_of("Failed to load NIF library %s: '%s'", file.c_str(), error));
    }
    auto init = reinterpret_cast<ErlNifEntry* (*)()>(dlsym(handle, "nif_init"));
    if (init == nullptr) {
      return nif_load_error(p, "bad_lib",
                        text_of("Failed to find library init function: '%s'", dlerror()));
    }
    entry = init();
    if (entry == nullptr) return nif_load_error(p, "bad_lib", "Library init-call unsuccessful");
  }

  if (is_at_least(entry, ERL_NIF_MAJOR_VERSION, ERL_NIF_MINOR_VERSION + 1)) {
    return nif_load_error(p, "bad_lib",
                      text_of("That '%s' NIF library needs %s or newer. Either try to recompile the "
                              "NIF lib or use a newer erts runtime.",
                              module_name.c_str(), modern_entry(entry).min_erts));
  }
  if (entry->major < ERL_NIF_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD ||
      (entry->major == 2 && entry->minor == 5)) {
    return nif_load_error(p, "bad_lib",
                      text_of("That old NIF library (%d.%d) is not compatible with this erts "
                              "runtime (%d.%d). Try recompile the NIF lib.",
                              entry->major, entry->minor, ERL_NIF_MAJOR_VERSION,
                              ERL_NIF_MINOR_VERSION));
  }
  ErlNifEntry e = modern_entry(entry);
  if (std::strcmp(e.vm_variant, ERL_NIF_VM_VARIANT) != 0) {
    return nif_load_error(p, "bad_lib", text_of("Library (%s) not compiled for this vm variant (%s).",
                                            e.vm_variant, ERL_NIF_VM_VARIANT));
  }
  if (module_name != e.name) {
    return nif_load_error(p, "bad_lib",
                      text_of("Library module name '%s' does not match calling module '%s'", e.name,
                              module_name.c_str()));
  }

  auto* lib = vm_new<NifLibrary>();
  lib->entry = e;
  lib->module = m.name;
  lib->handle = handle;
  handle = nullptr;  // the library's from here on
  lib->functions = static_cast<NifFunction*>(
      vm_alloc_zeroed(static_cast<size_t>(e.num_of_funcs) * sizeof(NifFunction) + 1));
  std::vector<const Word*> entries;
  std::string problem;
  for (int i = 0; i < e.num_of_funcs && problem.empty(); i++) {
    ErlNifFunc f = function_at(e, i);
    Term name = atom_intern_latin1(f.name);
    const Word* at = find_function(m, name, f.arity);
    const char* what = nullptr;
    if (at == nullptr) {
      what = "Function not found ";
    } else if (!is_declared(m, name, f.arity)) {
      what = "Function not declared as nif ";
    }
    for (const Word* other : entries) {
      if (other == at) what = "Duplicate NIF entry for ";
    }
    std::string mfa = text_of("%s:%s/%u", module_name.c_str(), f.name, f.arity);
    if (what != nullptr) {
      problem = what + mfa;
    } else if (f.flags != 0 && f.flags != ERL_NIF_DIRTY_JOB_CPU_BOUND &&
               f.flags != ERL_NIF_DIRTY_JOB_IO_BOUND) {
      problem = text_of("Illegal flags field value %d for NIF %s", static_cast<int>(f.flags), mfa.c_str());
    }
    entries.push_back(at);
    lib->functions[i] = {f.fptr, f.flags, f.arity, m.name, name, lib};
  }
  if (!problem.empty()) {
    close_library(lib);
    return nif_load_error(p, "bad_lib", problem);
  }

  const char* failure = nullptr;
  int veto = 0;
  {
    enif_environment_t env;
    env.process = &p;
    env.library = lib;
    NifLibrary* before = previous != nullptr ? previous->nif_library : nullptr;
    if (before != nullptr) {
      if (e.upgrade == nullptr) {
        failure = "upgrade";
      } else {
        void* old_data = before->priv_data;
        veto = e.upgrade(&env, &lib->priv_data, &before->priv_data, from_term(roots[0]));
        if (veto != 0) before->priv_data = old_data;
      }
    } else if (e.load != nullptr) {
      veto = e.load(&env, &lib->priv_data, from_term(roots[0]));
    }
    if (veto != 0) failure = before != nullptr ? "upgrade" : "load";
    p.attach(env.take_fragments());
  }
  if (failure != nullptr) {
    resource_types_rollback(*lib);
    close_library(lib);
    if (veto == 0) return nif_load_error(p, failure, "Upgrade not supported by this NIF library.");
    return nif_load_error(p, failure, text_of("Library %s-call unsuccessful (%d).", failure, veto));
  }
  resource_types_commit(*lib);
  m.nif_library = lib;
  for (size_t i = 0; i < entries.size(); i++) nif_bind_entry(m, entries[i], lib->functions[i]);
  return am::ok;
}

}  // namespace lintel
