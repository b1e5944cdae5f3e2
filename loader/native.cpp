// The fingerprint is the MD5 of a canonical text of the code: functions in the order in which they
// are come to, atoms and imports by name, labels by their order in their function.
#include "loader/native.h"

#include <algorithm>
#include <unordered_map>

#include "vm/base/md5.h"

namespace lintel::loader {

namespace {

class Canonical {
 public:
  Canonical(const BeamFile& file, const Verified& verified) : f_(file), v_(verified) {
    for (u32 i = 0; i < v_.functions.size(); i++) entries_.emplace(v_.functions[i].entry_label, i);
  }

  u64 fingerprint(u32 function) {
    come_to(function);
    for (size_t i = 0; i < found_.size(); i++) write_function(v_.functions[found_[i]]);
    auto digest = md5_.finish();
    u64 number = 0;
    for (u32 i = 0; i < 8; i++) number = number << 8 | digest[i];
    return number;
  }

 private:
  void number(u64 n) { md5_.update({reinterpret_cast<const u8*>(&n), sizeof n}); }
  void bytes(const void* p, size_t n) {
    number(n);
    md5_.update({static_cast<const u8*>(p), n});
  }
  void text(u64 atom) { bytes(f_.atoms[atom].data(), f_.atoms[atom].size()); }

  // Its number in the order of discovery.
  u64 come_to(u32 function) {
    auto at = std::find(found_.begin(), found_.end(), function);
    if (at == found_.end()) at = found_.insert(at, function);
    return static_cast<u64>(at - found_.begin());
  }

  void write_function(const FunctionInfo& info) {
    labels_.clear();
    for (u32 i = info.first_instr; i < info.end_instr; i++) {
      const GenericInstr& g = f_.code[i];
      if (g.op == GenOp::label_1) labels_.emplace(f_.arg(g, 0).value(), labels_.size());
    }
    number(info.arity);
    for (u32 i = info.entry_instr; i < info.end_instr; i++) {
      const GenericInstr& g = f_.code[i];
      if (g.op == GenOp::line_1 || g.op == GenOp::int_code_end_0) continue;
      number(static_cast<u64>(g.op));
      const char* letters = lintel::loader::info(g.op).operands;
      for (u32 k = 0; k < g.operand_count; k++) operand(f_.arg(g, k), letters[k]);
      if (g.operand_count != 0 && letters[g.operand_count - 1] == 'L') {
        for (Operand o : f_.list(g)) operand(o, 0);
      }
    }
  }

  void label(u64 value) {
    auto own = labels_.find(value);
    if (own != labels_.end()) {
      number(own->second);
      return;
    }
    auto entry = entries_.find(static_cast<u32>(value));
    number(entry == entries_.end() ? ~u64{0} : ~u64{1} - come_to(entry->second));
  }

  void operand(Operand o, char letter) {
    number(static_cast<u64>(o.kind()));
    switch (letter) {
      case 'm':
      case 'b': {
        const ImportEntry& i = f_.imports[o.value()];
        text(i.module);
        text(i.function);
        number(i.arity);
        return;
      }
      case 'g':
        number(f_.lambdas[o.value()].num_free);
        label(f_.lambdas[o.value()].label);
        return;
      case '=':
        label(o.value());
        return;
      case 'S':  // the string's length is another operand; all strings of the module count
        number(o.value());
        bytes(f_.strings.data(), f_.strings.size());
        return;
      default: break;
    }
    switch (o.kind()) {
      case Kind::nil: return;
      case Kind::i: number(static_cast<u64>(o.int_value())); return;
      case Kind::atom: text(o.value()); return;
      case Kind::x:
      case Kind::y:
      case Kind::fr: number(o.reg()); return;
      case Kind::f: o.value() == 0 ? number(0) : label(o.value()); return;
      case Kind::big: bytes(f_.bigs[o.value()].data(), f_.bigs[o.value()].size()); return;
      case Kind::literal:
        bytes(f_.literals[o.value()].data(), f_.literals[o.value()].size());
        return;
      case Kind::alloc:
        number(f_.allocs[o.value()].words);
        number(f_.allocs[o.value()].floats);
        number(f_.allocs[o.value()].funs);
        return;
      case Kind::u:
      case Kind::list:
      case Kind::overflow: number(o.value()); return;
    }
  }

  const BeamFile& f_;
  const Verified& v_;
  Md5 md5_;
  std::unordered_map<u32, u32> entries_;  // entry label -> function
  std::unordered_map<u64, u64> labels_;   // of the function being written, in order
  std::vector<u32> found_;
};

}  // namespace

u64 code_fingerprint(const BeamFile& file, const Verified& verified, u32 function) {
  return Canonical(file, verified).fingerprint(function);
}

const NativeFunction* native_function(const BeamFile& file, const Verified& verified, u32 function) {
  const FunctionInfo& info = verified.functions[function];
  u64 fingerprint = 0;
  for (u32 i = 0; i < native_function_count; i++) {
    const NativeFunction& n = native_functions[i];
    if (n.module != file.module() || n.function != file.atoms[info.name] || n.arity != info.arity) {
      continue;
    }
    if (fingerprint == 0) fingerprint = code_fingerprint(file, verified, function);
    if (n.fingerprint == fingerprint && n.body != nullptr) return &n;
  }
  return nullptr;
}

}  // namespace lintel::loader
