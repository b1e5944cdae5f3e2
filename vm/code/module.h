// A loaded module: its code words, literals, functions, lines. And the module table: a slot a name,
// with a current and an old version.
//
// Code words are what the loader emitted and engine.link made runnable; the format is op_format.h's.
// Each function starts with kFunctionHeaderWords words (see there) before its entry.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/code/run_count.h"
#include "vm/heap/literals.h"
#include "vm/term/term.h"

namespace lintel {

struct NifLibrary;   // vm/nif
struct MachineCode;  // of the engine

struct FunctionRange {
  const Word* info;  // the func_info instruction; the entry is kFunctionHeaderWords later
};

struct LineEntry {
  u32 code_offset;  // words from Module::code; the line holds from here to the next entry
  u32 file;         // index in Module::files
  u32 line;         // 0: no location
};

struct ModuleExport {
  Term function;
  u32 arity;
  const Word* entry;
};

struct Module {
  Term name;
  Word* code = nullptr;
  u64 code_words = 0;
  std::vector<LiteralArea*> literals;       // the second, if any, holds maps too large for one pass
  std::vector<FunctionRange> functions;     // in address order
  std::vector<LineEntry> lines;             // in offset order
  std::vector<std::string> files;           // entry 0: the default "name.erl"
  std::vector<ModuleExport> exports;        // in file order
  std::vector<ModuleExport> locals;         // named functions that are not exported
  std::vector<FunEntry*> lambdas;           // by index
  std::vector<const Word*> lambda_entries;  // where they start in this version
  std::vector<u8> strings;                  // StrT, for bs_put_string and bs_match_string
  Term attributes = Term::nil();            // in `literals`
  Term compile_info = Term::nil();          // in `literals`
  std::array<u8, 16> md5{};
  const Word* on_load = nullptr;            // entry of the -on_load function, or null
  NifLibrary* nif_library = nullptr;
  bool has_been_purged = false;
  std::unique_ptr<RunCounts> run_counts;    // null unless run_counting
  MachineCode* machine_code = nullptr;      // see engine.link

  bool contains(const Word* pc) const { return pc >= code && pc < code + code_words; }
};
void module_delete(Module* m);

// One name's versions. Slots are never freed. Fields change under the CodeLoad lock with all
// schedulers blocked, or are single pointers that readers take atomically.
struct ModuleSlot {
  Term name;
  std::atomic<Module*> current{nullptr};
  std::atomic<Module*> old{nullptr};
  std::atomic<Module*> on_load{nullptr};  // loaded, its on_load function not yet finished
};
ModuleSlot* module_slot_get(Term name);   // finds or makes
ModuleSlot* module_slot_find(Term name);  // null: never loaded
void module_slots_each(void (*f)(ModuleSlot*, void*), void* data);

// Address lookup over all loaded versions. Lock-free for readers.
struct CodePosition {
  Module* module = nullptr;
  const Word* info = nullptr;  // func_info of the function
  Term function = Term::nil();
  u32 arity = 0;
};
void code_ranges_add(Module* m);
void code_ranges_remove(Module* m);
// False when pc is in no module's code.
bool code_find(const Word* pc, CodePosition* out);
// File and line of a pc inside m; false when the file has none there.
bool code_line(const Module& m, const Word* pc, std::string_view* file, u32* line);

}  // namespace lintel
