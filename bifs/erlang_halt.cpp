// erlang:halt/2: ends the emulator. Status: exit code, abort, or a slogan for the crash dump.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bifs/system_memory.h"
#include "bifs/system_version.h"
#include "vm/diag/crash_dump.h"
#include "vm/io/halt.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

// halt(Status, [{flush, boolean()}]); the library's wrapper turns a badarg return into the error.
BifResult erlang_halt_2(Process& p, Term* args) {
  bool flush = true;
  Term options = args[1];
  for (; options.is_list(); options = options.tail()) {
    Term o = options.head();
    if (!is_tuple_of(o, 2) || tuple_element(o, 0) != am::flush) {
      return raise_badarg_cause(p, am::badopt);
    }
    Term value = tuple_element(o, 1);
    if (value != am::true_ && value != am::false_) return raise_badarg_cause(p, am::badopt);
    flush = value == am::true_;
  }
  if (!options.is_nil()) return raise_badarg_cause(p, am::badopt);
  Term status = args[0];
  if (status.is_small() && status.small_value() >= 0) {
    halt_emulator(static_cast<int>(status.small_value() & 0xff), flush);
  }
  if (status == am::abort) {
    std::fflush(nullptr);
    std::abort();
  }
  std::string slogan;
  for (Term s = status;; s = s.tail()) {
    if (s.is_nil()) break;
    if (!s.is_list() || !s.head().is_small()) return raise_badarg(p);
    i64 c = s.head().small_value();
    if (c < 0 || c > 255 || slogan.size() > 1023) return raise_badarg(p);
    slogan += static_cast<char>(c);
  }
  std::fprintf(stderr, "%s\r\n", slogan.c_str());
  SystemMemory m = system_memory();
  std::string version = system_version();
  version.pop_back();  // the newline
  crash_dump_write({slogan, version, {{"total", m.total}, {"processes", m.processes}, {"processes_used", m.processes},
                    {"system", m.total - m.processes}, {"atom", m.atoms}, {"atom_used", m.atoms},
                    {"binary", m.binaries}, {"code", m.code}, {"ets", m.ets}}});
  halt_emulator(1, false);
}

}  // namespace lintel
