#include "vm/ets/match_spec.h"

#include <algorithm>
#include <map>

#include "vm/code/bif_table.h"
#include "vm/heap/copy.h"
#include "vm/heap/heap.h"
#include "vm/proc/process.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"
#include "vm/term/magic.h"
#include "vm/term/map.h"
#include "vm/term/print.h"
#include "vm/term/work_stack.h"

namespace lintel {

enum class MatchProgram::Op : u8 {
  // Heads. Slot a is looked at; on failure the clause at code index b of Try is next.
  Try,        // a clause starts; b: the next one, or 0
  Tuple,      // a is a tuple of arity b
  List,       // a is a list cell
  Map,        // a is a map
  Element,    // slot a = word c of the object in slot b (1.. of a tuple)
  Cell,       // slot a = head (c = 0) or tail (c = 1) of the list in slot b
  MapValue,   // slot a = value of key `term` in the map in slot b
  Bind,       // variable b = slot a
  Same,       // variable b =:= slot a
  Immediate,  // slot a is this word
  Constant,   // slot a =:= term
  // Expressions.
  PushTerm,
  PushVariable,   // b
  PushSubject,
  PushVariables,  // all variables of the clause (b of them), in order, as a list
  MakeTuple,      // of the top a values
  MakeCons,       // top: tail, below: head
  MakeMap,        // of the top a pairs
  Call,           // c: index in guard_functions; a arguments
  Act,            // c: MatchAction; a arguments
  And,            // of the top a values
  Or,
  Xor,
  Not,
  AndAlso,        // top is false: jump to b; true: drop it; else fail
  OrElse,
  Boolean,        // top must be a boolean
  GuardEnd,       // top must be true
  BodyEnd,        // one body expression ended and it is not the last: drop it
  Return,
  BodyStart,      // the guards are through: from here the value of a failing call is 'EXIT'
};

namespace {

using Op = MatchProgram::Op;
using Code = MatchProgram::Code;

constexpr u32 kMaxDepth = 1000;  // of nested patterns and expressions

struct GuardFunction {
  const char* name;
  u32 arity;
  BifFn fn;
  Term atom;
};

GuardFunction guard_functions[] = {
    {"is_atom", 1, {}, {}},   {"is_float", 1, {}, {}},     {"is_integer", 1, {}, {}},
    {"is_list", 1, {}, {}},   {"is_number", 1, {}, {}},    {"is_pid", 1, {}, {}},
    {"is_port", 1, {}, {}},   {"is_reference", 1, {}, {}}, {"is_tuple", 1, {}, {}},
    {"is_map", 1, {}, {}},    {"is_binary", 1, {}, {}},    {"is_function", 1, {}, {}},
    {"is_record", 3, {}, {}}, {"abs", 1, {}, {}},          {"element", 2, {}, {}},
    {"hd", 1, {}, {}},        {"length", 1, {}, {}},       {"node", 1, {}, {}},
    {"node", 0, {}, {}},      {"round", 1, {}, {}},        {"size", 1, {}, {}},
    {"map_size", 1, {}, {}},  {"map_get", 2, {}, {}},      {"is_map_key", 2, {}, {}},
    {"bit_size", 1, {}, {}},  {"byte_size", 1, {}, {}},    {"binary_part", 2, {}, {}},
    {"binary_part", 3, {}, {}}, {"tl", 1, {}, {}},         {"trunc", 1, {}, {}},
    {"float", 1, {}, {}},     {"+", 1, {}, {}},            {"-", 1, {}, {}},
    {"+", 2, {}, {}},         {"-", 2, {}, {}},            {"*", 2, {}, {}},
    {"/", 2, {}, {}},         {"div", 2, {}, {}},          {"rem", 2, {}, {}},
    {"band", 2, {}, {}},      {"bor", 2, {}, {}},          {"bxor", 2, {}, {}},
    {"bnot", 1, {}, {}},      {"bsl", 2, {}, {}},          {"bsr", 2, {}, {}},
    {">", 2, {}, {}},         {">=", 2, {}, {}},           {"<", 2, {}, {}},
    {"=<", 2, {}, {}},        {"=:=", 2, {}, {}},          {"==", 2, {}, {}},
    {"=/=", 2, {}, {}},       {"/=", 2, {}, {}},
};

void resolve_guard_functions() {
  static const bool once = [] {
    for (GuardFunction& g : guard_functions) {
      g.atom = atom_intern(g.name);
      for (u32 i = 0; i < bif_count; i++) {
        const BifEntry& e = bif_table[i];
        if (e.module == "erlang" && e.function == g.name && e.arity == g.arity) g.fn = e.body != nullptr ? e.body : e.fn;
      }
    }
    return true;
  }();
  (void)once;
}

struct ActionForm {
  const char* name;
  MatchAction action;
  u32 least;  // arguments
  u32 most;
  bool in_guards;
  bool is_function;  // in messages: "Function", else "Special form"
};

constexpr ActionForm action_forms[] = {
    {"message", MatchAction::Message, 1, 1, false, false},
    {"return_trace", MatchAction::ReturnTrace, 0, 0, false, false},
    {"exception_trace", MatchAction::ExceptionTrace, 0, 0, false, false},
    {"is_seq_trace", MatchAction::IsSeqTrace, 0, 0, true, false},
    {"set_seq_token", MatchAction::SetSeqToken, 2, 2, false, false},
    {"get_seq_token", MatchAction::GetSeqToken, 0, 0, false, false},
    {"display", MatchAction::Display, 1, 1, false, false},
    {"process_dump", MatchAction::ProcessDump, 0, 0, false, false},
    {"enable_trace", MatchAction::EnableTrace, 1, 2, false, false},
    {"disable_trace", MatchAction::DisableTrace, 1, 2, false, false},
    {"trace", MatchAction::Trace, 2, 3, false, false},
    {"caller", MatchAction::Caller, 0, 0, false, false},
    {"caller_line", MatchAction::CallerLine, 0, 0, false, false},
    {"silent", MatchAction::Silent, 1, 1, false, false},
    {"set_tcw", MatchAction::SetTcw, 1, 1, false, true},
    {"get_tcw", MatchAction::GetTcw, 0, 0, true, true},
};

const ActionForm* action_form(std::string_view name) {
  for (const ActionForm& f : action_forms) {
    if (name == f.name) return &f;
  }
  return nullptr;
}

std::string text_of(Term t) { return term_text(t, 10000); }

class Compiler {
 public:
  Compiler(MatchProgram& m, MatchErrors* errors, MatchUse use)
      : m_(m), errors_(errors), use_(use) {}

  bool compile(Term spec) {
    resolve_guard_functions();
    if (!spec.is_list() && !spec.is_nil()) return fail("Match programs are not in a list.");
    Term end = spec;
    while (end.is_list()) end = end.tail();
    if (!end.is_nil()) return fail("Match programs are not in a proper list.");
    bool good = true;
    u32 previous = 0;
    for (; spec.is_list(); spec = spec.tail()) {
      Term clause = spec.head();
      if (!is_tuple_of(clause, 3)) {
        return fail("Match program part is not a tuple of arity 3.");
      }
      u32 start = here();
      if (!m_.clauses.empty()) m_.code[previous].b = start;
      previous = start;
      m_.clauses.push_back({start, tuple_element(clause, 0)});
      good &= one_clause(clause);
    }
    if (!spec.is_nil()) return fail("Match programs are not in a proper list.");
    return good;
  }

 private:
  bool fail(std::string text) {
    if (errors_ != nullptr) errors_->texts.push_back(std::move(text));
    return false;
  }
  u32 here() const { return static_cast<u32>(m_.code.size()); }
  void emit(Op op, u32 a = 0, u32 b = 0, u32 c = 0, Term t = Term::nil()) {
    m_.code.push_back({op, a, b, c, t});
  }
  // An expression operation that leaves the stack `change` values higher.
  void emit_expression(int change, Op op, u32 a = 0, u32 b = 0, u32 c = 0, Term t = Term::nil()) {
    emit(op, a, b, c, t);
    depth_ = static_cast<u32>(static_cast<int>(depth_) + change);
    m_.stack = std::max(m_.stack, depth_ + 1);
  }

  bool one_clause(Term clause) {
    variables_.clear();
    next_slot_ = 1;
    depth_ = 0;
    emit(Op::Try);
    Term head = tuple_element(clause, 0);
    if (is_trace_use(use_)) {
      if (!head.is_list() && !head.is_nil() && match_variable(head) == -2) {
        return fail("Match head is invalid in this context.");
      }
      Term rest = head;
      while (rest.is_list()) rest = rest.tail();
      if (head.is_list() && !rest.is_nil()) {
        return fail("Match expression part " + text_of(head) + " is not a proper list.");
      }
    }
    if (!pattern(head, 0, 0)) return false;
    m_.slots = std::max(m_.slots, next_slot_);
    m_.variables = std::max(m_.variables, static_cast<u32>(variables_.size()));
    bool good = true;
    in_guard_ = true;
    Term guards = tuple_element(clause, 1);
    if (!guards.is_list() && !guards.is_nil()) good = fail("Match expression is not a list.");
    Term rest = guards;
    while (rest.is_list()) rest = rest.tail();
    if (guards.is_list() && !rest.is_nil()) {
      good = fail("Match expression is not a proper list.");
      guards = Term::nil();
    }
    for (; guards.is_list(); guards = guards.tail()) {
      good &= expression(guards.head(), 0);
      emit_expression(-1, Op::GuardEnd);
      depth_ = 0;
    }
    in_guard_ = false;
    Term body = tuple_element(clause, 2);
    if (use_ == MatchUse::Table && !body.is_list()) {
      return fail("Body clause does not return anything.");
    }
    if (!body.is_list() && !body.is_nil()) return fail("Match expression is not a list.");
    rest = body;
    while (rest.is_list()) rest = rest.tail();
    if (!rest.is_nil()) return fail("Match expression is not a proper list.");
    emit(Op::BodyStart);
    if (body.is_nil()) emit_expression(1, Op::PushTerm, 0, 0, 0, am::true_);
    for (; body.is_list(); body = body.tail()) {
      good &= expression(body.head(), 0);
      if (body.tail().is_list()) emit_expression(-1, Op::BodyEnd);
      depth_ = 0;
    }
    emit(Op::Return);
    return good;
  }

  // ---- heads ----

  bool pattern(Term t, u32 slot, u32 depth) {
    if (depth > kMaxDepth) return fail("Excessive nesting; system limit reached.");
    for (;;) {
      i64 v = match_variable(t);
      if (v == -1) return true;
      if (v >= 0) {
        auto known = variables_.find(v);
        if (known == variables_.end()) {
          u32 index = static_cast<u32>(variables_.size());
          variables_.emplace(v, index);
          emit(Op::Bind, slot, index);
        } else {
          emit(Op::Same, slot, known->second);
        }
        return true;
      }
      if (!t.is_pointer()) {
        emit(Op::Immediate, slot, 0, 0, t);
        return true;
      }
      if (match_pattern_is_ground(t)) {
        emit(Op::Constant, slot, 0, 0, t);
        return true;
      }
      if (t.is_list()) {
        emit(Op::List, slot);
        if (match_variable(t.head()) != -1) {
          u32 head = next_slot_++;
          emit(Op::Cell, head, slot, 0);
          if (!pattern(t.head(), head, depth + 1)) return false;
        }
        t = t.tail();
        if (match_variable(t) == -1) return true;
        u32 tail = next_slot_++;
        emit(Op::Cell, tail, slot, 1);
        slot = tail;
        continue;
      }
      if (t.is_tuple()) {
        u64 arity = tuple_arity(t);
        emit(Op::Tuple, slot, static_cast<u32>(arity));
        for (u64 i = 0; i < arity; i++) {
          Term e = tuple_element(t, i);
          if (match_variable(e) == -1) continue;
          u32 at = next_slot_++;
          emit(Op::Element, at, slot, static_cast<u32>(1 + i));
          if (!pattern(e, at, depth + 1)) return false;
        }
        return true;
      }
      VM_ASSERT(t.is_map());
      emit(Op::Map, slot);
      MapIterator it(t);
      Term key;
      Term value;
      while (it.next(&key, &value)) {
        i64 variable = match_variable(key);
        if (variable == -1) return fail("Underscore found in map key.");
        if (variable >= 0) return fail("Variable found in map key.");
        u32 at = next_slot_++;
        emit(Op::MapValue, at, slot, 0, key);
        if (!pattern(value, at, depth + 1)) return false;
      }
      return true;
    }
  }

  // ---- expressions ----

  bool allowed_for_event(MatchAction a) const {
    switch (a) {
      case MatchAction::Message:
      case MatchAction::ReturnTrace:
      case MatchAction::ExceptionTrace:
      case MatchAction::Display:
      case MatchAction::SetTcw:
      case MatchAction::GetTcw: return true;
      case MatchAction::Caller:
      case MatchAction::CallerLine: return use_ == MatchUse::Trace;
      default: return use_ != MatchUse::TraceReceive;
    }
  }

  // Nothing in it is evaluated.
  static bool is_constant(Term t) {
    for (; t.is_list(); t = t.tail()) {
      Term h = t.head();
      if (h.is_list() || h.is_tuple() || h.is_map() || special_atom(h)) return false;
    }
    return !t.is_tuple() && !t.is_map() && !special_atom(t);
  }
  static bool special_atom(Term t) {
    return t.is_atom() && (match_variable(t) >= 0 || t == dollar_underscore() || t == dollar_dollar());
  }
  static Term dollar_underscore() {
    static const Term t = atom_intern("$_");
    return t;
  }
  static Term dollar_dollar() {
    static const Term t = atom_intern("$$");
    return t;
  }

  bool expression(Term t, u32 depth) {
    if (depth > kMaxDepth) return fail("Excessive nesting; system limit reached.");
    if (t.is_atom()) {
      if (t == dollar_underscore()) {
        emit_expression(1, Op::PushSubject);
        return true;
      }
      if (t == dollar_dollar()) {
        u32 n = static_cast<u32>(variables_.size());
        emit_expression(1, Op::PushVariables, here() + 1, n);
        // Their order by number follows as data.
        for (auto [number, index] : variables_) emit(Op::PushVariable, 0, index);
        return true;
      }
      i64 v = match_variable(t);
      if (v >= 0) {
        auto known = variables_.find(v);
        emit_expression(1, Op::PushVariable, 0, known == variables_.end() ? 0 : known->second);
        if (known == variables_.end()) {
          return fail("Variable $" + std::to_string(v) + " is unbound.");
        }
        return true;
      }
    }
    if (t.is_list() && !is_constant(t)) {
      bool good = true;
      u32 cells = 0;
      for (; t.is_list(); t = t.tail()) {
        good &= expression(t.head(), depth + 1);
        cells++;
      }
      good &= expression(t, depth + 1);
      for (; cells > 0; cells--) emit_expression(-1, Op::MakeCons);
      return good;
    }
    if (t.is_map()) {
      bool good = true;
      u32 n = 0;
      MapIterator it(t);
      Term key;
      Term value;
      while (it.next(&key, &value)) {
        good &= expression(key, depth + 1);
        good &= expression(value, depth + 1);
        n++;
      }
      emit_expression(1 - 2 * static_cast<int>(n), Op::MakeMap, n);
      return good;
    }
    if (t.is_tuple()) return tuple_expression(t, depth);
    emit_expression(1, Op::PushTerm, 0, 0, 0, t);
    return true;
  }

  bool tuple_expression(Term t, u32 depth) {
    u64 n = tuple_arity(t);
    if (n == 1 && tuple_element(t, 0).is_tuple()) {
      Term inner = tuple_element(t, 0);
      u64 arity = tuple_arity(inner);
      bool good = true;
      for (u64 i = 0; i < arity; i++) good &= expression(tuple_element(inner, i), depth + 1);
      emit_expression(1 - static_cast<int>(arity), Op::MakeTuple, static_cast<u32>(arity));
      return good;
    }
    if (n == 0 || !tuple_element(t, 0).is_atom()) {
      depth_++;
      return fail(text_of(t) + " is neither a function call, nor a tuple (tuples are written {{ ... }}).");
    }
    Term name = tuple_element(t, 0);
    u32 arguments = static_cast<u32>(n - 1);
    std::string_view text = atom_name(name);
    if (text == "const") {
      if (arguments != 1) {
        depth_++;
        return fail("Special form 'const' called with more than one argument in " + text_of(t) + ".");
      }
      emit_expression(1, Op::PushTerm, 0, 0, 0, tuple_element(t, 1));
      return true;
    }
    if (text == "self" || (text == "node" && arguments == 0)) {
      if (arguments != 0) {
        depth_++;
        return fail("Special form 'self' called with arguments in " + text_of(t) + ".");
      }
      if (text == "self") {
        emit_expression(1, Op::PushTerm, 1, 0, 0, Term::nil());
        return true;
      }
    }
    if (text == "and" || text == "or") {
      if (arguments == 0) {
        depth_++;
        return fail("Special form '" + std::string(text) + "' called without arguments in " +
                    text_of(t) + ".");
      }
      bool good = true;
      for (u32 i = 1; i <= arguments; i++) good &= expression(tuple_element(t, i), depth + 1);
      emit_expression(1 - static_cast<int>(arguments), text == "and" ? Op::And : Op::Or, arguments);
      return good;
    }
    if (text == "andalso" || text == "orelse") {
      if (arguments == 0) {
        depth_++;
        return fail("Special form '" + std::string(text) + "' called without arguments in " +
                    text_of(t) + ".");
      }
      bool good = true;
      std::vector<u32> jumps;
      for (u32 i = 1; i <= arguments; i++) {
        good &= expression(tuple_element(t, i), depth + 1);
        if (i == arguments) break;
        jumps.push_back(here());
        emit_expression(-1, text == "andalso" ? Op::AndAlso : Op::OrElse);
      }
      for (u32 j : jumps) m_.code[j].b = here();
      return good;
    }
    if (text == "xor" || text == "not") {
      u32 wanted = text == "xor" ? 2 : 1;
      if (arguments == wanted) {
        bool good = true;
        for (u32 i = 1; i <= arguments; i++) good &= expression(tuple_element(t, i), depth + 1);
        emit_expression(1 - static_cast<int>(arguments), wanted == 2 ? Op::Xor : Op::Not);
        return good;
      }
    }
    bool good = true;
    if (const ActionForm* form = action_form(text)) {
      std::string what = form->is_function
                             ? "Function " + std::string(text) + "/" + std::to_string(arguments)
                             : "Special form '" + std::string(text) + "'";
      bool wrong_place = in_guard_ && !form->in_guards;
      if (form->is_function && (!is_trace_use(use_) || wrong_place)) {
        good = fail(what + " cannot be called in this context.");
      } else if (!is_trace_use(use_)) {
        good = fail(what + " used in wrong dialect.");
      } else if (!allowed_for_event(form->action)) {
        good = fail(what + " not allow for this trace event.");
      } else if (wrong_place) {
        good = fail(what + " called in guard context.");
      } else if (arguments < form->least || arguments > form->most) {
        good = fail(what + (form->most == 0 ? " called with arguments in "
                                            : " called with wrong number of arguments in ") +
                    text_of(t) + ".");
      }
      if (!good) {
        depth_++;
        return false;
      }
      for (u32 i = 1; i <= arguments; i++) good &= expression(tuple_element(t, i), depth + 1);
      emit_expression(1 - static_cast<int>(arguments), Op::Act, arguments, 0,
                      static_cast<u32>(form->action));
      return good;
    }
    const GuardFunction* found = nullptr;
    for (const GuardFunction& g : guard_functions) {
      if (g.atom == name && g.arity == arguments && g.fn != nullptr) found = &g;
    }
    if (found == nullptr) {
      good = fail("Function " + std::string(text) + "/" + std::to_string(arguments) +
                  " does_not_exist.");
    }
    for (u32 i = 1; i <= arguments; i++) good &= expression(tuple_element(t, i), depth + 1);
    emit_expression(1 - static_cast<int>(arguments), Op::Call, arguments, 0,
                    found == nullptr ? 0 : static_cast<u32>(found - guard_functions));
    return good;
  }

  MatchProgram& m_;
  MatchErrors* errors_;
  const MatchUse use_;
  bool in_guard_ = false;
  std::map<i64, u32> variables_;  // number -> index
  u32 next_slot_ = 1;
  u32 depth_ = 0;
};

void program_destroy(MagicData* m) { vm_delete(static_cast<MatchProgram*>(m)); }

}  // namespace

i64 match_variable(Term t) {
  if (!t.is_atom()) return -2;
  std::string_view s = atom_name(t);
  if (s == "_") return -1;
  if (s.size() < 2 || s.size() > 9 || s[0] != '$') return -2;
  i64 n = 0;
  for (char c : s.substr(1)) {
    if (c < '0' || c > '9') return -2;
    n = n * 10 + (c - '0');
  }
  // '$01' is no variable.
  if (s[1] == '0' && s.size() > 2) return -2;
  return n;
}

bool match_pattern_is_ground(Term t) {
  WorkStack<Term, 32> todo;
  todo.push(t);
  while (!todo.empty()) {
    t = todo.pop();
    if (t.is_atom()) {
      if (match_variable(t) != -2) return false;
    } else if (t.is_list()) {
      todo.push(t.head());
      todo.push(t.tail());
    } else if (t.is_tuple()) {
      for (u64 i = 0; i < tuple_arity(t); i++) todo.push(tuple_element(t, i));
    } else if (t.is_map()) {
      return false;
    }
  }
  return true;
}

MatchProgram* match_spec_compile(Term spec, MatchErrors* errors, MatchUse use) {
  auto* m = vm_new<MatchProgram>();
  m->destroy = program_destroy;
  m->numbers = make_magic_ref_numbers();
  m->constants = fragment_new(flat_size(spec));
  Builder b = m->constants->builder();
  spec = copy_term_whole(spec, b);
  m->source = spec;
  if (!Compiler(*m, errors, use).compile(spec)) {
    vm_delete(m);
    return nullptr;
  }
  return m;
}

void match_program_release(MatchProgram* m) {
  // acq_rel pairs with the other holders' releases.
  magic_release(m);
}

MatchProgram* match_program_of(Term t) {
  return t.is(BoxedTag::MagicRef) ? match_program_of(t.object()[2].as_raw_pointer<MagicData>()) : nullptr;
}
MatchProgram* match_program_of(MagicData* data) {
  return data->destroy == program_destroy ? static_cast<MatchProgram*>(data) : nullptr;
}

// ---- running ----

MatchRun::MatchRun(MatchProgram& program, Process& p, MatchActions* actions)
    : program_(program), p_(p), actions_(actions), was_disallowed_((p.heap_flags & Heap::kDisallowCollect) != 0) {
  p.heap_flags |= Heap::kDisallowCollect;
  buffer_.resize(program.slots + program.variables + program.stack + 4);
  slots_ = buffer_.data();
  variables_ = slots_ + program.slots;
  stack_ = variables_ + program.variables;
}

MatchRun::~MatchRun() {
  if (!was_disallowed_) p_.heap_flags &= ~u32{Heap::kDisallowCollect};
  fragments_free(arena_);
}

Term* MatchRun::arena(u64 words) {
  if (arena_ == nullptr || static_cast<u64>(arena_->end - arena_->top) < words) {
    Fragment* f = fragment_new(std::max<u64>(words, 1024));
    f->next = arena_;
    arena_ = f;
  }
  Term* at = arena_->top;
  arena_->top += words;
  return at;
}

bool MatchRun::run_head(const Code*& pc, Term subject) {
  slots_[0] = subject;
  for (;; pc++) {
    Term at = slots_[pc->a];
    switch (pc->op) {
      case Op::Tuple:
        if (!is_tuple_of(at, pc->b)) return false;
        break;
      case Op::List:
        if (!at.is_list()) return false;
        break;
      case Op::Map:
        if (!at.is_map()) return false;
        break;
      case Op::Element: slots_[pc->a] = slots_[pc->b].object()[pc->c]; break;
      case Op::Cell: slots_[pc->a] = slots_[pc->b].cell()[pc->c]; break;
      case Op::MapValue: {
        const Term* value = map_find(slots_[pc->b], pc->term);
        if (value == nullptr) return false;
        slots_[pc->a] = *value;
        break;
      }
      case Op::Bind: variables_[pc->b] = at; break;
      case Op::Same:
        if (!exact_equal(variables_[pc->b], at)) return false;
        break;
      case Op::Immediate:
        if (at != pc->term) return false;
        break;
      case Op::Constant:
        if (!exact_equal(at, pc->term)) return false;
        break;
      default: return true;
    }
  }
}

Term MatchRun::build_map(Term* pairs, u64 n) {
  if (n == 0) {
    Term* to = arena(kEmptyMapWords);
    OffHeap none;
    Builder b(&to, to + kEmptyMapWords, &none);
    return build_empty_map(b);
  }
  MapPlan plan(pairs, 2, n);
  u64 words = plan.words();
  Term* to = arena(words);
  OffHeap none;
  Builder b(&to, to + words, &none);
  return plan.build(b, pairs, pairs + 1);
}

// none(): a guard said no.
Term MatchRun::run_body(const Code* pc, Term subject) {
  Term* top = stack_;  // the next free place
  const Code* code = program_.code.data();
  bool in_body = false;
  for (;; pc++) {
    bool failed = false;
    switch (pc->op) {
      case Op::PushTerm: *top++ = pc->a == 1 ? p_.id : pc->term; break;
      case Op::PushVariable: *top++ = variables_[pc->b]; break;
      case Op::PushSubject: *top++ = subject; break;
      case Op::PushVariables: {
        Term list = Term::nil();
        Term* cells = arena(2 * u64{pc->b});
        for (u32 i = pc->b; i-- > 0;) {
          cells[0] = variables_[code[pc->a + i].b];
          cells[1] = list;
          list = Term::list(cells);
          cells += 2;
        }
        pc += pc->b;
        *top++ = list;
        break;
      }
      case Op::MakeTuple: {
        Term* t = arena(1 + u64{pc->a});
        top -= pc->a;
        t[0] = Term::header(BoxedTag::Tuple, pc->a);
        std::copy(top, top + pc->a, t + 1);
        *top++ = Term::boxed(t);
        break;
      }
      case Op::MakeCons: {
        Term* cell = arena(2);
        top -= 2;
        cell[0] = top[0];
        cell[1] = top[1];
        *top++ = Term::list(cell);
        break;
      }
      case Op::MakeMap:
        top -= 2 * u64{pc->a};
        *top = build_map(top, pc->a);
        top++;
        break;
      case Op::Call: {
        top -= pc->a;
        Term value = guard_functions[pc->c].fn(p_, top).value;
        failed = value.is_none();
        *top++ = value;
        break;
      }
      case Op::Act: {
        top -= pc->a;
        Term value = actions_ == nullptr
                         ? am::true_
                         : actions_->perform(static_cast<MatchAction>(pc->c), p_, top, pc->a);
        failed = value.is_none();
        *top++ = value;
        break;
      }
      case Op::And:
      case Op::Or: {
        bool all = true;
        bool any = false;
        top -= pc->a;
        for (u32 i = 0; i < pc->a; i++) {
          if (top[i] == am::true_) {
            any = true;
          } else {
            all = false;
            if (top[i] != am::false_) failed = true;
          }
        }
        *top++ = am_bool(pc->op == Op::And ? all : any);
        break;
      }
      case Op::Xor: {
        top -= 2;
        bool good = (top[0] == am::true_ || top[0] == am::false_) &&
                    (top[1] == am::true_ || top[1] == am::false_);
        failed = !good;
        *top = am_bool(top[0] != top[1]);
        top++;
        break;
      }
      case Op::Not:
        failed = top[-1] != am::true_ && top[-1] != am::false_;
        top[-1] = am_bool(top[-1] == am::false_);
        break;
      case Op::AndAlso:
      case Op::OrElse: {
        Term stop = pc->op == Op::AndAlso ? am::false_ : am::true_;
        Term more = pc->op == Op::AndAlso ? am::true_ : am::false_;
        if (top[-1] == stop) {
          pc = code + pc->b - 1;
        } else if (top[-1] == more) {
          top--;
        } else {
          failed = true;
          pc = code + pc->b - 1;
        }
        break;
      }
      case Op::GuardEnd:
        if (*--top != am::true_) return Term::none();
        break;
      case Op::BodyStart: in_body = true; break;
      case Op::BodyEnd: top--; break;
      case Op::Return: return top[-1];
      default: VM_PANIC("match program: bad operation %d", static_cast<int>(pc->op));
    }
    if (VM_UNLIKELY(failed)) {
      if (!in_body) return Term::none();
      top[-1] = am::EXIT;
    }
  }
}

Term MatchRun::run(Term subject) {
  if (arena_ != nullptr) {
    arena_->top = arena_->mem;
    if (arena_->next != nullptr) {
      fragments_free(arena_->next);
      arena_->next = nullptr;
    }
  }
  for (const MatchProgram::Clause& clause : program_.clauses) {
    const Code* pc = program_.code.data() + clause.start + 1;
    if (!run_head(pc, subject)) continue;
    Term result = run_body(pc, subject);
    if (!result.is_none()) return result;
  }
  return Term::none();
}

}  // namespace lintel
