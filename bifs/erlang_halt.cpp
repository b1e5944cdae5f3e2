// erlang:halt/2: ends the emulator. Status: exit code, abort, or a slogan for the crash dump.
#include <cstdio>
#include <cstdlib>

#include "bifs/erlang_halt.h"
#include "bifs/system_memory.h"
#include "bifs/system_version.h"
#include "vm/base/utf8.h"
#include "vm/diag/crash_dump.h"
#include "vm/io/halt.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

void halt_with_slogan(const std::string& slogan) {
  std::fprintf(stderr, "%s\r\n", slogan.c_str());
  SystemMemory m = system_memory();
  std::string version = system_version();
  version.pop_back();  // the newline
  crash_dump_write({slogan, version, {{"total", m.total}, {"processes", m.processes}, {"processes_used", m.processes},
                    {"system", m.total - m.processes}, {"atom", m.atoms}, {"atom_used", m.atoms},
                    {"binary", m.binaries}, {"code", m.code}, {"ets", m.ets}}});
  halt_emulator(1, false);
}

namespace {
constexpr u32 kMaxSlogan = 1023;  // characters; what is behind them is not looked at

bool is_character(Term t) {
  if (!t.is_small()) return false;
  i64 c = t.small_value();
  return c >= 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

}  // namespace

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
  u32 length = 0;
  for (Term s = status; !s.is_nil(); s = s.tail()) {
    if (!s.is_list()) return raise_badarg(p);
    if (length++ == kMaxSlogan) break;
    if (!is_character(s.head())) return raise_badarg(p);
    append_utf8(slogan, static_cast<u32>(s.head().small_value()));
  }
  halt_with_slogan(slogan);
}

}  // namespace lintel
