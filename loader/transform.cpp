// Generic to specific: one pass over the instructions in file order. Constants that an operation has
// no form for go through a scratch register, so each family needs only the forms that pay.
#include "loader/transform.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "loader/load.h"
#include "loader/native.h"
#include "vm/base/alloc.h"
#include "vm/etf/decode.h"
#include "vm/heap/copy.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"
#include "vm/term/compare.h"

namespace lintel::loader {

Transform::Transform(const BeamFile& file, const Verified& verified, Module& module)
    : file_(file), verified_(verified), m_(module), e_(file.label_count) {}

// ---- operands ----

Term Transform::constant(Operand o) const {
  switch (o.kind()) {
    case Kind::nil: return Term::nil();
    case Kind::atom: return atoms_[o.value()];
    case Kind::i: return Term::small(o.int_value());
    case Kind::u: return Term::small(static_cast<i64>(o.value()));
    case Kind::big: return bigs_[o.value()];
    case Kind::literal: return literals_[o.value()];
    default: VM_PANIC("not a constant operand");
  }
}

u32 Transform::reg(Operand o) {
  if (o.is_x()) return x_operand(o.reg());
  if (o.is_y()) return y_operand(o.reg());
  VM_CHECK(scratch_next_ < kScratchCount);
  u32 scratch = x_operand(kScratchX + scratch_next_++);
  e_.emit(Op::move_cx, {scratch}, {constant(o).bits()});
  return scratch;
}

Word Transform::source(Operand o) const {
  if (o.is_x()) return x_source(o.reg());
  if (o.is_y()) return y_source(o.reg());
  return constant(o).bits();
}

u32 Transform::heap_words(Operand o) const {
  if (o.kind() == Kind::u) return number(o);
  const AllocNeed& need = file_.allocs[o.value()];
  return need.words + need.floats * kFloatWords + need.funs * kFunFixedWords;
}

bool Transform::small_word(Operand o, u32* word) const {
  if (!is_constant(o)) return false;
  Term t = constant(o);
  i64 bits = static_cast<i64>(t.bits());
  if (!t.is_small() || bits != static_cast<i32>(bits)) return false;
  *word = static_cast<u32>(bits);
  return true;
}

void Transform::refuse(const GenericInstr& instr, const char* message) {
  if (!error_.message.empty()) return;
  std::snprintf(error_.chunk, sizeof error_.chunk, "Code");
  error_.offset = instr.offset;
  error_.message = message;
}

// ---- tables ----

Result<bool, LoadError> Transform::resolve_atoms() {
  atoms_.reserve(file_.atoms.size());
  for (std::string_view name : file_.atoms) {
    Term atom = atoms_.empty() ? Term::nil() : atom_intern(name);
    if (atom.is_none()) {
      LoadError e;
      std::snprintf(e.chunk, sizeof e.chunk, "AtU8");
      e.message = "the atom table is full";
      return Err{std::move(e)};
    }
    atoms_.push_back(atom);
  }
  m_.name = atoms_[1];
  return true;
}

namespace {

LoadError literal_error(const char* chunk, u64 index) {
  LoadError e;
  std::snprintf(e.chunk, sizeof e.chunk, "%s", chunk);
  e.offset = index;
  e.message = "bad external term";
  return e;
}

// A two's complement number, most significant byte first.
Term build_big(std::span<const u8> bytes, Builder& b) {
  bool negative = !bytes.empty() && (bytes[0] & 0x80) != 0;
  std::vector<u8> magnitude(bytes.begin(), bytes.end());
  if (negative) {
    u32 carry = 1;
    for (size_t i = magnitude.size(); i-- > 0;) {
      carry += static_cast<u8>(~magnitude[i]);
      magnitude[i] = static_cast<u8>(carry);
      carry >>= 8;
    }
  }
  return integer_from_bytes(negative, magnitude.data(), magnitude.size(), false, b);
}

}  // namespace

// All constant terms of the module go into one literal area: literals, big integers, attributes and
// compile information.
Result<bool, LoadError> Transform::build_literals() {
  struct Piece {
    std::span<const u8> bytes;
    Term* to;
    const char* chunk;
    EtfPayload payload;
  };
  literals_.resize(file_.literals.size());
  bigs_.resize(file_.bigs.size());
  std::vector<Piece> pieces;
  pieces.reserve(literals_.size() + 2);
  for (size_t i = 0; i < literals_.size(); i++) {
    pieces.push_back({file_.literals[i], &literals_[i], "LitT", {}});
  }
  if (!file_.attributes.empty()) pieces.push_back({file_.attributes, &m_.attributes, "Attr", {}});
  if (!file_.compile_info.empty()) {
    pieces.push_back({file_.compile_info, &m_.compile_info, "CInf", {}});
  }
  u64 words = 0;
  for (size_t i = 0; i < pieces.size(); i++) {
    auto payload = etf_open(pieces[i].bytes);
    if (!payload) return Err{literal_error(pieces[i].chunk, i)};
    pieces[i].payload = std::move(*payload);
    auto size = etf_decoded_size(pieces[i].payload.bytes);
    if (!size) return Err{literal_error(pieces[i].chunk, i)};
    words += size->words;
  }
  for (auto big : file_.bigs) words += integer_from_bytes_words(big.size());
  if (pieces.empty() && bigs_.empty()) return true;
  m_.literals.push_back(literal_area_new(words));
  Builder b = m_.literals[0]->builder();
  for (Piece& piece : pieces) {
    Fragment* fragments = nullptr;
    auto term = etf_decode(piece.payload.bytes, b, &fragments);
    if (!term) return Err{literal_error(piece.chunk, static_cast<u64>(&piece - pieces.data()))};
    *piece.to = *term;
    // Large maps are built aside; such a literal gets an area of its own.
    if (fragments != nullptr) {
      LiteralArea* area = literal_area_new(flat_size(*term));
      Builder own = area->builder();
      *piece.to = copy_term_whole(*term, own);
      m_.literals.push_back(area);
      fragments_free(fragments);
    }
  }
  for (size_t i = 0; i < bigs_.size(); i++) bigs_[i] = build_big(file_.bigs[i], b);
  return true;
}

void Transform::resolve_imports() {
  imports_.reserve(file_.imports.size());
  for (const ImportEntry& i : file_.imports) {
    imports_.push_back(export_get(atoms_[i.module], atoms_[i.function], i.arity));
  }
}

void Transform::resolve_lambdas() {
  m_.lambdas.reserve(file_.lambdas.size());
  for (size_t i = 0; i < file_.lambdas.size(); i++) {
    const LambdaEntry& l = file_.lambdas[i];
    FunKey key{m_.name, l.index, l.old_uniq, file_.md5};
    FunEntry* f = fun_entry_get(key, l.arity - l.num_free, l.num_free, static_cast<u32>(i));
    f->function = atoms_[l.function];
    m_.lambdas.push_back(f);
  }
}

void Transform::line(u32 item) {
  const LineItem none{};
  const LineItem& l = item < file_.lines.items.size() ? file_.lines.items[item] : none;
  u32 at = e_.position();
  if (!m_.lines.empty() && m_.lines.back().code_offset == at) m_.lines.pop_back();
  m_.lines.push_back({at, l.file, l.line});
}

// At the entry of a function that has one.
void Transform::native_body() {
  const NativeFunction* native =
      native_function(file_, verified_, static_cast<u32>(function_ - verified_.functions.data()));
  if (native == nullptr) return;
  Word row = reinterpret_cast<Word>(native);
  e_.emit(Op::native_body, {function_->arity}, {row});
  e_.emit(Op::native_resume, {kNativeStateRegisters}, {row});
}

void Transform::finish_tables() {
  auto entry = [&](u32 label_number) { return m_.code + e_.label_position(label_number); };
  for (const ExportEntry& x : file_.exports) {
    m_.exports.push_back({atoms_[x.function], x.arity, entry(x.label)});
  }
  for (const ExportEntry& x : file_.locals) {
    m_.locals.push_back({atoms_[x.function], x.arity, entry(x.label)});
  }
  for (const LambdaEntry& l : file_.lambdas) m_.lambda_entries.push_back(entry(l.label));
  for (const FunctionInfo& f : verified_.functions) {
    m_.functions.push_back({entry(f.func_info_label)});
  }
  std::sort(m_.functions.begin(), m_.functions.end(),
            [](const FunctionRange& a, const FunctionRange& b) { return a.info < b.info; });
  if (verified_.on_load_function != kNoFunction) {
    m_.on_load = entry(verified_.functions[verified_.on_load_function].entry_label);
  }
  m_.md5 = file_.md5;
  m_.files.reserve(file_.lines.files.size());
  for (std::string_view f : file_.lines.files) m_.files.emplace_back(f);
  std::string own(atom_name(m_.name));
  if (m_.files.empty()) m_.files.emplace_back();
  m_.files[0] = own + ".erl";
}

// The operation at `place` stands for `count` instructions from `index` on.
void Transform::note_origins(u32 place, u32 index, u32 count) {
  for (u32 i = index; i < index + count; i++) {
    m_.run_counts->origins.push_back({place, static_cast<u8>(file_.code[i].op)});
  }
}

// ---- the pass ----

Result<bool, LoadError> Transform::code() {
  size_t next_function = 0;
  size_t next_trap = 0;
  auto clear = verified_.clears.begin();
  u32 count = static_cast<u32>(file_.code.size());
  u32 place = 0;
  if (run_counting) m_.run_counts = std::make_unique<RunCounts>();
  for (u32 i = 0; i < count; i++) {
    while (next_function < verified_.functions.size() &&
           verified_.functions[next_function].first_instr <= i) {
      function_ = &verified_.functions[next_function++];
    }
    if (next_trap < verified_.traps.size() && verified_.traps[next_trap] == i) {
      e_.emit(Op::if_end);
      next_trap++;
    }
    if (!verified_.reached[i]) continue;
    scratch_next_ = 0;
    for (; clear != verified_.clears.end() && clear->instr == i; ++clear) {
      e_.emit(clear->dst.is_x() ? Op::move_cx : Op::move_cy, {dst(clear->dst)}, {Term::nil().bits()});
    }
    // A run of instructions must not swallow one that wants a register cleared before it.
    bool whole = clear == verified_.clears.end() || clear->instr >= function_->end_instr;
    if (VM_UNLIKELY(run_counting)) place = e_.position();
    if (u32 consumed = whole ? fuse(i) : 0) {
      if (VM_UNLIKELY(run_counting)) note_origins(place, i, consumed);
      i += consumed - 1;
      continue;
    }
    if (VM_UNLIKELY(run_counting)) note_origins(place, i, 1);
    if (!instruction(i)) {
      const GenericInstr& instr = file_.code[i];
      std::string message = std::string(info(instr.op).name) + " is not known to the transformer";
      refuse(instr, message.c_str());
    }
    if (!error_.message.empty()) return Err{std::move(error_)};
  }
  e_.resolve();
  return true;
}

Result<Module*, LoadError> Transform::run() {
  if (auto r = resolve_atoms(); !r) return Err{std::move(r.error())};
  if (auto r = build_literals(); !r) return Err{std::move(r.error())};
  resolve_imports();
  m_.strings.assign(file_.strings.begin(), file_.strings.end());
  resolve_lambdas();
  if (auto r = code(); !r) return Err{std::move(r.error())};
  std::vector<Word>& words = e_.code();
  m_.code_words = words.size();
  if (m_.run_counts != nullptr) m_.run_counts->entered.resize(words.size());
  m_.code = vm_alloc_array<Word>(words.size());
  std::copy(words.begin(), words.end(), m_.code);
  finish_tables();
  return &m_;
}

bool Transform::instruction(u32 index) {
  const GenericInstr& g = file_.code[index];
  auto a = [&](u32 n) { return file_.arg(g, n); };
  // A test whose operand is a constant goes through a scratch register, like everything else.
  auto test = [&](Op op) {
    u32 r = reg(a(1));
    e_.emit(op, {label(a(0)), r});
    return true;
  };
  auto clear_flag = function_ != nullptr && !function_->y_always_initialised;
  switch (g.op) {
    case GenOp::label_1:
      // A breakpoint at a function's entry must not be met by a loop back to it.
      if (e_.position() == entry_position_ && entry_is_defined_) e_.emit(Op::nop);
      if (function_ != nullptr && number(a(0)) == function_->entry_label) entry_is_defined_ = true;
      e_.define_label(number(a(0)));
      if (function_ != nullptr && index == function_->entry_instr) native_body();
      return true;
    case GenOp::func_info_3:
      e_.emit(Op::func_info, {number(a(2))}, {atoms_[a(0).value()].bits(), atoms_[a(1).value()].bits(), 0});
      entry_position_ = e_.position();
      entry_is_defined_ = false;
      return true;
    case GenOp::int_code_end_0:
      e_.emit(Op::if_end);
      return true;
    case GenOp::line_1:
      line(number(a(0)));
      return true;
    case GenOp::on_load_0:
    case GenOp::nif_start_0:
      return true;

    // ---- calls ----
    case GenOp::call_2:
      e_.emit(Op::call, {label(a(1))});
      return true;
    case GenOp::call_last_3:
      e_.emit(Op::call_last, {label(a(1)), number(a(2))});
      return true;
    case GenOp::call_only_2:
      e_.emit(Op::call_only, {label(a(1))});
      return true;
    case GenOp::call_ext_2:
      call_ext(g, kCallBody);
      return true;
    case GenOp::call_ext_last_3:
      call_ext(g, kCallLast);
      return true;
    case GenOp::call_ext_only_2:
      call_ext(g, kCallOnly);
      return true;
    case GenOp::return_0:
      e_.emit(Op::return_);
      return true;
    case GenOp::deallocate_1: {
      bool returns = index + 1 < file_.code.size() && file_.code[index + 1].op == GenOp::return_0;
      e_.emit(returns ? Op::deallocate_return : Op::deallocate, {number(a(0))});
      return true;
    }
    case GenOp::apply_1:
      e_.emit(Op::apply, {number(a(0))});
      return true;
    case GenOp::apply_last_2:
      e_.emit(Op::apply_last, {number(a(0)), number(a(1))});
      return true;
    case GenOp::call_fun_1:
      call_fun(index, number(a(0)));
      return true;
    case GenOp::call_fun2_3: {
      u32 arity = number(a(1));
      u32 from = reg(a(2));
      if (from != x_operand(arity)) {
        e_.emit(from & 1 ? Op::move_yx : Op::move_xx, {from, x_operand(arity)});
      }
      call_fun(index, arity);
      return true;
    }
    case GenOp::jump_1:
      e_.emit(Op::jump, {label(a(0))});
      return true;

    // ---- frames and heap ----
    case GenOp::allocate_2:
      e_.emit(clear_flag ? Op::allocate_zero : Op::allocate, {number(a(0)), number(a(1))});
      return true;
    case GenOp::allocate_zero_2:
      e_.emit(Op::allocate_zero, {number(a(0)), number(a(1))});
      return true;
    case GenOp::allocate_heap_3:
      e_.emit(clear_flag ? Op::allocate_heap_zero : Op::allocate_heap,
              {number(a(0)), heap_words(a(1)), number(a(2))});
      return true;
    case GenOp::allocate_heap_zero_3:
      e_.emit(Op::allocate_heap_zero, {number(a(0)), heap_words(a(1)), number(a(2))});
      return true;
    case GenOp::test_heap_2:
      e_.emit(Op::test_heap, {heap_words(a(0)), number(a(1))});
      return true;
    case GenOp::trim_2:
      e_.emit(Op::trim, {number(a(0))});
      return true;
    case GenOp::init_1:
      e_.emit(Op::init_y, {y_operand(a(0).reg())});
      return true;
    case GenOp::init_yregs_1:
      for (Operand y : file_.list(g)) e_.emit(Op::init_y, {y_operand(y.reg())});
      return true;

    // ---- data ----
    case GenOp::move_2: {
      Operand s = a(0);
      Operand d = a(1);
      if (is_constant(s)) {
        e_.emit(d.is_x() ? Op::move_cx : Op::move_cy, {dst(d)}, {constant(s).bits()});
      } else if (s.is_x()) {
        e_.emit(d.is_x() ? Op::move_xx : Op::move_xy, {dst(s), dst(d)});
      } else {
        e_.emit(d.is_x() ? Op::move_yx : Op::move_yy, {dst(s), dst(d)});
      }
      return true;
    }
    case GenOp::swap_2:
      e_.emit(Op::swap, {dst(a(0)), dst(a(1))});
      return true;
    case GenOp::get_list_3:
      e_.emit(Op::get_list, {reg(a(0)), dst(a(1)), dst(a(2))});
      return true;
    case GenOp::get_hd_2:
      e_.emit(Op::get_hd, {reg(a(0)), dst(a(1))});
      return true;
    case GenOp::get_tl_2:
      e_.emit(Op::get_tl, {reg(a(0)), dst(a(1))});
      return true;
    case GenOp::get_tuple_element_3:
      if (a(0).is_x() && a(2).is_y()) {
        e_.emit(Op::get_tuple_element_xy, {dst(a(0)), element_offset(g), dst(a(2))});
      } else {
        e_.emit(Op::get_tuple_element, {reg(a(0)), element_offset(g), dst(a(2))});
      }
      return true;
    case GenOp::set_tuple_element_3: {
      u32 value = reg(a(0));
      e_.emit(Op::set_tuple_element,
              {value, reg(a(1)), static_cast<u32>((number(a(2)) + 1) * kWordBytes)});
      return true;
    }
    case GenOp::put_list_3: {
      Operand h = a(0);
      Operand t = a(1);
      u32 d = dst(a(2));
      if (h.is_reg() && t.is_reg()) {
        e_.emit(Op::put_list, {dst(h), dst(t), d});
      } else if (h.is_reg()) {
        e_.emit(Op::put_list_rc, {dst(h), d}, {constant(t).bits()});
      } else if (t.is_reg()) {
        e_.emit(Op::put_list_cr, {dst(t), d}, {constant(h).bits()});
      } else {
        e_.emit(Op::put_list_cc, {d}, {constant(h).bits(), constant(t).bits()});
      }
      return true;
    }
    case GenOp::put_tuple2_2: {
      auto elements = file_.list(g);
      e_.emit(Op::put_tuple, {dst(a(0)), static_cast<u32>(elements.size())});
      for (Operand o : elements) e_.tail(source(o));
      return true;
    }
    case GenOp::make_fun2_1: {
      FunEntry* f = m_.lambdas[a(0).value()];
      e_.emit(Op::test_heap, {static_cast<u32>(kFunFixedWords + f->num_free), f->num_free});
      e_.emit(Op::make_fun, {x_operand(0), f->num_free}, {reinterpret_cast<Word>(f)});
      for (u32 i = 0; i < f->num_free; i++) e_.tail(x_source(i));
      return true;
    }
    case GenOp::make_fun3_3: {
      auto frees = file_.list(g);
      FunEntry* f = m_.lambdas[a(0).value()];
      if (frees.size() != f->num_free) refuse(g, "make_fun3 with a wrong number of variables");
      e_.emit(Op::make_fun, {dst(a(1)), static_cast<u32>(frees.size())},
              {reinterpret_cast<Word>(f)});
      for (Operand o : frees) e_.tail(source(o));
      return true;
    }

    // ---- maps ----
    case GenOp::put_map_assoc_5:
      put_map(g, Op::put_map_assoc);
      return true;
    case GenOp::put_map_exact_5:
      put_map(g, Op::put_map_exact);
      return true;
    case GenOp::get_map_elements_3: {
      auto pairs = file_.list(g);
      u32 map = reg(a(1));
      if (pairs.size() == 2) {
        e_.emit(Op::get_map_element, {label(a(0)), map, dst(pairs[1]), 0}, {source(pairs[0])});
        return true;
      }
      e_.emit(Op::get_map_elements, {label(a(0)), map, static_cast<u32>(pairs.size()), 0});
      for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
        e_.tail(source(pairs[i]));
        e_.tail(dst(pairs[i + 1]));
      }
      return true;
    }
    case GenOp::has_map_fields_3: {
      auto keys = file_.list(g);
      u32 map = reg(a(1));
      e_.emit(Op::has_map_fields, {label(a(0)), map, static_cast<u32>(keys.size())});
      for (Operand k : keys) e_.tail(source(k));
      return true;
    }

    // ---- tests ----
    case GenOp::is_integer_2: return test(Op::is_integer);
    case GenOp::is_float_2: return test(Op::is_float);
    case GenOp::is_number_2: return test(Op::is_number);
    case GenOp::is_atom_2: return test(Op::is_atom);
    case GenOp::is_pid_2: return test(Op::is_pid);
    case GenOp::is_reference_2: return test(Op::is_reference);
    case GenOp::is_port_2: return test(Op::is_port);
    case GenOp::is_nil_2: return test(Op::is_nil);
    case GenOp::is_binary_2: return test(Op::is_binary);
    case GenOp::is_bitstr_2: return test(Op::is_bitstr);
    case GenOp::is_list_2: return test(Op::is_list);
    case GenOp::is_nonempty_list_2: return test(Op::is_nonempty_list);
    case GenOp::is_boolean_2: return test(Op::is_boolean);
    case GenOp::is_function_2: return test(Op::is_function);
    case GenOp::is_map_2: return test(Op::is_map);
    case GenOp::is_tuple_2: return test(Op::is_tuple);
    case GenOp::test_arity_3: {
      u32 r = reg(a(1));
      e_.emit(Op::test_arity, {label(a(0)), r},
              {Term::header(BoxedTag::Tuple, a(2).value()).bits()});
      return true;
    }
    case GenOp::is_tagged_tuple_4: {
      u32 r = reg(a(1));
      e_.emit(Op::is_tagged_tuple, {label(a(0)), r},
              {Term::header(BoxedTag::Tuple, a(2).value()).bits(), constant(a(3)).bits()});
      return true;
    }
    case GenOp::is_function2_3: {
      u32 f = reg(a(1));
      u32 n = reg(a(2));
      e_.emit(Op::is_function2, {label(a(0)), f, n});
      return true;
    }
    case GenOp::is_eq_exact_3:
      equality_test(g, Op::is_eq_exact, Op::is_eq_imm);
      return true;
    case GenOp::is_ne_exact_3:
      equality_test(g, Op::is_ne_exact, Op::is_ne_imm);
      return true;
    case GenOp::is_eq_3:
    case GenOp::is_ne_3: {
      u32 x = reg(a(1));
      u32 y = reg(a(2));
      e_.emit(g.op == GenOp::is_eq_3 ? Op::is_eq : Op::is_ne, {label(a(0)), x, y});
      return true;
    }
    case GenOp::is_lt_3:
      order_test(g, Op::is_lt, Op::is_lt_ri, Op::is_lt_ir);
      return true;
    case GenOp::is_ge_3:
      order_test(g, Op::is_ge, Op::is_ge_ri, Op::is_ge_ir);
      return true;
    case GenOp::select_val_3:
      select_val(g);
      return true;
    case GenOp::select_tuple_arity_3:
      select_tuple_arity(g);
      return true;
    case GenOp::if_end_0:
      e_.emit(Op::if_end);
      return true;
    case GenOp::case_end_1:
      e_.emit(Op::case_end, {reg(a(0))});
      return true;
    case GenOp::badmatch_1:
      e_.emit(Op::badmatch, {reg(a(0))});
      return true;
    case GenOp::badrecord_1:
      e_.emit(Op::badrecord, {reg(a(0))});
      return true;
    case GenOp::try_case_end_1:
      e_.emit(Op::try_case_end, {reg(a(0))});
      return true;

    // ---- BIFs ----
    case GenOp::bif0_2:
    case GenOp::bif1_4:
    case GenOp::bif2_5:
    case GenOp::gc_bif1_5:
    case GenOp::gc_bif2_6:
    case GenOp::gc_bif3_7:
      return guard_bif(g);

    // ---- floats ----
    case GenOp::fmove_2: {
      Operand s = a(0);
      Operand d = a(1);
      if (s.is(Kind::fr)) {
        e_.emit(Op::fmove_out, {static_cast<u32>(s.reg() * kWordBytes), dst(d)});
      } else if (is_constant(s)) {
        if (!constant(s).is_float()) refuse(g, "fmove of a constant that is no float");
        else e_.emit(Op::fmove_const, {static_cast<u32>(d.reg() * kWordBytes)}, {constant(s).bits()});
      } else {
        e_.emit(Op::fmove_in, {dst(s), static_cast<u32>(d.reg() * kWordBytes)});
      }
      return true;
    }
    case GenOp::fconv_2: {
      u32 s = reg(a(0));
      e_.emit(Op::fconv, {s, static_cast<u32>(a(1).reg() * kWordBytes)});
      return true;
    }
    case GenOp::fadd_4:
    case GenOp::fsub_4:
    case GenOp::fmul_4:
    case GenOp::fdiv_4: {
      Op op = g.op == GenOp::fadd_4   ? Op::fadd
              : g.op == GenOp::fsub_4 ? Op::fsub
              : g.op == GenOp::fmul_4 ? Op::fmul
                                      : Op::fdiv;
      e_.emit(op, {label(a(0)), static_cast<u32>(a(1).reg() * kWordBytes),
                   static_cast<u32>(a(2).reg() * kWordBytes),
                   static_cast<u32>(a(3).reg() * kWordBytes)});
      return true;
    }
    case GenOp::fnegate_3:
      e_.emit(Op::fnegate, {label(a(0)), static_cast<u32>(a(1).reg() * kWordBytes),
                            static_cast<u32>(a(2).reg() * kWordBytes)});
      return true;
    case GenOp::fclearerror_0:
    case GenOp::fcheckerror_1:
      return true;  // each float operation checks its own result

    // ---- exceptions ----
    case GenOp::catch_2:
    case GenOp::try_2:
      e_.emit(Op::catch_, {dst(a(0)), label(a(1))});
      return true;
    case GenOp::catch_end_1:
      e_.emit(Op::catch_end, {dst(a(0))});
      return true;
    case GenOp::try_end_1:
      e_.emit(Op::try_end, {dst(a(0))});
      return true;
    case GenOp::try_case_1:
      e_.emit(Op::try_case, {dst(a(0))});
      return true;
    case GenOp::raise_2: {
      u32 trace = reg(a(0));
      u32 reason = reg(a(1));
      e_.emit(Op::raise, {trace, reason});
      return true;
    }
    case GenOp::raw_raise_0:
      e_.emit(Op::raw_raise);
      return true;
    case GenOp::build_stacktrace_0:
      e_.emit(Op::build_stacktrace);
      return true;

    // ---- messages ----
    case GenOp::send_0:
      e_.emit(Op::send);
      return true;
    case GenOp::loop_rec_2:
      e_.emit(Op::loop_rec, {label(a(0)), dst(a(1))});
      return true;
    case GenOp::loop_rec_end_1:
      e_.emit(Op::loop_rec_end, {label(a(0))});
      return true;
    case GenOp::remove_message_0:
      e_.emit(Op::remove_message);
      return true;
    case GenOp::timeout_0:
      e_.emit(Op::timeout);
      return true;
    case GenOp::wait_1:
      e_.emit(Op::wait, {label(a(0))});
      return true;
    case GenOp::wait_timeout_2:
      e_.emit(Op::wait_timeout, {label(a(0))}, {source(a(1))});
      return true;
    case GenOp::recv_mark_1:
    case GenOp::recv_set_1:
      return true;  // hints of older compilers; a receive without them is only slower
    case GenOp::recv_marker_reserve_1:
      e_.emit(Op::recv_marker_reserve, {dst(a(0))});
      return true;
    case GenOp::recv_marker_bind_2:
      e_.emit(Op::recv_marker_bind, {reg(a(0)), reg(a(1))});
      return true;
    case GenOp::recv_marker_clear_1:
      e_.emit(Op::recv_marker_clear, {reg(a(0))});
      return true;
    case GenOp::recv_marker_use_1:
      e_.emit(Op::recv_marker_use, {reg(a(0))});
      return true;

    default:
      return binary_instruction(g);
  }
}

// ---- calls ----

// A fun call whose frame goes right afterwards is a tail call.
void Transform::call_fun(u32 index, u32 arity) {
  if (index + 2 < file_.code.size() && file_.code[index + 1].op == GenOp::deallocate_1 &&
      file_.code[index + 2].op == GenOp::return_0) {
    e_.emit(Op::call_fun_last, {arity, number(arg(file_.code[index + 1], 0))});
    return;
  }
  e_.emit(Op::call_fun, {arity});
}

void Transform::call_ext(const GenericInstr& g, CallForm form) {
  Export* target = imports_[arg(g, 1).value()];
  u32 frame = form == kCallLast ? number(arg(g, 2)) : 0;
  Word e = reinterpret_cast<Word>(target);
  if (target->module == am::erlang && target->function == am::apply) {
    static constexpr Op three[] = {Op::apply3, Op::apply3_only, Op::apply3_last};
    static constexpr Op two[] = {Op::apply_fun, Op::apply_fun_only, Op::apply_fun_last};
    if (target->arity == 3 || target->arity == 2) {
      Op op = (target->arity == 3 ? three : two)[form];
      if (form == kCallLast) {
        e_.emit(op, {frame});
      } else {
        e_.emit(op);
      }
      return;
    }
  }
  if (target->bif != nullptr) {
    e_.emit(Op::call_bif, {target->arity}, {reinterpret_cast<Word>(target->bif)});
    if (form == kCallOnly) e_.emit(Op::return_);
    if (form == kCallLast) e_.emit(Op::deallocate_return, {frame});
    return;
  }
  switch (form) {
    case kCallBody:
      e_.emit(Op::call_ext, {}, {e});
      break;
    case kCallOnly:
      e_.emit(Op::call_ext_only, {}, {e});
      break;
    case kCallLast:
      e_.emit(Op::call_ext_last, {frame}, {e});
      break;
  }
}

// ---- guard BIFs ----

bool Transform::arithmetic(Term f, const GenericInstr& g, u32 live, Operand a, Operand b, Operand d,
                           Operand fail) {
  struct Row {
    Term function;
    Op rr;
    Op ri;  // Op::kCount: no such form
    Op ir;
  };
  static const Row rows[] = {
      {atom_intern("+"), Op::add, Op::add_i, Op::add_ir},
      {atom_intern("-"), Op::sub, Op::sub_i, Op::sub_ir},
      {atom_intern("*"), Op::mul, Op::mul_i, Op::kCount},
      {atom_intern("div"), Op::int_div, Op::int_div_i, Op::kCount},
      {atom_intern("rem"), Op::int_rem, Op::int_rem_i, Op::kCount},
      {atom_intern("band"), Op::band, Op::band_i, Op::kCount},
      {atom_intern("bor"), Op::bor, Op::bor_i, Op::kCount},
      {atom_intern("bxor"), Op::bxor, Op::bxor_i, Op::kCount},
      {atom_intern("bsl"), Op::bsl, Op::bsl_i, Op::kCount},
      {atom_intern("bsr"), Op::bsr, Op::bsr_i, Op::kCount},
  };
  for (const Row& row : rows) {
    if (row.function != f) continue;
    u32 word;
    if (row.ri != Op::kCount && a.is_reg() && small_word(b, &word)) {
      e_.emit(row.ri, {live, label(fail), dst(a), word, dst(d)});
    } else if (row.ir != Op::kCount && b.is_reg() && small_word(a, &word)) {
      e_.emit(row.ir, {live, label(fail), word, dst(b), dst(d)});
    } else {
      u32 left = reg(a);
      u32 right = reg(b);
      e_.emit(row.rr, {live, label(fail), left, right, dst(d)});
    }
    return true;
  }
  return false;
}

bool Transform::guard_bif(const GenericInstr& g) {
  bool collects = g.op == GenOp::gc_bif1_5 || g.op == GenOp::gc_bif2_6 || g.op == GenOp::gc_bif3_7;
  u32 n = 0;
  Operand fail = g.op == GenOp::bif0_2 ? Operand(Kind::f, 0) : arg(g, n++);
  u32 live = collects ? number(arg(g, n++)) : 0;
  Export* target = imports_[arg(g, n++).value()];
  Operand args[3];
  u32 arity = g.op == GenOp::bif0_2                                      ? 0
              : g.op == GenOp::bif1_4 || g.op == GenOp::gc_bif1_5        ? 1
              : g.op == GenOp::bif2_5 || g.op == GenOp::gc_bif2_6        ? 2
                                                                         : 3;
  for (u32 i = 0; i < arity; i++) args[i] = arg(g, n++);
  Operand d = arg(g, n);
  Term f = target->function;
  if (target->module == am::erlang) {
    if (arity == 0 && f == am::self) {
      e_.emit(Op::self, {dst(d)});
      return true;
    }
    if (collects && arity == 2 && arithmetic(f, g, live, args[0], args[1], d, fail)) return true;
    if (arity == 2 && f == am::element && small_word(args[0], &n)) {
      e_.emit(Op::element_i, {label(fail), reg(args[1]),
                              static_cast<u32>(static_cast<i32>(n) >> kSmallShift), dst(d)});
      return true;
    }
    if (arity == 2 && f == am::element) {
      u32 position = reg(args[0]);
      u32 tuple = reg(args[1]);
      e_.emit(Op::element, {label(fail), position, tuple, dst(d)});
      return true;
    }
    if (arity == 2 && f == am::map_get) {
      u32 key = reg(args[0]);
      u32 map = reg(args[1]);
      e_.emit(Op::map_get, {label(fail), key, map, dst(d)});
      return true;
    }
    if (arity == 1 && (f == am::hd || f == am::tl || f == am::not_)) {
      Op op = f == am::hd ? Op::hd : f == am::tl ? Op::tl : Op::not_;
      e_.emit(op, {label(fail), reg(args[0]), dst(d)});
      return true;
    }
    if (arity == 1 && (f == am::tuple_size || f == am::length)) {
      Op op = f == am::length ? Op::length : Op::tuple_size;
      e_.emit(op, {live, label(fail), reg(args[0]), dst(d)});
      return true;
    }
    if (arity == 2 && f == am::exact_equal) {
      u32 left = reg(args[0]);
      u32 right = reg(args[1]);
      e_.emit(Op::bif_eq_exact, {left, right, dst(d)});
      return true;
    }
  }
  if (target->bif == nullptr) {
    std::string message = "no guard BIF " + std::string(atom_name(target->module)) + ":" +
                          std::string(atom_name(f)) + "/" + std::to_string(target->arity);
    refuse(g, message.c_str());
    return true;
  }
  Word bif = reinterpret_cast<Word>(target->bif);
  switch (g.op) {
    case GenOp::bif0_2:
      e_.emit(Op::bif0, {dst(d)}, {bif});
      return true;
    case GenOp::bif1_4:
      e_.emit(Op::bif1, {label(fail), dst(d)}, {source(args[0]), bif});
      return true;
    case GenOp::bif2_5:
      e_.emit(Op::bif2, {label(fail), dst(d)}, {source(args[0]), source(args[1]), bif});
      return true;
    case GenOp::gc_bif1_5:
      e_.emit(Op::gc_bif1, {live, label(fail), dst(d)}, {source(args[0]), bif});
      return true;
    case GenOp::gc_bif2_6:
      e_.emit(Op::gc_bif2, {live, label(fail), dst(d)}, {source(args[0]), source(args[1]), bif});
      return true;
    default:
      e_.emit(Op::gc_bif3, {live, label(fail), dst(d)},
              {source(args[0]), source(args[1]), source(args[2]), bif});
      return true;
  }
}

// ---- tests ----

void Transform::equality_test(const GenericInstr& g, Op general, Op imm) {
  Operand a = arg(g, 1);
  Operand b = arg(g, 2);
  if (!a.is_reg() && b.is_reg()) std::swap(a, b);
  if (a.is_reg() && is_immediate(b)) {
    e_.emit(imm, {label(arg(g, 0)), dst(a)}, {constant(b).bits()});
    return;
  }
  u32 left = reg(a);
  u32 right = reg(b);
  e_.emit(general, {label(arg(g, 0)), left, right});
}

void Transform::order_test(const GenericInstr& g, Op general, Op reg_imm, Op imm_reg) {
  Operand a = arg(g, 1);
  Operand b = arg(g, 2);
  u32 word;
  if (a.is_reg() && small_word(b, &word)) {
    e_.emit(reg_imm, {label(arg(g, 0)), dst(a), word});
  } else if (b.is_reg() && small_word(a, &word)) {
    e_.emit(imm_reg, {label(arg(g, 0)), word, dst(b)});
  } else {
    u32 left = reg(a);
    u32 right = reg(b);
    e_.emit(general, {label(arg(g, 0)), left, right});
  }
}

void Transform::select_val(const GenericInstr& g) {
  struct Choice {
    Term value;
    u64 label;
  };
  constexpr size_t kLinearMost = 3;
  constexpr size_t kSpread = 16;  // words of a jump table that a choice may cost
  u32 r = reg(arg(g, 0));
  Operand otherwise = arg(g, 1);
  auto pairs = file_.list(g);
  std::vector<Choice> choices;
  bool all_small = true;
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    Term value = constant(pairs[i]);
    u64 target = pairs[i + 1].value();
    if (!value.is_imm()) {
      // Floats and big integers are compared one by one in front of the rest.
      u32 scratch = x_operand(kScratchX + kScratchCount - 1);
      e_.emit(Op::move_cx, {scratch}, {value.bits()});
      e_.emit(Op::is_ne_exact, {label_arg(target), r, scratch});
      continue;
    }
    all_small = all_small && value.is_small();
    choices.push_back({value, target});
  }
  if (choices.empty()) {
    e_.emit(Op::jump, {label(otherwise)});
    return;
  }
  if (all_small && choices.size() >= 3) {
    auto [low, high] =
        std::minmax_element(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
          return a.value.small_value() < b.value.small_value();
        });
    i64 first = low->value.small_value();
    u64 span = static_cast<u64>(high->value.small_value() - first) + 1;
    if (span <= choices.size() * kSpread && first == static_cast<i32>(first)) {
      std::vector<u64> targets(span, otherwise.value());
      for (const Choice& c : choices) {
        targets[static_cast<u64>(c.value.small_value() - first)] = c.label;
      }
      e_.emit(Op::select_table, {r, label(otherwise), static_cast<u32>(static_cast<i32>(first)),
                                 static_cast<u32>(span)});
      for (u64 t : targets) e_.tail_label(t);
      return;
    }
  }
  if (choices.size() > kLinearMost) {
    std::vector<std::pair<Term, u64>> pairs;
    for (const Choice& c : choices) pairs.push_back({c.value, c.label});
    select_hash(r, otherwise, pairs);
    return;
  }
  e_.emit(Op::select_linear, {r, label(otherwise), static_cast<u32>(choices.size() * 2)});
  for (const Choice& c : choices) e_.tail(c.value.bits());
  for (const Choice& c : choices) e_.tail_label(c.label);
}

// At most half of the slots are used; of some multipliers that one is taken with which the values sit
// closest to where a look begins.
void Transform::select_hash(u32 r, Operand otherwise, std::span<const std::pair<Term, u64>> choices) {
  constexpr u32 kMultipliers = 32;
  u32 count = std::bit_ceil(static_cast<u32>(choices.size()) * 2);
  u32 mask = count - 1;
  const std::pair<Term, u64> empty = {Term::none(), 0};
  std::vector<std::pair<Term, u64>> slots;
  std::vector<std::pair<Term, u64>> best;
  u64 best_steps = ~u64{0};
  u32 best_multiplier = 0;
  for (u32 n = 0; n < kMultipliers && best_steps != 0; n++) {
    u32 multiplier = 0x9e3779b1u + n * 0x3c6ef362u;
    slots.assign(count, empty);
    u64 steps = 0;
    for (const auto& choice : choices) {
      u32 i = select_hash_slot(choice.first.bits(), multiplier, mask);
      for (; !slots[i].first.is_none(); i = (i + 1) & mask) steps++;
      slots[i] = choice;
    }
    if (steps >= best_steps) continue;
    best_steps = steps;
    best_multiplier = multiplier;
    best.swap(slots);
  }
  e_.emit(Op::select_hash, {r, label(otherwise), count * 2, best_multiplier});
  for (const auto& [value, target] : best) {
    e_.tail(value.bits());
    if (value.is_none()) {
      e_.tail(0);
    } else {
      e_.tail_label(target);
    }
  }
}

void Transform::select_tuple_arity(const GenericInstr& g) {
  auto pairs = file_.list(g);
  e_.emit(Op::select_arity,
          {reg(arg(g, 0)), label(arg(g, 1)), static_cast<u32>(pairs.size())});
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    e_.tail(Term::header(BoxedTag::Tuple, pairs[i].value()).bits());
  }
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) e_.tail_label(pairs[i + 1].value());
}

// ---- maps ----

// The pairs are spread over the registers above the live ones, so a long list goes in portions; the
// map between two portions is kept in the register right above.
void Transform::put_map(const GenericInstr& g, Op op) {
  constexpr size_t kPortion = 128;
  auto list = file_.list(g);
  u32 live = number(arg(g, 3));
  if (list.size() > kPortion && live + 2 >= kMaxXReg) {
    refuse(g, "a map update with too many live registers");
    return;
  }
  // A refused update names the first missing key in the order of keys, where all are constants.
  std::vector<Operand> sorted(list.begin(), list.end());
  bool constant_keys = op == Op::put_map_exact;
  for (size_t i = 0; i < list.size(); i += 2) constant_keys = constant_keys && is_constant(list[i]);
  if (constant_keys && list.size() > 2) {
    std::vector<std::pair<Operand, Operand>> pairs;
    for (size_t i = 0; i + 1 < list.size(); i += 2) pairs.push_back({list[i], list[i + 1]});
    std::stable_sort(pairs.begin(), pairs.end(), [this](const auto& a, const auto& b) {
      return compare_exact(constant(a.first), constant(b.first)) < 0;
    });
    for (size_t i = 0; i < pairs.size(); i++) {
      sorted[2 * i] = pairs[i].first;
      sorted[2 * i + 1] = pairs[i].second;
    }
    list = std::span<const Operand>(sorted);
  }
  Operand from = arg(g, 1);
  for (size_t at = 0; at < list.size() || at == 0; at += kPortion) {
    auto part = list.subspan(at, std::min(kPortion, list.size() - at));
    bool last = at + kPortion >= list.size();
    Operand to = last ? arg(g, 2) : Operand::reg(Kind::x, live, 0);
    u32 now_live = at == 0 ? live : live + 1;
    e_.emit(op, {label(arg(g, 0)), now_live, dst(to), static_cast<u32>(part.size()), 0},
            {source(from)});
    for (Operand o : part) e_.tail(source(o));
    from = to;
  }
}

}  // namespace lintel::loader
