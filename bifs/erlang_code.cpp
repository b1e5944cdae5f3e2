// Code loading as the code server sees it.
#include "bifs/process_options.h"
#include "vm/code/code_server.h"
#include "vm/ops/apply.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/send.h"
#include "vm/proc/suspend.h"
#include "vm/proc/unique.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

namespace {

// A prepared module on its way to finish_loading/1; dropped with the reference if never finished.
struct PreparedCode : MagicData {
  Module* module = nullptr;
};

void prepared_destroy(MagicData* data) {
  auto* prepared = static_cast<PreparedCode*>(data);
  if (prepared->module != nullptr) code_discard(prepared->module);
  delete prepared;
}

PreparedCode* prepared_of(Term t) {
  if (!t.is(BoxedTag::MagicRef)) return nullptr;
  auto* data = t.object()[2].as_raw_pointer<MagicData>();
  return data->destroy == prepared_destroy ? static_cast<PreparedCode*>(data) : nullptr;
}

std::span<const u8> whole_bytes(Term binary, std::vector<u8>* copy) {
  Bits bits = bits_of(binary);
  if (bits.bit_offset == 0) return {bits.base, bits.byte_size()};
  copy->resize(bits.byte_size());
  for (u64 i = 0; i < copy->size(); i++) {
    (*copy)[i] = static_cast<u8>(bits.base[i] << bits.bit_offset |
                                 bits.base[i + 1] >> (8 - bits.bit_offset));
  }
  return *copy;
}

// A further version has no place until the old one is purged.
bool both_versions_exist(Term module) {
  ModuleSlot* slot = module_slot_find(module);
  return slot != nullptr && slot->old.load() != nullptr && slot->current.load() != nullptr;
}

// The schedulers stand still while exports and funs are switched.
class CodeChange {
 public:
  CodeChange() {
    schedulers_block();
    code_lock();
  }
  ~CodeChange() {
    code_unlock();
    schedulers_unblock();
  }
};

}  // namespace

BifResult erts_internal_prepare_loading_2(Process& p, Term* args) {
  if (!args[0].is_atom() || !is_binary(args[1])) return raise_badarg(p);
  std::vector<u8> copy;
  std::string why;
  Module* m = code_prepare(whole_bytes(args[1], &copy), &why);
  if (m != nullptr && m->name != args[0]) {
    why = "the file holds module " + std::string(atom_name(m->name));
    code_discard(m);
    m = nullptr;
  }
  if (m == nullptr) {
    std::string text = "Loading of " + std::string(atom_name(args[0])) + " failed: " + why + "\n";
    send_to_logger(&p, am::error, text.c_str(), Term::nil());
    Builder b = p.reserve(tuple_words(2));
    return b.tuple({am::error, am::badfile});
  }
  auto* prepared = new PreparedCode;
  prepared->module = m;
  prepared->destroy = prepared_destroy;
  prepared->numbers = make_magic_ref_numbers();
  Builder b = p.reserve(kMagicRefWords);
  return b.magic_reference(prepared);
}

BifResult erlang_has_prepared_code_on_load_1(Process& p, Term* args) {
  PreparedCode* prepared = prepared_of(args[0]);
  if (prepared == nullptr || prepared->module == nullptr) return raise_badarg(p);
  return am_bool(prepared->module->on_load != nullptr);
}

BifResult erlang_finish_loading_1(Process& p, Term* args) {
  u64 count = 0;
  Term list = args[0];
  bool any_on_load = false;
  std::vector<Term> twice;  // atoms
  for (; list.is_list(); list = list.tail()) {
    PreparedCode* prepared = prepared_of(list.head());
    if (prepared == nullptr || prepared->module == nullptr) return raise_badarg(p);
    any_on_load = any_on_load || prepared->module->on_load != nullptr;
    for (Term other = args[0]; other != list; other = other.tail()) {
      if (prepared_of(other.head())->module->name == prepared->module->name) {
        twice.push_back(prepared->module->name);
        break;
      }
    }
    count++;
  }
  if (!list.is_nil()) return raise_badarg(p);
  if (count == 0) return am::ok;
  if (count > 1 && any_on_load) return raise_error(p, am::system_limit);

  Builder b = p.reserve(2 * count + tuple_words(2));
  Term refused = Term::nil();
  Term why = am::ok;
  if (!twice.empty()) {
    for (Term name : twice) refused = b.cons(name, refused);
    why = am::duplicated;
  } else {
    CodeChange change;
    for (list = args[0]; list.is_list(); list = list.tail()) {
      const Module* m = prepared_of(list.head())->module;
      if (!both_versions_exist(m->name)) continue;
      refused = b.cons(m->name, refused);
      why = am::not_purged;
    }
    for (list = args[0]; why == am::ok && list.is_list(); list = list.tail()) {
      PreparedCode* prepared = prepared_of(list.head());
      if (any_on_load) refused = b.cons(prepared->module->name, refused);
      code_commit(prepared->module);
      prepared->module = nullptr;
    }
  }
  if (why == am::ok && any_on_load) why = am::on_load;
  if (why == am::ok) return am::ok;
  return b.tuple({why, refused});
}

BifResult erlang_call_on_load_function_1(Process& p, Term* args) {
  ModuleSlot* slot = args[0].is_atom() ? module_slot_find(args[0]) : nullptr;
  Module* m = slot != nullptr ? slot->on_load.load(std::memory_order_acquire) : nullptr;
  if (m == nullptr) return raise_badarg(p);
  p.outcome = BifOutcome::Trap;
  p.trap_entry = m->on_load;
  return Term::none();
}

BifResult erlang_finish_after_on_load_2(Process& p, Term* args) {
  ModuleSlot* slot = args[0].is_atom() ? module_slot_find(args[0]) : nullptr;
  if (slot == nullptr || slot->on_load.load() == nullptr) return raise_badarg(p);
  if (args[1] != am::true_ && args[1] != am::false_) return raise_badarg(p);
  CodeChange change;
  if (args[1] == am::true_ && both_versions_exist(args[0])) return raise_badarg(p);
  code_finish_on_load(*slot, args[1] == am::true_);
  return am::true_;
}

BifResult erlang_delete_module_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  ModuleSlot* slot = module_slot_find(args[0]);
  if (slot == nullptr || slot->current.load() == nullptr) return am::undefined;
  if (slot->old.load() != nullptr) return raise_badarg(p);
  CodeChange change;
  code_delete(*slot);
  return am::true_;
}

BifResult erlang_check_old_code_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  return am_bool(code_has_old(args[0]));
}

BifResult erlang_module_loaded_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  ModuleSlot* slot = module_slot_find(args[0]);
  return am_bool(slot != nullptr && slot->current.load(std::memory_order_acquire) != nullptr);
}

BifResult erlang_loaded_0(Process& p, Term*) {
  std::vector<Term> names;
  module_slots_each(
      [](ModuleSlot* s, void* to) {
        if (s->current.load() != nullptr || s->old.load() != nullptr) {
          static_cast<std::vector<Term>*>(to)->push_back(s->name);
        }
      },
      &names);
  Builder b = p.reserve(2 * names.size());
  Term list = Term::nil();
  for (Term n : names) list = b.cons(n, list);
  return list;
}

BifResult erlang_pre_loaded_0(Process& p, Term*) {
  std::vector<Term> names;
  module_slots_each(
      [](ModuleSlot* s, void* to) {
        if (code_is_preloaded(s->name)) static_cast<std::vector<Term>*>(to)->push_back(s->name);
      },
      &names);
  Builder b = p.reserve(2 * names.size());
  Term list = Term::nil();
  for (Term n : names) list = b.cons(n, list);
  return list;
}

// ---- purging ----

BifResult erts_internal_purge_module_2(Process& p, Term* args) {
  if (!is_system_process_of(p, am::erts_code_purger)) return raise_notsup(p);
  if (!args[0].is_atom()) return raise_badarg(p);
  ModuleSlot* slot = module_slot_find(args[0]);
  Term step = args[1];
  if (step == am::prepare || step == am::prepare_on_load) {
    if (slot == nullptr) return am::false_;
    CodeChange change;
    return am_bool(code_purge_prepare(*slot, step == am::prepare_on_load));
  }
  if (slot == nullptr) return raise_badarg(p);
  if (step == am::complete) {
    bool literals;
    std::vector<Term> waiters;
    {
      CodeChange change;
      literals = code_purge_complete(*slot);
      waiters = code_purge_waiters();
    }
    for (Term pid : waiters) process_resume(p.id, pid, 1);
    if (literals) {
      (void)send_message(&p, literal_area_collector, am::copy_literals);
    }
    return am::true_;
  }
  if (step == am::abort) {
    std::vector<Term> waiters;
    {
      CodeChange change;
      code_purge_abort(*slot);
      waiters = code_purge_waiters();
    }
    for (Term pid : waiters) process_resume(p.id, pid, 1);
    return am::false_;
  }
  return raise_badarg(p);
}

// Whether the calling process would return into, or is in, a module's old code. Traces that are kept
// for later count too; funs do not, they are unbound by the purge.
BifResult erts_internal_check_process_code_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  ModuleSlot* slot = module_slot_find(args[0]);
  if (slot == nullptr) return am::false_;
  const Module* old = slot->old.load();
  if (old == nullptr) old = slot->on_load.load();
  if (old == nullptr) return am::false_;
  if (p.pc != nullptr && old->contains(p.pc)) return am::true_;
  for (const Term* s = p.sp; s < p.end; s++) {
    if (s->is_return_address() && old->contains(s->return_address() - 1)) return am::true_;
    if (s->is_catch() && old->contains(reinterpret_cast<const Word*>(s->catch_index()))) {
      return am::true_;
    }
  }
  return am::false_;
}

// ---- information ----

namespace {

Term pairs(Builder& b, const std::vector<ModuleExport>& functions, Term list) {
  for (size_t i = functions.size(); i-- > 0;) {
    list = b.cons(b.tuple({functions[i].function, Term::small(functions[i].arity)}), list);
  }
  return list;
}

// Those that a NIF replaced: their header names it.
Term nifs(Builder& b, const std::vector<ModuleExport>& functions, Term list) {
  for (const ModuleExport& f : functions) {
    if (f.entry[-1] == 0) continue;
    list = b.cons(b.tuple({f.function, Term::small(f.arity)}), list);
  }
  return list;
}

// A value for get_module_info/2, or none().
Term module_item(Builder& b, const Module& m, Term item) {
  if (item == am::module) return m.name;
  if (item == am::md5) return b.binary(m.md5.data(), m.md5.size());
  if (item == am::exports) return pairs(b, m.exports, Term::nil());
  if (item == am::functions) return pairs(b, m.exports, pairs(b, m.locals, Term::nil()));
  if (item == am::attributes) return m.attributes;
  if (item == am::compile) return m.compile_info;
  // As of files without code for a processor in them, whatever is made of them when they are loaded.
  if (item == am::native) return am::false_;
  if (item == am::native_addresses) return Term::nil();
  if (item == am::nifs) return nifs(b, m.exports, nifs(b, m.locals, Term::nil()));
  return Term::none();
}

u64 module_item_words(const Module& m) {
  return (m.exports.size() + m.locals.size()) * 2 * (2 + 3) + binary_words(16) +
         (m.exports.size() + m.locals.size()) * (2 + 3);
}

}  // namespace

BifResult erlang_get_module_info_2(Process& p, Term* args) {
  if (!args[0].is_atom() || !args[1].is_atom()) return raise_badarg(p);
  ModuleSlot* slot = module_slot_find(args[0]);
  Module* m = slot != nullptr ? slot->current.load(std::memory_order_acquire) : nullptr;
  if (m == nullptr) return raise_badarg(p);
  Builder b = p.reserve(module_item_words(*m));
  Term value = module_item(b, *m, args[1]);
  if (value.is_none()) return raise_badarg(p);
  return value;
}

BifResult erlang_get_module_info_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  ModuleSlot* slot = module_slot_find(args[0]);
  Module* m = slot != nullptr ? slot->current.load(std::memory_order_acquire) : nullptr;
  if (m == nullptr) return raise_badarg(p);
  static constexpr Term items[] = {am::module, am::exports, am::attributes, am::compile, am::md5};
  constexpr size_t kCount = sizeof items / sizeof items[0];
  Builder b = p.reserve(module_item_words(*m) + kCount * (2 + 3));
  Term list = Term::nil();
  for (size_t i = kCount; i-- > 0;) {
    list = b.cons(b.tuple({items[i], module_item(b, *m, items[i])}), list);
  }
  return list;
}

BifResult erts_internal_beamfile_chunk_2(Process& p, Term* args) {
  if (!is_binary(args[0])) return raise_badarg(p);
  char name[4];
  u32 n = 0;
  Term t = args[1];
  for (; t.is_list() && n < 4; t = t.tail()) {
    if (!t.head().is_small()) return raise_badarg(p);
    name[n++] = static_cast<char>(t.head().small_value());
  }
  if (n != 4 || !t.is_nil()) return raise_badarg(p);
  std::vector<u8> copy;
  std::span<const u8> chunk;
  if (!code_loader.chunk(whole_bytes(args[0], &copy), {name, 4}, &chunk)) return am::undefined;
  // The bytes may move with the binary when the room is reserved.
  std::vector<u8> bytes(chunk.begin(), chunk.end());
  Builder b = p.reserve(binary_words(bytes.size()));
  return b.binary(bytes.data(), bytes.size());
}

BifResult erts_internal_beamfile_module_md5_1(Process& p, Term* args) {
  if (!is_binary(args[0])) return raise_badarg(p);
  std::vector<u8> copy;
  std::array<u8, 16> md5;
  if (!code_loader.md5(whole_bytes(args[0], &copy), &md5)) return am::undefined;
  Builder b = p.reserve(binary_words(md5.size()));
  return b.binary(md5.data(), md5.size());
}

}  // namespace lintel
