// Two steps: lay the code out in functions and labels, then follow every function's control flow.
//
// The flow analysis works on blocks (a label and what follows it up to the next label). Each label
// has a state: what is known whichever way control gets there. A block starts from its label's
// state, changes it instruction by instruction, and merges the result into the labels it can go
// to. Merging only removes knowledge, so repeating until nothing changes ends; code that needs
// absurdly many rounds is refused.
//
//   state:  frame | catches | heap words, floats, funs | x bits ... | y bits ...
//
// The catches in force are a linked list kept once for each distinct list (CatchNode), so that a
// state holds one number and two states compare by it.
#include "loader/verify.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <unordered_map>

#include "loader/reader.h"

namespace lintel::loader {

namespace {

constexpr i32 kNoFrame = -1;
constexpr i32 kMixedFrame = -2;  // differs by path: nothing that needs to know it may follow
constexpr u32 kMaxRounds = 64;
constexpr size_t kMaxStateWords = size_t{1} << 24;  // a thousand times what the largest real function takes
constexpr u32 kMaxTupleArity = (1 << 24) - 1;
constexpr u32 kFloatWords = 2;

enum class CatchKind : u8 { none, try_, catch_ };

struct CatchNode {
  u32 outer;    // index of the enclosing catch; 0: none
  u32 handler;  // label; 0: differs by path, so nothing may raise here
  u16 slot;     // y register
  CatchKind kind;
  u8 depth;     // 1 for the outermost
};
constexpr u32 kMaxCatchDepth = 255;
constexpr u32 kMixedCatches = ~0u;

// What an instruction does beyond its operands' letters.
enum Effect : u16 {
  kRaises = 1 << 0,        // may raise an exception, apart from a 'j' operand of 0
  kEnds = 1 << 1,          // control never reaches the next instruction
  kKillsX = 1 << 2,        // no x register survives
  kResultInX0 = 1 << 3,    // ... but the result is in x(0)
  kCollects = 1 << 4,      // the collector may look at the frame ('v' operands imply it)
  kKeepsNoHeap = 1 << 5,   // earlier heap reservations are void
  kCall = kRaises | kKillsX | kResultInX0 | kCollects | kKeepsNoHeap,
  kTailCall = kRaises | kEnds | kCollects,
  kRaise = kRaises | kEnds | kCollects,
};

constexpr u16 effects_of(GenOp op) {
  switch (op) {
    case GenOp::call_2:
    case GenOp::call_ext_2:
    case GenOp::call_fun_1:
    case GenOp::call_fun2_3:
    case GenOp::apply_1:
    case GenOp::send_0:
    case GenOp::raw_raise_0:
    case GenOp::bs_init_writable_0:
      return kCall;
    case GenOp::call_last_3:
    case GenOp::call_only_2:
    case GenOp::call_ext_last_3:
    case GenOp::call_ext_only_2:
    case GenOp::apply_last_2:
      return kTailCall;
    case GenOp::func_info_3:
    case GenOp::badmatch_1:
    case GenOp::if_end_0:
    case GenOp::case_end_1:
    case GenOp::try_case_end_1:
    case GenOp::raise_2:
    case GenOp::badrecord_1:
      return kRaise;
    case GenOp::return_0:
    case GenOp::jump_1:
    case GenOp::select_val_3:
    case GenOp::select_tuple_arity_3:
    case GenOp::int_code_end_0:
      return kEnds;
    case GenOp::wait_1:
    case GenOp::loop_rec_end_1:
      return kEnds | kKillsX | kCollects | kKeepsNoHeap;
    case GenOp::wait_timeout_2:
      return kRaises | kKillsX | kCollects | kKeepsNoHeap;
    case GenOp::loop_rec_2:
    case GenOp::timeout_0:
      return kKillsX | kCollects | kKeepsNoHeap;
    case GenOp::build_stacktrace_0:
    case GenOp::make_fun2_1:
      return kKillsX | kResultInX0 | kCollects | kKeepsNoHeap;
    case GenOp::catch_end_1:
    case GenOp::try_case_1:
      return kCollects | kKeepsNoHeap;
    case GenOp::fconv_2:
      return kRaises;
    default:
      return 0;
  }
}

// What the letters of an opcode say, ready for use: which operands are read and written (bit masks),
// and where the operand of each other kind stands (kNowhere if there is none).
constexpr u8 kNowhere = 255;
struct OpPlan {
  u16 effects = 0;
  u8 reads = 0;
  u8 writes = 0;
  u8 live = kNowhere;
  u8 label = kNowhere;        // 'f', 'j' or 'q'
  bool raises_if_0 = false;   // the label is a 'j'
  u8 heap = kNowhere;
  u8 arity = kNowhere;        // 'n'
  u8 fun = kNowhere;          // 'g'
  bool has_list = false;
  bool sizes_state = false;   // names registers or slots other than by register operands
};
struct OpPlans {
  OpPlan of[256] = {};
};
constexpr const char* kLetters[256] = {
    nullptr,
#define GENERIC_OP(number, name, arity, operands, first, last) operands,
#include "vm/tables/generic_ops.def"
};
constexpr bool needs_registers(GenOp op) {
  return op == GenOp::send_0 || op == GenOp::raw_raise_0 || op == GenOp::try_case_1;
}
constexpr OpPlans make_plans() {
  OpPlans plans;
  for (u32 op = 0; op < 256; op++) {
    OpPlan& p = plans.of[op];
    p.effects = effects_of(static_cast<GenOp>(op));
    p.sizes_state = needs_registers(static_cast<GenOp>(op));
    if (kLetters[op] == nullptr) continue;
    for (u8 k = 0; kLetters[op][k] != 0; k++) {
      const u8 bit = static_cast<u8>(1 << k);
      switch (kLetters[op][k]) {
        case 's':
        case 'r':
        case 'z':
          p.reads |= bit;
          break;
        case 'w':
          p.reads |= bit;
          p.writes |= bit;
          break;
        case 'd':
        case 'y':
          p.writes |= bit;
          break;
        case 'v':
          p.live = k;
          break;
        case 'f':
        case 'q':
          p.label = k;
          break;
        case 'j':
          p.label = k;
          p.raises_if_0 = true;
          break;
        case 'h':
          p.heap = k;
          break;
        case 'n':
          p.arity = k;
          break;
        case 'g':
          p.fun = k;
          break;
        case 'L':
          p.has_list = true;
          break;
      }
    }
    p.sizes_state = p.sizes_state || p.live != kNowhere || p.arity != kNowhere || p.fun != kNowhere;
  }
  return plans;
}
constexpr OpPlans kPlans = make_plans();
inline const OpPlan& plan_of(GenOp op) { return kPlans.of[static_cast<u8>(op)]; }

class Verifier {
 public:
  explicit Verifier(const BeamFile& file) : file_(file) {}

  bool run() {
    if (!lay_out() || !check_tables()) return false;
    // Nearly every module is sound even if every call could return and every instruction fail, so
    // the analysis that knows better runs only for those that are not.
    returns_.assign(out_.functions.size(), 1);
    if (!check_functions()) {
      error_ = {};
      find_returning();
      may_clear_ = true;
      if (!check_functions()) return false;
    }
    std::sort(out_.traps.begin(), out_.traps.end());
    out_.traps.erase(std::unique(out_.traps.begin(), out_.traps.end()), out_.traps.end());
    sort_clears();
    return true;
  }

  Verified take() { return std::move(out_); }
  LoadError& error() { return error_; }

 private:
  // A block is checked once a round, so an instruction may have noted its register repeatedly.
  void sort_clears() {
    using Clear = Verified::Clear;
    std::sort(out_.clears.begin(), out_.clears.end(), [](const Clear& a, const Clear& b) {
      return std::tuple(a.instr, a.dst.kind(), a.dst.reg()) < std::tuple(b.instr, b.dst.kind(), b.dst.reg());
    });
    const auto end = std::unique(out_.clears.begin(), out_.clears.end(), [](const Clear& a, const Clear& b) {
      return a.instr == b.instr && a.dst.same(b.dst);
    });
    out_.clears.erase(end, out_.clears.end());
  }

  // ---- errors ----

  bool fail_in(const char* chunk, u64 offset, std::string message) {
    Reader(chunk, {}, error_).fail_at(offset, std::move(message));
    return false;
  }

  // Names the function and the instruction at hand.
  VM_COLD bool fail(u32 instr_index, const std::string& message) {
    const GenericInstr& instr = file_.code[instr_index];
    std::string where;
    if (function_ != nullptr) {
      where = "in " + std::string(file_.atoms[function_->name]) + "/" + std::to_string(function_->arity) + ", ";
    }
    return fail_in("Code", instr.offset, where + info(instr.op).name + ": " + message);
  }
  VM_COLD bool fail(const std::string& message) { return fail(at_, message); }

  // ---- functions and labels ----

  GenOp op_at(size_t i) const { return i < file_.code.size() ? file_.code[i].op : GenOp::int_code_end_0; }

  // The index of the func_info whose function starts at `i`, or 0.
  u32 func_info_after(u32 i) const {
    if (op_at(i) != GenOp::label_1) return 0;
    if (op_at(i + 1) == GenOp::line_1) i++;
    return op_at(i + 1) == GenOp::func_info_3 ? i + 1 : 0;
  }

  bool lay_out() {
    const u32 end = static_cast<u32>(file_.code.size()) - 1;  // int_code_end
    out_.label_instr.assign(file_.label_count, kNoInstr);
    label_block_.assign(file_.label_count, 0);
    entry_function_.assign(file_.label_count, kNoFunction);
    out_.functions.reserve(file_.function_count);
    u32 block = 0;
    for (u32 i = 0; i < end;) {
      const u32 func_info = func_info_after(i);
      if (func_info == 0) return fail(i, "outside of any function");
      FunctionInfo f;
      f.first_instr = i;
      f.func_info_instr = func_info;
      f.entry_instr = func_info + 1;
      const GenericInstr& fi = file_.code[func_info];
      f.module = static_cast<u32>(file_.arg(fi, 0).value());
      f.name = static_cast<u32>(file_.arg(fi, 1).value());
      f.arity = static_cast<u32>(file_.arg(fi, 2).value());
      if (op_at(f.entry_instr) != GenOp::label_1) return fail(func_info, "no entry label follows");
      f.func_info_label = label_at(i);
      f.entry_label = label_at(f.entry_instr);
      if (func_info == i + 2) f.line_item = static_cast<u32>(file_.arg(file_.code[i + 1], 0).value());
      u32 k = i;
      do {
        const GenOp op = op_at(k);
        if (op == GenOp::label_1) {
          const u32 label = label_at(k);
          if (out_.label_instr[label] != kNoInstr) return fail(k, format("label %u is defined twice", label));
          out_.label_instr[label] = k;
          label_block_[label] = block++;
        } else if (op == GenOp::on_load_0) {
          if (out_.on_load_function != kNoFunction) return fail(k, "there are two");
          if (f.arity != 0) return fail(k, "the function takes arguments");
          out_.on_load_function = static_cast<u32>(out_.functions.size());
        } else if (op == GenOp::func_info_3 && k != func_info) {
          return fail(k, "inside a function");
        }
        k++;
      } while (k < end && !(op_at(k) == GenOp::label_1 && k > f.entry_instr && func_info_after(k) != 0));
      f.end_instr = k;
      entry_function_[f.entry_label] = static_cast<u32>(out_.functions.size());
      out_.functions.push_back(f);
      i = k;
    }
    if (out_.functions.size() != file_.function_count) {
      return fail_in("Code", 16, format("the header promises %u functions, the code has %zu", file_.function_count,
                                        out_.functions.size()));
    }
    return true;
  }

  u32 label_at(u32 instr) const { return static_cast<u32>(file_.arg(file_.code[instr], 0).value()); }

  // The function whose entry label is `label`, or null.
  const FunctionInfo* function_at(u64 label) const {
    const u32 f = entry_function_[label];
    return f == kNoFunction ? nullptr : &out_.functions[f];
  }

  bool check_tables() {
    const auto check = [&](const char* chunk, size_t i, u32 entry_bytes, u32 label, u32 name, u32 arity) {
      const FunctionInfo* f = function_at(label);
      if (f != nullptr && f->name == name && f->arity == arity) return true;
      return fail_in(chunk, 4 + i * entry_bytes,
                     "entry " + std::to_string(i) + ": " + std::string(file_.atoms[name]) + "/" +
                         std::to_string(arity) + " is not what label " + std::to_string(label) + " enters");
    };
    for (size_t i = 0; i < file_.exports.size(); i++) {
      const ExportEntry& e = file_.exports[i];
      if (!check("ExpT", i, 12, e.label, e.function, e.arity)) return false;
    }
    for (size_t i = 0; i < file_.locals.size(); i++) {
      const ExportEntry& e = file_.locals[i];
      if (!check("LocT", i, 12, e.label, e.function, e.arity)) return false;
    }
    for (size_t i = 0; i < file_.lambdas.size(); i++) {
      const LambdaEntry& e = file_.lambdas[i];
      if (!check("FunT", i, 24, e.label, e.function, e.arity)) return false;
    }
    return true;
  }

  // ---- which functions return ----

  // The compiler knows functions that only ever raise or loop, and lets whatever comes next in the
  // file follow a call to one. So find the functions with a way to a return. A walk that comes to
  // a call of a function not known to return waits for it; each block is walked at most once.
  void find_returning() {
    const size_t count = out_.functions.size();
    returns_.assign(count, 0);
    waiting_.assign(count, {});
    walked_.assign(file_.label_count, 0);
    for (u32 f = 0; f < count; f++) {
      walk_to(out_.functions[f].entry_label, f);
      while (!walks_.empty()) {
        const Walk walk = walks_.back();
        walks_.pop_back();
        walk_from(walk);
      }
    }
    waiting_ = {};
    walked_ = {};
  }

  struct Walk {
    u32 function;
    u32 instr;  // kNoInstr: the function returns if the one it waited for does
  };

  void walk_to(u64 label, u32 function) {
    if (walked_[label] || out_.label_instr[label] == kNoInstr) return;
    walked_[label] = 1;
    walks_.push_back({function, out_.label_instr[label] + 1});
  }

  void set_returns(u32 function) {
    if (returns_[function]) return;
    returns_[function] = 1;
    walks_.insert(walks_.end(), waiting_[function].begin(), waiting_[function].end());
    waiting_[function].clear();
  }

  void walk_from(const Walk& walk) {
    const u32 f = walk.function;
    if (walk.instr == kNoInstr) return set_returns(f);
    const u32 end = out_.functions[f].end_instr;
    for (u32 i = walk.instr; i < end; i++) {
      const GenericInstr& instr = file_.code[i];
      const Operand* args = file_.args(instr);
      switch (instr.op) {
        case GenOp::label_1:
          return walk_to(label_at(i), f);
        case GenOp::return_0:
        case GenOp::apply_last_2:
          return set_returns(f);
        case GenOp::call_ext_only_2:
        case GenOp::call_ext_last_3:
          if (!never_returns(file_.imports[args[1].value()])) set_returns(f);
          return;
        case GenOp::call_ext_2:
          if (never_returns(file_.imports[args[1].value()])) return;
          break;
        case GenOp::call_2:
        case GenOp::call_last_3:
        case GenOp::call_only_2: {
          const u32 callee = entry_function_[args[1].value()];
          if (callee == kNoFunction) return;  // refused when the function is checked
          const u32 next = instr.op == GenOp::call_2 ? i + 1 : kNoInstr;
          if (!returns_[callee]) return waiting_[callee].push_back({f, next});
          if (next == kNoInstr) return set_returns(f);
          break;
        }
        default: {
          const OpPlan& plan = plan_of(instr.op);
          if (plan.label != kNowhere && args[plan.label].is_label()) walk_to(args[plan.label].value(), f);
          if (plan.has_list) {
            for (const Operand element : file_.list(instr)) {
              if (element.is_label()) walk_to(element.value(), f);
            }
          }
          if ((plan.effects & kEnds) != 0) return;
        }
      }
    }
  }

  // ---- states ----

  // A state is `stride_` words: a header, x bits, y bits. The last x bit is set only where control
  // came through an exception, so that x(0) to x(2) hold what try_case expects.
  struct Header {
    i32 frame;
    u32 catches;
    u32 words;
    u32 floats;
    u32 funs;
    u8 reached;
    u8 receiving;  // 1: perhaps between loop_rec and what ends the receive
    u16 building;  // 1: a binary is under construction, for bs_put_* to add to
  };
  static constexpr u32 kHeaderWords = sizeof(Header) / 8;

  Header& header(u64* s) { return *reinterpret_cast<Header*>(s); }
  u64* xs(u64* s) { return s + kHeaderWords; }
  u64* ys(u64* s) { return s + kHeaderWords + x_words_; }

  static bool bit(const u64* bits, u32 i) { return bits[i / 64] >> (i % 64) & 1; }
  static void set_bit(u64* bits, u32 i) { bits[i / 64] |= u64{1} << (i % 64); }
  static void clear_bits(u64* bits, u32 words) { std::memset(bits, 0, words * 8); }
  // Keeps only the first n.
  static void keep_low(u64* bits, u32 words, u32 n) {
    for (u32 w = n / 64; w < words; w++) {
      bits[w] &= w == n / 64 ? (u64{1} << (n % 64)) - 1 : 0;
    }
  }
  // Whether the first n are all set; if not, `*missing` is the first that is not.
  static bool all_set(const u64* bits, u32 n, u32* missing) {
    for (u32 w = 0; w * 64 < n; w++) {
      const u32 here = std::min(n - w * 64, 64u);
      const u64 want = here == 64 ? ~u64{0} : (u64{1} << here) - 1;
      if ((bits[w] & want) != want) {
        *missing = w * 64 + static_cast<u32>(__builtin_ctzll(~bits[w] & want));
        return false;
      }
    }
    return true;
  }

  u64* state_of(u32 block) { return &states_[size_t{block - first_block_} * stride_]; }

  void note_uninitialised_frame(u64* s) {
    const Header& h = header(s);
    u32 missing;
    if (h.frame > 0 && !all_set(ys(s), static_cast<u32>(h.frame), &missing)) {
      function_->y_always_initialised = false;
    }
  }

  // The catches known where lists `a` and `b` meet.
  u32 merge_catches(u32 a, u32 b) {
    if (a == b) return a;
    if (a == 0 || b == 0 || a == kMixedCatches || b == kMixedCatches) return kMixedCatches;
    const CatchNode x = catches_[a], y = catches_[b];
    if (x.slot != y.slot || x.kind != y.kind) return kMixedCatches;
    const u32 outer = merge_catches(x.outer, y.outer);
    if (outer == kMixedCatches) return kMixedCatches;
    return catch_node({outer, x.handler == y.handler ? x.handler : 0, x.slot, x.kind, x.depth});
  }

  u32 catch_node(const CatchNode& node) {
    const u64 key = (u64{node.outer} * 1023 + node.slot) * 3 + static_cast<u64>(node.kind);
    const auto [it, is_new] = catch_index_.try_emplace({key, node.handler}, static_cast<u32>(catches_.size()));
    if (is_new) catches_.push_back(node);
    return it->second;
  }

  // Where the catches in force differ by path, an exception may still arise (if_end in a block that
  // is shared by the inside and the outside of a try). Which handlers can see it, and with which
  // frame, is only known on the paths that meet; so the handlers hear of all of them here. From here
  // on no slot changes that matters to them: slots can only be set, and a frame with a catch in
  // force is neither trimmed nor dropped.
  bool merge_differing_catches(u64* s, u64* into, u32 block) {
    Header& from = header(s);
    Header& to = header(into);
    const u32 merged = merge_catches(to.catches, from.catches);
    const u32 before = to.catches;
    to.catches = merged;
    // A handler takes its exception before anything else can raise.
    if (!is_handler(block)) {
      tell_handlers(s, from.catches);
      if (merged != before) tell_handlers(into, before);
    }
    if (merged == kMixedCatches) {
      forget_slots(into, from.catches);
      forget_slots(into, before);
    }
    return merged != before;
  }

  bool is_handler(u32 block) const {
    const GenOp op = op_at(block_start_[block - first_block_] + 1);
    return op == GenOp::try_case_1 || op == GenOp::catch_end_1;
  }

  void tell_handlers(u64* s, u32 catches) {
    if (catches == kMixedCatches) return;  // its paths told theirs when they met
    for (u32 c = catches; c != 0; c = catches_[c].outer) {
      if (catches_[c].handler != 0) raise_to(s, c);
    }
  }

  // A slot that holds a catch tag on some path is no term.
  void forget_slots(u64* s, u32 catches) {
    if (catches == kMixedCatches) return;
    for (u32 c = catches; c != 0; c = catches_[c].outer) {
      ys(s)[catches_[c].slot / 64] &= ~(u64{1} << (catches_[c].slot % 64));
    }
  }

  // Merges `s` into the state at a label.
  void merge(u64* s, u64* into, u32 block) {
    Header& from = header(s);
    Header& to = header(into);
    if (to.reached == 0) {
      std::memcpy(into, s, size_t{stride_} * 8);
      to.reached = 1;
      dirty_[block - first_block_] = 1;
      return;
    }
    bool changed = false;
    if (to.frame != from.frame && to.frame != kMixedFrame) {
      note_uninitialised_frame(s);
      note_uninitialised_frame(into);
      to.frame = kMixedFrame;
      changed = true;
    }
    if (to.catches != from.catches && merge_differing_catches(s, into, block)) changed = true;
    const auto lower = [&](u32& a, u32 b) {
      if (b < a) {
        a = b;
        changed = true;
      }
    };
    lower(to.words, from.words);
    lower(to.floats, from.floats);
    lower(to.funs, from.funs);
    if (from.receiving > to.receiving) {
      to.receiving = 1;
      changed = true;
    }
    if (from.building < to.building) {
      to.building = 0;
      changed = true;
    }
    for (u32 i = kHeaderWords; i < stride_; i++) {
      const u64 both = into[i] & s[i];
      if (both != into[i]) {
        into[i] = both;
        changed = true;
      }
    }
    if (changed) dirty_[block - first_block_] = 1;
  }

  bool branch(u64* s, u64 label) {
    const u32 target = out_.label_instr[label];
    if (target == kNoInstr) return fail(format("label %u is not defined", static_cast<u32>(label)));
    if (target < function_->first_instr || target >= function_->end_instr) {
      return fail(format("label %u is in another function", static_cast<u32>(label)));
    }
    const u32 block = label_block_[label];
    merge(s, state_of(block), block);
    return true;
  }

  // An exception can arise in state `s`: the innermost catch's handler continues from there.
  void raise(u64* s) {
    note_uninitialised_frame(s);
    const u32 top = header(s).catches;
    if (top != 0 && top != kMixedCatches && catches_[top].handler != 0) raise_to(s, top);
  }

  // What the handler of the catch `c` may rely on if an exception in state `s` gets to it.
  void raise_to(u64* s, u32 c) {
    std::memcpy(scratch_.data(), s, size_t{stride_} * 8);
    u64* e = scratch_.data();
    Header& h = header(e);
    h.catches = c;
    h.words = h.floats = h.funs = h.building = h.receiving = 0;
    clear_bits(xs(e), x_words_);
    set_bit(xs(e), 0);
    set_bit(xs(e), exception_bit());
    const u32 block = label_block_[catches_[c].handler];
    merge(e, state_of(block), block);
  }

  u32 exception_bit() const { return x_words_ * 64 - 1; }

  // ---- one function ----

  bool check_functions() {
    out_.traps.clear();
    out_.clears.clear();
    out_.reached.assign(file_.code.size(), 0);
    out_.reached.back() = 1;
    for (FunctionInfo& function : out_.functions) {
      std::fill(&out_.reached[function.first_instr], &out_.reached[function.entry_instr] + 1, 1);
      function.y_always_initialised = true;
      if (!check_function(function)) return false;
    }
    return true;
  }

  bool check_function(FunctionInfo& f) {
    function_ = &f;
    at_ = f.func_info_instr;
    measure(f);
    first_block_ = label_block_[f.func_info_label];
    u32 blocks = 0;
    block_start_.clear();
    for (u32 i = f.first_instr; i < f.end_instr; i++) {
      if (op_at(i) == GenOp::label_1) {
        block_start_.push_back(i);
        blocks++;
      }
    }
    x_words_ = f.max_x / 64 + 1;  // one bit to spare, for the exception bit
    y_words_ = (f.max_frame + 63u) / 64;
    stride_ = kHeaderWords + x_words_ + y_words_;
    if (size_t{blocks} * stride_ > kMaxStateWords) return fail("the function is too large to check");
    states_.assign(size_t{blocks} * stride_, 0);
    dirty_.assign(blocks, 0);
    scratch_.resize(stride_);
    current_.assign(stride_, 0);
    catches_.assign(1, {});
    catch_index_.clear();

    u64* s = current_.data();
    header(s) = {kNoFrame, 0, 0, 0, 0, 1, 0, 0};
    for (u32 x = 0; x < f.arity; x++) set_bit(xs(s), x);
    const u32 entry_block = label_block_[f.entry_label];
    merge(s, state_of(entry_block), entry_block);

    for (u32 round = 0;; round++) {
      if (round == kMaxRounds) return fail(f.func_info_instr, "control flow is too tangled to check");
      bool any = false;
      for (u32 b = 0; b < blocks; b++) {
        if (dirty_[b] == 0) continue;
        dirty_[b] = 0;
        any = true;
        if (!check_block(b, b + 1 < blocks ? block_start_[b + 1] : f.end_instr)) return false;
      }
      if (!any) return true;
    }
  }

  static bool is_allocate(GenOp op) { return op >= GenOp::allocate_2 && op <= GenOp::allocate_heap_zero_3; }

  // Finds the widest frame and the highest x register, which size the states.
  void measure(FunctionInfo& f) {
    u32 max_x = f.arity;
    u32 max_frame = 0;
    const Operand* end = file_.operands.data() + file_.code[f.end_instr].operands;
    for (const Operand* o = file_.operands.data() + file_.code[f.first_instr].operands; o < end; o++) {
      max_x = std::max(max_x, o->is_x() ? o->reg() + 1 : 0);
    }
    for (u32 i = f.first_instr; i < f.end_instr; i++) {
      const GenericInstr& instr = file_.code[i];
      const OpPlan& plan = plan_of(instr.op);
      if (!plan.sizes_state) continue;
      const Operand* args = file_.args(instr);
      const auto value = [&](u32 k) { return static_cast<u32>(args[k].value()); };
      if (plan.live != kNowhere) max_x = std::max(max_x, value(plan.live));
      if (plan.arity != kNowhere) max_x = std::max(max_x, value(plan.arity) + 2);  // apply reads two more
      if (plan.fun != kNowhere) max_x = std::max(max_x, file_.lambdas[value(plan.fun)].num_free);
      if (needs_registers(instr.op)) max_x = std::max(max_x, 3u);
      if (is_allocate(instr.op)) max_frame = std::max(max_frame, value(0));
    }
    f.max_x = static_cast<u16>(std::max(max_x, 1u));
    f.max_frame = static_cast<u16>(max_frame);
  }

  bool check_block(u32 b, u32 end) {
    u64* s = current_.data();
    std::memcpy(s, &states_[size_t{b} * stride_], size_t{stride_} * 8);
    out_.reached[block_start_[b]] = 1;
    for (at_ = block_start_[b] + 1; at_ < end; at_++) {
      const GenericInstr& instr = file_.code[at_];
      out_.reached[at_] = 1;
      bool falls_through = true;
      if (!step(instr, s, &falls_through)) return false;
      if (!falls_through) return true;
    }
    if (end == function_->end_instr) {
      at_ = end - 1;
      return fail("control runs past the end of the function");
    }
    at_ = end;
    return enter(s, label_at(end));
  }

  // Control passes to a label by falling into it or by the jump at hand, not by an exception. If a
  // try_case is there, the way to here must be one that no call ever returns to.
  bool enter(u64* s, u64 label) {
    const u32 target = out_.label_instr[label];
    if (target != kNoInstr && op_at(target + 1) == GenOp::try_case_1 && !bit(xs(s), exception_bit())) {
      out_.traps.push_back(at_);
      return true;
    }
    return branch(s, label);
  }

  // ---- registers ----

  bool read(u64* s, Operand operand) {
    if (operand.is_x()) {
      if (bit(xs(s), operand.reg())) return true;
      return fail(format("x(%u) is read but may not be set", operand.reg()));
    }
    if (!operand.is_y()) return true;
    // Frames that differ by path can still share a slot that all paths have set.
    if (header(s).frame != kMixedFrame && !in_frame(s, operand.reg())) return false;
    if (operand.reg() >= y_words_ * 64 || !bit(ys(s), operand.reg())) {
      return fail(format("y(%u) is read but may not be set", operand.reg()));
    }
    if (header(s).catches != kMixedCatches && holds_catch(s, operand.reg())) {
      return fail(format("y(%u) is read but holds a catch tag", operand.reg()));
    }
    return true;
  }

  bool write(u64* s, Operand operand) {
    if (operand.is_x()) {
      set_bit(xs(s), operand.reg());
      return true;
    }
    if (!in_frame(s, operand.reg())) return false;
    if (holds_catch(s, operand.reg())) return fail(format("y(%u) holds a catch tag in use", operand.reg()));
    set_bit(ys(s), operand.reg());
    return true;
  }

  bool in_frame(u64* s, u32 y) {
    const i32 frame = header(s).frame;
    if (frame >= 0 && y < static_cast<u32>(frame)) return true;
    return fail(frame == kNoFrame      ? format("y(%u), but there is no frame", y)
                : frame == kMixedFrame ? format("y(%u), but the frame differs by path", y)
                                       : format("y(%u), but the frame has %d slots", y, frame));
  }

  bool holds_catch(u64* s, u32 y) {
    u32 c = header(s).catches;
    if (c == kMixedCatches) return true;
    for (; c != 0; c = catches_[c].outer) {
      if (catches_[c].slot == y) return true;
    }
    return false;
  }

  bool need_x(u64* s, u32 n) {
    u32 missing;
    return all_set(xs(s), n, &missing) || fail(format("x(%u) must be set but may not be", missing));
  }

  bool need_frame(u64* s, i64 slots) {
    const i32 frame = header(s).frame;
    if (frame != slots) {
      return fail(frame == kMixedFrame ? std::string("the frame differs by path")
                  : frame == kNoFrame  ? std::string("there is no frame")
                  : slots == kNoFrame  ? format("a frame of %d slots is still there", frame)
                                       : format("the frame has %d slots, not %d", frame, static_cast<i32>(slots)));
    }
    return header(s).catches == 0 || fail("a catch is still in force");
  }

  // The function is left: by return or by a tail call.
  bool leave(u64* s, i64 slots) {
    return need_frame(s, slots) && (header(s).receiving == 0 || fail("a receive is not finished"));
  }

  // ---- instructions ----

  bool step(const GenericInstr& instr, u64* s, bool* falls_through) {
    const OpPlan& plan = plan_of(instr.op);
    const u16 effects = plan.effects;
    const Operand* args = file_.args(instr);
    Header& h = header(s);

    for (u32 reads = plan.reads; reads != 0; reads &= reads - 1) {
      if (!read(s, args[__builtin_ctz(reads)])) return false;
    }
    u64 fail_label = 0;
    bool raises = (effects & kRaises) != 0;
    if (plan.label != kNowhere && args[plan.label].is(Kind::f)) {
      fail_label = args[plan.label].value();
      raises |= plan.raises_if_0 && fail_label == 0;
    }
    if (!check_reads(instr, args, s)) return false;

    const bool has_live = plan.live != kNowhere;
    if (has_live) {
      const u32 live = static_cast<u32>(args[plan.live].value());
      if (!need_x(s, live)) return false;
      keep_low(xs(s), x_words_, live);
    }
    if ((effects & kCollects) != 0 || has_live) note_uninitialised_frame(s);
    if ((effects & kKeepsNoHeap) != 0 || has_live) h.words = h.floats = h.funs = h.building = 0;
    if ((effects & kKillsX) != 0) clear_bits(xs(s), x_words_);
    if (raises) raise(s);
    // `fail_label` of a local call is its target, and that of try and catch the handler.
    if (instr.op == GenOp::jump_1) {
      *falls_through = false;
      return enter(s, fail_label);
    }
    if (fail_label != 0 && branches(instr.op) && !wakes_here(instr.op, fail_label)) {
      if (!(may_clear_ && plan.writes != 0 ? branch_cleared(plan, args, s, fail_label) : branch(s, fail_label))) {
        return false;
      }
    }
    if ((effects & kEnds) != 0) {
      *falls_through = false;
      return true;
    }
    if ((effects & kResultInX0) != 0) set_bit(xs(s), 0);

    for (u32 writes = plan.writes; writes != 0; writes &= writes - 1) {
      if (!write(s, args[__builtin_ctz(writes)])) return false;
    }
    if (plan.heap != kNowhere) reserve(h, args[plan.heap]);
    return finish(instr, args, s, falls_through);
  }

  // An instruction that writes fails: a destination that held nothing is cleared by then. It is none
  // of the sources, which are set, and no live count covers it.
  bool branch_cleared(const OpPlan& plan, const Operand* args, u64* s, u64 label) {
    failed_.assign(s, s + stride_);
    for (u32 writes = plan.writes; writes != 0; writes &= writes - 1) {
      const Operand dst = args[__builtin_ctz(writes)];
      if (dst.is_y() && !in_frame(s, dst.reg())) return false;
      if (dst.is_x() ? bit(xs(s), dst.reg()) : !dst.is_y() || bit(ys(s), dst.reg())) continue;
      if (!write(failed_.data(), dst)) return false;
      out_.clears.push_back({at_, dst});
    }
    return branch(failed_.data(), label);
  }

  static bool branches(GenOp op) {
    switch (op) {
      case GenOp::call_2:
      case GenOp::call_last_3:
      case GenOp::call_only_2:
      case GenOp::try_2:
      case GenOp::catch_2:
      case GenOp::recv_mark_1:
      case GenOp::recv_set_1:
        return false;
      default:
        return true;
    }
  }

  // A wait_timeout that a message sends back to itself (unoptimised code takes jumps there) finds its
  // timer running and does not read its operand again, so what it needs need not survive the wait.
  bool wakes_here(GenOp op, u64 label) {
    if (op != GenOp::wait_timeout_2) return false;
    u32 way[8];
    u32 count = 0;
    while (count < 8) {
      const u32 next = out_.label_instr[label] + 1;  // 0 for a label that is not defined
      if (next == at_) {
        for (u32 i = 0; i < count; i++) out_.reached[way[i]] = 1;
        return true;
      }
      if (next == 0 || op_at(next) != GenOp::jump_1) return false;
      way[count++] = next - 1;
      way[count++] = next;
      label = file_.arg(file_.code[next], 0).value();
    }
    return false;
  }

  void reserve(Header& h, Operand need) {
    const AllocNeed n = need.is(Kind::alloc) ? file_.allocs[need.value()] : AllocNeed{static_cast<u32>(need.value())};
    h.words = n.words;
    h.floats = n.floats;
    h.funs = n.funs;
  }

  bool eat_words(Header& h, u64 words) {
    if (words > h.words) return fail(format("needs %u heap words, %u are reserved", (u32)words, h.words));
    h.words -= static_cast<u32>(words);
    return true;
  }

  // What an instruction reads beyond operands with letters, and what it demands of the frame.
  bool check_reads(const GenericInstr& instr, const Operand* args, u64* s) {
    Header& h = header(s);
    switch (instr.op) {
      case GenOp::call_2:
      case GenOp::call_only_2:
      case GenOp::call_last_3: {
        const u32 arity = static_cast<u32>(args[0].value());
        const FunctionInfo* callee = function_at(args[1].value());
        if (callee == nullptr || callee->arity != arity) return fail("no function of that arity at the label");
        if (!need_x(s, arity)) return false;
        return instr.op == GenOp::call_2 ? need_known_frame(s)
                                         : leave(s, instr.op == GenOp::call_only_2 ? kNoFrame : slots(args[2]));
      }
      case GenOp::call_ext_2:
      case GenOp::call_ext_only_2:
      case GenOp::call_ext_last_3: {
        const u32 arity = static_cast<u32>(args[0].value());
        if (file_.imports[args[1].value()].arity != arity) return fail("the import has another arity");
        if (!need_x(s, arity)) return false;
        return instr.op == GenOp::call_ext_2
                   ? need_known_frame(s)
                   // The compiler writes any number of slots where the callee never returns.
                   : instr.op == GenOp::call_ext_last_3 && never_returns(file_.imports[args[1].value()])
                   ? need_known_frame(s)
                   : leave(s, instr.op == GenOp::call_ext_only_2 ? kNoFrame : slots(args[2]));
      }
      case GenOp::apply_1:
        return need_x(s, static_cast<u32>(args[0].value()) + 2) && need_known_frame(s);
      case GenOp::apply_last_2:
        return need_x(s, static_cast<u32>(args[0].value()) + 2) && leave(s, slots(args[1]));
      case GenOp::call_fun_1:
        return need_x(s, static_cast<u32>(args[0].value()) + 1) && need_known_frame(s);
      case GenOp::call_fun2_3:
        if (args[0].is(Kind::atom)) {
          const std::string_view tag = file_.atoms[args[0].value()];
          if (tag != "safe" && tag != "unsafe") return fail("unknown tag");
        }
        return need_x(s, static_cast<u32>(args[1].value())) && need_known_frame(s);
      case GenOp::return_0:
        return need_x(s, 1) && leave(s, kNoFrame);
      case GenOp::func_info_3:
        return need_x(s, static_cast<u32>(args[2].value())) && need_frame(s, kNoFrame);
      case GenOp::loop_rec_2:
        h.receiving = 1;
        return true;
      case GenOp::remove_message_0:
      case GenOp::timeout_0:
        h.receiving = 0;
        return true;
      case GenOp::send_0:
        return need_x(s, 2) && need_known_frame(s);
      case GenOp::raw_raise_0:
        return need_x(s, 3);
      case GenOp::build_stacktrace_0:
      case GenOp::bs_init_writable_0:
        return need_x(s, 1);
      case GenOp::make_fun2_1:
        return need_x(s, file_.lambdas[args[0].value()].num_free);

      case GenOp::bif0_2:
        return need_import_arity(args[0], 0);
      case GenOp::bif1_4:
        return need_import_arity(args[1], 1);
      case GenOp::bif2_5:
        return need_import_arity(args[1], 2);
      case GenOp::gc_bif1_5:
        return need_import_arity(args[2], 1);
      case GenOp::gc_bif2_6:
        return need_import_arity(args[2], 2);
      case GenOp::gc_bif3_7:
        return need_import_arity(args[2], 3);

      case GenOp::allocate_2:
      case GenOp::allocate_heap_3:
      case GenOp::allocate_zero_2:
      case GenOp::allocate_heap_zero_3:
        return need_frame(s, kNoFrame);
      case GenOp::deallocate_1:
        return need_frame(s, slots(args[0]));
      case GenOp::trim_2:
        if (h.frame < 0 || args[0].value() + args[1].value() != static_cast<u64>(h.frame)) {
          return fail("does not match the frame");
        }
        return true;

      case GenOp::catch_end_1:
      case GenOp::try_end_1:
      case GenOp::try_case_1: {
        const CatchKind kind = instr.op == GenOp::catch_end_1 ? CatchKind::catch_ : CatchKind::try_;
        if (!in_frame(s, args[0].reg())) return false;
        if (h.catches == 0 || h.catches == kMixedCatches || catches_[h.catches].slot != args[0].reg() ||
            catches_[h.catches].kind != kind) {
          return fail("does not end the innermost catch");
        }
        if (instr.op == GenOp::try_case_1 && !bit(xs(s), exception_bit())) {
          return fail("reached without an exception");
        }
        return instr.op != GenOp::catch_end_1 || need_x(s, 1);
      }
      case GenOp::try_2:
      case GenOp::catch_2:
        return check_handler(instr, args);

      case GenOp::select_val_3:
      case GenOp::select_tuple_arity_3: {
        const std::span<const Operand> list = file_.list(instr);
        if (list.size() % 2 != 0) return fail("a value without a label");
        for (size_t i = 0; i < list.size(); i += 2) {
          const Operand value = list[i];
          const bool is_good = instr.op == GenOp::select_val_3
                                   ? is_constant(value)
                                   : value.is(Kind::u) && value.value() <= kMaxTupleArity;
          if (!is_good) return fail("a value is no constant");
          if (!list[i + 1].is_label()) return fail("a value without a label");
          if (!branch(s, list[i + 1].value())) return false;
        }
        return true;
      }
      case GenOp::put_tuple2_2:
        if (file_.list(instr).size() > kMaxTupleArity) return fail("the tuple is too large");
        return read_list(instr, s) && eat_words(h, file_.list(instr).size() + (file_.list(instr).empty() ? 0 : 1));
      case GenOp::put_list_3:
        return eat_words(h, 2);
      case GenOp::make_fun3_3:
        if (file_.list(instr).size() != file_.lambdas[args[0].value()].num_free) {
          return fail("the fun has another number of free variables");
        }
        if (h.funs == 0) return fail("no heap is reserved for the fun");
        h.funs--;
        return read_list(instr, s);
      case GenOp::has_map_fields_3:
        return read_list(instr, s);
      case GenOp::put_map_assoc_5:
      case GenOp::put_map_exact_5:
        if (file_.list(instr).size() % 2 != 0) return fail("a key without a value");
        return read_list(instr, s);
      case GenOp::get_map_elements_3: {
        const std::span<const Operand> list = file_.list(instr);
        if (list.size() % 2 != 0) return fail("a key without a destination");
        for (size_t i = 0; i < list.size(); i += 2) {
          if (!is_source(list[i]) || !list[i + 1].is_reg()) return fail("bad key or destination");
          if (!read(s, list[i])) return false;
        }
        return true;
      }
      case GenOp::init_yregs_1:
        for (const Operand y : file_.list(instr)) {
          if (!y.is_y()) return fail("not a y register");
        }
        return true;
      case GenOp::bs_create_bin_6:
        return check_segments(instr, s);
      case GenOp::bs_match_string_4:
        return need_string(args[3].value(), (args[2].value() + 7) / 8);
      case GenOp::bs_put_string_2:
        return need_binary(h) && need_string(args[1].value(), args[0].value());
      case GenOp::bs_put_integer_5:
      case GenOp::bs_put_binary_5:
      case GenOp::bs_put_float_5:
      case GenOp::bs_put_utf8_3:
      case GenOp::bs_put_utf16_3:
      case GenOp::bs_put_utf32_3:
        return need_binary(h);
      case GenOp::get_tuple_element_3:
        return args[1].value() < kMaxTupleArity || fail("no tuple is that large");
      case GenOp::set_tuple_element_3:
        return args[2].value() < kMaxTupleArity || fail("no tuple is that large");
      case GenOp::test_arity_3:
      case GenOp::is_tagged_tuple_4:
        return args[2].value() <= kMaxTupleArity || fail("no tuple is that large");
      case GenOp::bs_start_match4_4:
        if (args[0].is(Kind::atom)) {
          const std::string_view how = file_.atoms[args[0].value()];
          return how == "no_fail" || how == "resume" || fail("unknown way to fail");
        }
        return args[0].is_label() || fail("no label to fail to");

      case GenOp::fmove_2: {
        const bool to_float = args[1].is(Kind::fr);
        if (args[0].is(Kind::fr) == to_float || args[1].is(Kind::literal)) return fail("moves nothing to a float register");
        if (to_float) return read(s, args[0]);
        if (h.floats > 0) {
          h.floats--;
          return true;
        }
        return eat_words(h, kFloatWords);
      }
      case GenOp::fcheckerror_1:
      case GenOp::fadd_4:
      case GenOp::fsub_4:
      case GenOp::fmul_4:
      case GenOp::fdiv_4:
      case GenOp::fnegate_3:
        return args[0].value() == 0 || fail("cannot have a fail label");
      default:
        return true;
    }
  }

  // What an instruction changes beyond operands with letters. Only those that fall through get here.
  bool finish(const GenericInstr& instr, const Operand* args, u64* s, bool* falls_through) {
    Header& h = header(s);
    switch (instr.op) {
      case GenOp::allocate_2:
      case GenOp::allocate_heap_3:
      case GenOp::allocate_zero_2:
      case GenOp::allocate_heap_zero_3: {
        h.frame = static_cast<i32>(args[0].value());
        clear_bits(ys(s), y_words_);
        if (instr.op == GenOp::allocate_zero_2 || instr.op == GenOp::allocate_heap_zero_3) {
          for (i32 y = 0; y < h.frame; y++) set_bit(ys(s), static_cast<u32>(y));
        }
        return true;
      }
      case GenOp::bs_init2_6:
      case GenOp::bs_init_bits_6:
      case GenOp::bs_append_8:
      case GenOp::bs_private_append_6:
        h.building = 1;
        return true;
      case GenOp::deallocate_1:
        h.frame = kNoFrame;
        clear_bits(ys(s), y_words_);
        return true;
      case GenOp::trim_2:
        return trim(s, static_cast<u32>(args[0].value()));
      case GenOp::try_2:
      case GenOp::catch_2: {
        if (h.catches == kMixedCatches) return fail("which catch is in force differs by path");
        // An exception looks for catch tags from y(0) up, so the innermost must stand lowest.
        if (h.catches != 0 && args[0].reg() >= catches_[h.catches].slot) {
          return fail("an inner catch needs a lower slot than the one around it");
        }
        const u8 depth = catches_[h.catches].depth;
        if (depth == kMaxCatchDepth) return fail("catches nest too deeply");
        h.catches = catch_node({h.catches, static_cast<u32>(args[1].value()), static_cast<u16>(args[0].reg()),
                                instr.op == GenOp::try_2 ? CatchKind::try_ : CatchKind::catch_,
                                static_cast<u8>(depth + 1)});
        return true;
      }
      case GenOp::try_end_1:
        h.catches = catches_[h.catches].outer;
        return true;
      case GenOp::catch_end_1:
        h.catches = catches_[h.catches].outer;
        if (bit(xs(s), exception_bit())) {
          clear_bits(xs(s), x_words_);
          set_bit(xs(s), 0);
        }
        return true;
      case GenOp::try_case_1:
        h.catches = catches_[h.catches].outer;
        clear_bits(xs(s), x_words_);
        for (u32 x = 0; x < 3; x++) set_bit(xs(s), x);
        return true;
      case GenOp::get_map_elements_3: {
        const std::span<const Operand> list = file_.list(instr);
        for (size_t i = 1; i < list.size(); i += 2) {
          if (!write(s, list[i])) return false;
        }
        return true;
      }
      case GenOp::init_yregs_1:
        for (const Operand y : file_.list(instr)) {
          if (!write(s, y)) return false;
        }
        return true;
      case GenOp::fmove_2:
        return !args[1].is_reg() || write(s, args[1]);
      case GenOp::raw_raise_0:
        *falls_through = op_at(at_ + 1) != GenOp::label_1;
        return true;
      case GenOp::call_2:
        *falls_through = returns_[entry_function_[args[1].value()]];
        return true;
      case GenOp::call_ext_2:
        *falls_through = !never_returns(file_.imports[args[1].value()]);
        return true;
      default:
        return true;
    }
  }

  bool trim(u64* s, u32 n) {
    Header& h = header(s);
    h.frame -= static_cast<i32>(n);
    u64* y = ys(s);
    for (u32 i = 0; i < y_words_; i++) {
      const u32 from = i + n / 64;
      u64 word = from < y_words_ ? y[from] >> (n % 64) : 0;
      if (n % 64 != 0 && from + 1 < y_words_) word |= y[from + 1] << (64 - n % 64);
      y[i] = word;
    }
    if (h.catches != 0) return fail("a catch is in force");
    return true;
  }

  // An exception hands its data over in registers that only try_case and catch_end understand, so
  // a handler must start with one of them, for the same slot.
  bool check_handler(const GenericInstr& instr, const Operand* args) {
    const u64 label = args[1].value();
    const u32 target = out_.label_instr[label];
    if (target < function_->first_instr || target >= function_->end_instr) {
      return fail(format("label %u is not in the function", static_cast<u32>(label)));
    }
    const u32 i = target + 1;
    const GenOp wanted = instr.op == GenOp::try_2 ? GenOp::try_case_1 : GenOp::catch_end_1;
    if (op_at(i) != wanted || file_.arg(file_.code[i], 0).reg() != args[0].reg()) {
      return fail("its handler does not start by taking the exception");
    }
    return true;
  }

  bool check_segments(const GenericInstr& instr, u64* s) {
    const std::span<const Operand> list = file_.list(instr);
    if (list.size() % 6 != 0) return fail("a segment is incomplete");
    for (size_t i = 0; i < list.size(); i += 6) {
      const Operand type = list[i], segment = list[i + 1], unit = list[i + 2], flags = list[i + 3],
                    source = list[i + 4], size = list[i + 5];
      if (!type.is(Kind::atom) || !segment.is(Kind::u) || !unit.is(Kind::u) || unit.value() > 256 ||
          !is_constant(flags) || !is_source(size)) {
        return fail("a segment is malformed");
      }
      if (file_.atoms[type.value()] == "string") {
        if (!source.is(Kind::u) || !size.is(Kind::i) || size.int_value() < 0) return fail("a string segment is malformed");
        if (!need_string(source.value(), static_cast<u64>(size.int_value()))) return false;
      } else if (!is_source(source) || !read(s, source) || !read(s, size)) {
        return is_source(source) ? false : fail("a segment is malformed");
      }
    }
    return true;
  }

  bool need_string(u64 offset, u64 size) {
    return (offset <= file_.strings.size() && size <= file_.strings.size() - offset) ||
           fail("reads past the end of the string table");
  }

  bool need_binary(const Header& h) { return h.building != 0 || fail("no binary is under construction"); }

  bool need_import_arity(Operand import, u32 arity) {
    return file_.imports[import.value()].arity == arity || fail("the import has another arity");
  }

  // A call pushes a return address: it must be known whether a frame is there to return to.
  bool need_known_frame(u64* s) {
    const i32 frame = header(s).frame;
    return frame >= 0 || fail(frame == kNoFrame ? "there is no frame" : "the frame differs by path");
  }

  bool read_list(const GenericInstr& instr, u64* s) {
    for (const Operand operand : file_.list(instr)) {
      if (!is_source(operand)) return fail("a list element is no source");
      if (!read(s, operand)) return false;
    }
    return true;
  }

  bool never_returns(const ImportEntry& import) const {
    if (file_.atoms[import.module] != "erlang") return false;
    const std::string_view name = file_.atoms[import.function];
    return (name == "error" && import.arity >= 1 && import.arity <= 3) ||
           ((name == "exit" || name == "throw") && import.arity == 1) ||
           (name == "nif_error" && (import.arity == 1 || import.arity == 2));
  }

  static i64 slots(Operand operand) { return static_cast<i64>(operand.value()); }

  static bool is_constant(Operand operand) {
    switch (operand.kind()) {
      case Kind::i:
      case Kind::big:
      case Kind::atom:
      case Kind::nil:
      case Kind::literal:
        return true;
      default:
        return false;
    }
  }
  static bool is_source(Operand operand) { return operand.is_reg() || is_constant(operand); }

  const BeamFile& file_;
  Verified out_;
  LoadError error_;
  std::vector<u32> label_block_;     // label -> number of its block, in code order
  std::vector<u32> entry_function_;  // label -> function, for entry labels

  bool may_clear_ = false;                 // see Verified::clears
  std::vector<u8> returns_;                // by function
  std::vector<std::vector<Walk>> waiting_;  // by function: walks that go on if it returns
  std::vector<u8> walked_;                 // by label
  std::vector<Walk> walks_;

  // Of the function at hand.
  FunctionInfo* function_ = nullptr;
  u32 at_ = 0;  // instruction
  u32 first_block_ = 0;
  u32 x_words_ = 0, y_words_ = 0, stride_ = 0;
  std::vector<u32> block_start_;
  std::vector<u64> states_;
  std::vector<u8> dirty_;
  std::vector<u64> current_, scratch_, failed_;
  std::vector<CatchNode> catches_;  // entry 0: none
  struct PairHash {
    size_t operator()(const std::pair<u64, u32>& p) const {
      return (p.first * 0x9e3779b97f4a7c15ull ^ p.second) * 0xff51afd7ed558ccdull;
    }
  };
  std::unordered_map<std::pair<u64, u32>, u32, PairHash> catch_index_;
};

}  // namespace

Result<Verified, LoadError> verify(const BeamFile& file) {
  Verifier verifier(file);
  if (!verifier.run()) return Err{std::move(verifier.error())};
  return verifier.take();
}

}  // namespace lintel::loader
