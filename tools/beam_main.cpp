// The emulator's main function, and the one place that knows every part: reads the command line,
// brings the parts up in order, loads the preloaded modules, and starts erl_init.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "bifs/multi_scheduling.h"
#include "jit/jit.h"
#include "loader/load.h"
#include "otp_stdlib/otp_install.h"
#include "otp_stdlib/static_drivers.h"
#include "otp_stdlib/static_nifs.h"
#include "tools/emulator_options.h"
#include "vm/base/settings.h"
#include "vm/code/backend.h"
#include "vm/code/bif_table.h"
#include "vm/code/code_server.h"
#include "vm/diag/breakpoint.h"
#include "vm/diag/system_events.h"
#include "vm/dist/entry.h"
#include "vm/ets/table.h"
#include "vm/heap/literals.h"
#include "vm/interp/interp.h"
#include "vm/interp/op_count.h"
#include "vm/io/halt.h"
#include "vm/io/async.h"
#include "vm/io/ddll.h"
#include "vm/io/driver.h"
#include "vm/io/environment.h"
#include "vm/io/filename.h"
#include "vm/io/halt.h"
#include "vm/io/os_signal.h"
#include "vm/io/poll.h"
#include "vm/io/port.h"
#include "vm/nif/env.h"
#include "vm/nif/library.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/spawn.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"
#include "vm/term/print.h"

namespace {

using namespace lintel;

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "lintel: %s\n", text.c_str());
  std::exit(1);
}

std::vector<u8> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot read " + path.string());
  return std::vector<u8>((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// ---- the loader, as the code server calls it ----

Module* load(std::span<const u8> bytes, std::string* why) {
  auto m = loader::load_module(bytes);
  if (m) return *m;
  *why = m.error().text();
  return nullptr;
}

bool md5(std::span<const u8> bytes, std::array<u8, 16>* out) {
  auto file = loader::read_beam_file(bytes);
  if (!file) return false;
  *out = file->md5;
  return true;
}

// init and the processes of the code server's lower half must not end.
bool system_process_exit(Process& p) {
  if ((p.state_now() & kStateSystem) == 0) return true;
  std::fprintf(stderr, "System process %s terminated: %s\n", term_text(p.id).c_str(),
               term_text(p.exit_reason).c_str());
  halt_emulator(1, false);
}

void init_parts(const EmulatorOptions& options) {
  literals_init();
  atoms_init(options.atom_limit);
  nodes_init();
  unique_init();
  clock_init();
  interp::init();
  if (options.jit && !interp::op_count_enabled()) {  // operations are counted where they are handlers
    const char* why;
    if (!jit::init(options.jit_threshold, &why)) fail(std::string("--backend=jit: ") + why);
  }
  halt_add_hook(interp::op_count_write);
  bifs_init([](Process& p, Term*) { return raise_undef(p); });
  process_table_init(options.max_processes);
  process_add_exit_hook(system_process_exit);
  multi_scheduling_init();
  ets_init();
  code_loader = {load, loader::find_chunk, md5};
  nif_bind_entry = [](Module&, const Word* entry, NifFunction& f) { engine.bind_nif(entry, &f); };
  nif_init();
  trace_init();
  system_events_init();
#define X(module) static_nif_register({#module, module##_nif_init});
  OTP_STATIC_NIFS(X)
#undef X
  schedulers_init(options.schedulers);
  environment_init();
  file_names_init();
  poll_init();
  async_start(options.schedulers.async_threads);
  ports_init(options.max_ports);
  dist_init();
#define X(name) driver_add(&name##_driver_entry, nullptr);
  OTP_STATIC_DRIVERS(X)
#undef X
  ddll_init();
  halt_set_flush([] { ports_flush(UINT64_MAX); });
  halt_set_cleanup(ports_emergency_close);
}

// ---- the installed OTP ----

void load_preloaded(const OtpInstall& otp) {
  for (const std::string& module : otp.preloaded) {
    std::filesystem::path file = std::filesystem::path(otp.preloaded_dir) / (module + ".beam");
    std::string why;
    auto bytes = read_file(file);
    Module* m = code_prepare(bytes, &why);
    if (m == nullptr) fail(file.string() + ": " + why);
    m->on_load = nullptr;  // erl_init runs these itself
    m->lines.clear();      // stack traces show no lines of these modules, as the stock VM's
    m->lines.clear();      // the stock VM carries these modules without their line tables
    code_mark_preloaded(m->name);
    code_lock();
    code_commit(m);
    code_unlock();
  }
}

// ---- the first processes ----

Term argument_list(const std::vector<std::string>& arguments, Builder& b) {
  Term list = Term::nil();
  for (size_t i = arguments.size(); i-- > 0;) {
    list = b.cons(b.binary(arguments[i].data(), arguments[i].size()), list);
  }
  return list;
}

Term start_system_process(const char* module) {
  SpawnOptions options;
  options.system_process = true;
  return process_spawn(nullptr, atom_intern(module), atom_intern("start"), Term::nil(), options)->id;
}

void start_first_processes(const EmulatorOptions& options) {
  u64 words = 2 * 2;
  for (const std::string& a : options.init_arguments) words += 2 + binary_words(a.size());
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  Term boot_args = argument_list(options.init_arguments, b);
  Term args = b.cons(atom_intern(options.boot_module), b.cons(boot_args, Term::nil()));
  SpawnOptions init;
  init.system_process = true;
  process_spawn(nullptr, atom_intern("erl_init"), atom_intern("start"), args, init);
  fragments_free(f);
  start_system_process("erts_code_purger");
  literal_area_collector = start_system_process("erts_literal_area_collector");
  start_system_process("erts_dirty_process_signal_handler");
}

int list_absent_bifs() {
  u32 absent = 0;
  for (u32 i = 0; i < bif_count; i++) {
    const BifEntry& b = bif_table[i];
    if (b.fn != nullptr) continue;
    absent++;
    std::printf("%.*s:%.*s/%u\n", static_cast<int>(b.module.size()), b.module.data(),
                static_cast<int>(b.function.size()), b.function.data(), b.arity);
  }
  std::printf("%u of %u built-in functions are not defined\n", absent, bif_count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  EmulatorOptions options = parse_emulator_options(argc, argv);
  if (options.list_bifs) return list_absent_bifs();
  OtpInstall otp;
  std::string error;
  if (!otp_install_find(options.otp_root, &otp, &error)) fail(error);
  settings.otp_root = otp.root;
  settings.otp_release = otp.otp_release;
  settings.erts_version = otp.erts_version;
  if (options.print_version) {
    std::fprintf(stderr, "Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version %s\n",
                 settings.erts_version.c_str());
    return 0;
  }
  os_signals_init();
  init_parts(options);
  load_preloaded(otp);
  start_first_processes(options);
  schedulers_start();
  poll_start();
  os_signals_start();
  for (;;) pause();  // halt ends the program
}
