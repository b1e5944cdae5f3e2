// erlang: pids, ports and references as text and back, and the nodes they belong to.
#include <string>

#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/magic.h"
#include "vm/term/node.h"
#include "vm/term/print.h"

namespace lintel {

namespace {

BifResult printed(Process& p, Term t) {
  std::string text = term_text(t);
  Builder b = p.reserve(text.size() * kConsWords);
  return chars_to_list(b, text);
}

// Reads the printed forms: a prefix, then numbers with points between them, then '>'.
class Reader {
 public:
  // Lists longer than any identifier are refused at once.
  explicit Reader(Term list) {
    constexpr size_t kLongest = 80;
    for (; list.is_list() && text_.size() <= kLongest; list = list.tail()) {
      Term c = list.head();
      if (!c.is_small() || c.small_value() < 0 || c.small_value() > 127) return;
      text_ += static_cast<char>(c.small_value());
    }
    good_ = list.is_nil();
  }
  // Between 2 and `room` numbers; 0 when it is not of that form.
  u32 numbers(std::string_view prefix, u64* to, u32 room) {
    if (!good_ || text_.compare(0, prefix.size(), prefix) != 0) return 0;
    size_t at = prefix.size();
    for (u32 n = 0; n < room;) {
      size_t start = at;
      u64 v = 0;
      for (; at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; at++) {
        u64 digit = static_cast<u64>(text_[at] - '0');
        if (v > (~u64{0} - digit) / 10) return 0;
        v = v * 10 + digit;
      }
      if (at == start || at == text_.size()) return 0;
      to[n++] = v;
      char c = text_[at++];
      if (c == '>') return at == text_.size() && n >= 2 ? n : 0;
      if (c != '.') return 0;
    }
    return 0;
  }

 private:
  std::string text_;
  bool good_ = false;
};

// The node that an identifier printed with this number belongs to: null when none is known.
Node* node_of_number(u64 number) {
  if (number == 0) return this_node();
  if (number >= atom_count()) return nullptr;
  return node_find_named(Term::atom(static_cast<u32>(number)));
}

bool fits32(u64 v) { return v <= 0xFFFFFFFFu; }

}  // namespace

BifResult erlang_pid_to_list_1(Process& p, Term* args) {
  return args[0].is_pid() ? printed(p, args[0]) : raise_badarg(p);
}
BifResult erlang_port_to_list_1(Process& p, Term* args) {
  return args[0].is_port() ? printed(p, args[0]) : raise_badarg(p);
}
BifResult erlang_ref_to_list_1(Process& p, Term* args) {
  if (!args[0].is_ref()) return raise_badarg(p);
  magic_remember(args[0]);
  return printed(p, args[0]);
}

BifResult erlang_list_to_pid_1(Process& p, Term* args) {
  u64 n[3];
  if (Reader(args[0]).numbers("<", n, 3) != 3) return raise_badarg(p);
  Node* node = node_of_number(n[0]);
  if (node == nullptr) return raise_badarg(p);
  if (node == this_node()) {
    if (n[1] >> kPidNumberBits != 0 || n[2] >> kPidSerialBits != 0) return raise_badarg(p);
    return local_pid(static_cast<u32>(n[1]), static_cast<u32>(n[2]));
  }
  if (!fits32(n[1]) || !fits32(n[2])) return raise_badarg(p);
  Builder b = p.reserve(kExternalWords);
  return build_external_pid(b, node, static_cast<u32>(n[1]), static_cast<u32>(n[2]));
}

BifResult erlang_list_to_port_1(Process& p, Term* args) {
  u64 n[2];
  if (Reader(args[0]).numbers("#Port<", n, 2) != 2) return raise_badarg(p);
  Node* node = node_of_number(n[0]);
  if (node == nullptr) return raise_badarg(p);
  if (node == this_node()) {
    if (n[1] >> kPortNumberBits != 0) return raise_badarg(p);
    return Term::port(n[1]);
  }
  Builder b = p.reserve(kExternalWords);
  return build_external_port(b, node, n[1]);
}

// The numbers are printed with the highest first.
BifResult erlang_list_to_ref_1(Process& p, Term* args) {
  constexpr u32 kFirstNumberBits = 18;
  u64 n[6];
  u32 count = Reader(args[0]).numbers("#Ref<", n, 6);
  if (count == 0) return raise_badarg(p);
  RefParts parts{count - 1, {}};
  for (u32 i = 1; i < count; i++) {
    if (!fits32(n[i])) return raise_badarg(p);
    parts.n[count - 1 - i] = static_cast<u32>(n[i]);
  }
  Node* node = node_of_number(n[0]);
  if (node == nullptr) return raise_badarg(p);
  if (node == this_node()) {
    if (parts.count != 3 || parts.n[0] >> kFirstNumberBits != 0) return raise_badarg(p);
    Builder b = p.reserve(kRefWords);
    return build_local_ref(b, parts);
  }
  Builder b = p.reserve(external_ref_words(parts.count));
  return build_external_ref(b, node, parts);
}

BifResult erlang_node_0(Process&, Term*) { return this_node()->name; }

BifResult erlang_node_1(Process& p, Term* args) {
  if (!args[0].is_pid() && !args[0].is_port() && !args[0].is_ref()) return raise_badarg(p);
  return node_of(args[0])->name;
}

}  // namespace lintel
