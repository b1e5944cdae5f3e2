// Printing. What is still to be printed is on a stack: terms, and the punctuation between them.
#include "vm/term/print.h"

#include <cstdio>

#include "vm/term/atom.h"
#include "vm/term/big.h"
#include "vm/term/identity.h"
#include "vm/term/map_layout.h"
#include "vm/term/node.h"
#include "vm/term/work_stack.h"

namespace lintel {
namespace {

bool is_lower(u32 c) { return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7); }
bool is_upper(u32 c) { return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7); }
bool is_digit(u32 c) { return c >= '0' && c <= '9'; }

// The character at s[i], as far as the question of quotes goes: ISO 8859-1 characters are
// themselves, higher ones are nothing an unquoted atom may have.
u32 atom_char(std::string_view s, size_t* i) {
  u32 c = static_cast<u8>(s[(*i)++]);
  if (c < 0x80) return c;
  if (c < 0xE0) return (c & 0x1F) << 6 | (static_cast<u8>(s[(*i)++]) & 0x3F);
  *i += c >= 0xF0 ? 3 : 2;
  return 0;
}

bool needs_quotes(std::string_view s) {
  size_t i = 0;
  if (!is_lower(atom_char(s, &i))) return true;
  while (i < s.size()) {
    u32 c = atom_char(s, &i);
    if (!is_lower(c) && !is_upper(c) && !is_digit(c) && c != '_') return true;
  }
  return false;
}

void append_octal(std::string& out, u32 c) {
  char text[8];
  std::snprintf(text, sizeof text, "\\%03o", c);
  out += text;
}

void append_number(std::string& out, u64 v) { out += std::to_string(v); }

bool is_control(u32 c) { return c < ' ' || (c >= 127 && c < 160); }
bool is_space(u32 c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// A proper list of printable characters, not empty.
bool is_printable_list(Term t) {
  if (!t.is_list()) return false;
  for (; t.is_list(); t = t.tail()) {
    Term h = t.head();
    if (!h.is_small() || h.small_value() < 0 || h.small_value() > 255) return false;
    u32 c = static_cast<u32>(h.small_value());
    if (is_control(c) && !is_space(c)) return false;
  }
  return t.is_nil();
}

u32 octet_at(const Bits& b, u64 i) {
  if (b.bit_offset == 0) return b.base[i];
  return ((u32{b.base[i]} << 8 | b.base[i + 1]) >> (8 - b.bit_offset)) & 0xFF;
}

class Printer {
 public:
  Printer(std::string& out, i64 limit) : out_(out), left_(limit) {}
  void run(Term t);
  bool exhausted() const { return left_ <= 0; }

 private:
  enum Kind : Word { Text, One, Rest, Array };  // Rest: the list from its first element on
  struct Item {
    Kind kind;
    union {
      const char* text;
      Word term;
      const Term* terms;
    };
    u64 n = 0;
  };
  void text(const char* s) { work_.push({.kind = Text, .text = s}); }
  void one(Term t) { work_.push({.kind = One, .term = t.bits()}); }

  bool atom(Term t) {
    print_atom(out_, t);
    left_ -= static_cast<i64>(atom_name(t).size());
    return left_ > 0;
  }
  bool string(Term t);
  bool bitstring(Term t);
  void fun(Term t);
  void hamt(Term t);
  bool term(Term t);

  std::string& out_;
  i64 left_;
  WorkStack<Item, 32> work_;
};

bool Printer::string(Term t) {
  out_ += '"';
  for (; t.is_list(); t = t.tail()) {
    if (left_-- <= 0) return false;
    char c = static_cast<char>(t.head().small_value());
    if (c == '\n') {
      out_ += "\\n";
    } else {
      if (c == '"') out_ += '\\';
      out_ += c;
    }
  }
  out_ += '"';
  return true;
}

bool Printer::bitstring(Term t) {
  Bits b = bits_of(t);
  u64 n = b.bit_size / 8;
  u32 rest = b.bit_size % 8;
  bool printable = n != 0 && rest == 0;
  for (u64 i = 0; i < n && printable; i++) {
    u32 c = octet_at(b, i);
    printable = c >= ' ' && c < 127;
  }
  out_ += printable ? "<<\"" : "<<";
  for (u64 i = 0; i < n; i++) {
    u32 c = octet_at(b, i);
    if (printable) {
      if (c == '"') out_ += '\\';
      out_ += static_cast<char>(c);
    } else {
      if (i != 0) out_ += ',';
      append_number(out_, c);
    }
    if (left_-- <= 0) return false;
  }
  if (rest != 0) {
    if (n != 0) out_ += ',';
    u32 pair = u32{b.base[n]} << 8;
    if (b.bit_offset + rest > 8) pair |= b.base[n + 1];
    append_number(out_, pair >> (16 - b.bit_offset - rest) & ((1u << rest) - 1));
    out_ += ':';
    append_number(out_, rest);
  }
  out_ += printable ? "\">>" : ">>";
  return true;
}

void Printer::fun(Term t) {
  if (t.is(BoxedTag::Fun)) {
    FunIdentity f = fun_identity(view<Fun>(t)->entry);
    out_ += "#Fun<";
    out_ += atom_name(f.module);
    out_ += '.';
    append_number(out_, f.old_index);
    out_ += '.';
    append_number(out_, f.old_uniq);
    out_ += '>';
    return;
  }
  ExportIdentity e = export_identity(view<ExportFun>(t)->entry);
  out_ += "fun ";
  atom(e.module);
  out_ += ':';
  atom(e.function);
  out_ += '/';
  append_number(out_, e.arity);
}

// Large maps show their trie, since their order would suggest more than there is.
void Printer::hamt(Term t) {
  HamtNode h = hamt_node(t);
  char head[16];
  std::snprintf(head, sizeof head, "<%x>{", h.bitmap);
  if (t.boxed_tag() == BoxedTag::HamtRoot) out_ += '#';
  out_ += head;
  text("}");
  work_.push({.kind = Array, .terms = h.children, .n = h.count()});
}

bool Printer::term(Term t) {
  if (left_-- <= 0) return false;
  switch (t.tag()) {
    case Tag::Small: out_ += std::to_string(t.small_value()); return true;
    case Tag::Imm:
      if (t.is_atom()) return atom(t);
      if (t.is_nil()) {
        out_ += "[]";
        return true;
      }
      if (t.is_local_pid() || t.is_local_port()) break;
      out_ += "<catch>";
      return true;
    case Tag::List:
      if (is_printable_list(t)) return string(t);
      out_ += '[';
      text("]");
      work_.push({.kind = Rest, .term = t.bits()});
      return true;
    case Tag::Boxed: break;
    case Tag::None: out_ += "<none>"; return true;
    default: out_ += "<cp/header>"; return true;
  }
  if (t.is_pid()) {
    out_ += '<';
    append_number(out_, node_print_number(t));
    out_ += '.';
    append_number(out_, pid_number(t));
    out_ += '.';
    append_number(out_, pid_serial(t));
    out_ += '>';
    return true;
  }
  if (t.is_port()) {
    out_ += "#Port<";
    append_number(out_, node_print_number(t));
    out_ += '.';
    append_number(out_, port_number(t));
    out_ += '>';
    return true;
  }
  switch (t.boxed_tag()) {
    case BoxedTag::Tuple:
      out_ += '{';
      text("}");
      if (tuple_arity(t) != 0) {
        work_.push({.kind = Array, .terms = tuple_elements(t), .n = tuple_arity(t)});
      }
      return true;
    case BoxedTag::FlatMap: {
      out_ += "#{";
      text("}");
      for (u64 i = flat_map_size(t); i-- > 0;) {
        one(flat_map_values(t)[i]);
        text("=>");
        one(flat_map_keys(t)[i]);
        if (i != 0) text(",");
      }
      return true;
    }
    case BoxedTag::HamtRoot:
    case BoxedTag::HamtNode: hamt(t); return true;
    case BoxedTag::Fun:
    case BoxedTag::Export: fun(t); return true;
    case BoxedTag::RefcBinary:
    case BoxedTag::SubBinary:
    case BoxedTag::HeapBinary: return bitstring(t);
    case BoxedTag::MatchCtx: out_ += "#MatchState"; return true;
    case BoxedTag::Ref:
    case BoxedTag::MagicRef:
    case BoxedTag::ExtRef: {
      RefParts r = ref_parts(t);
      out_ += "#Ref<";
      append_number(out_, node_print_number(t));
      for (u32 i = r.count; i-- > 0;) {
        out_ += '.';
        append_number(out_, r.n[i]);
      }
      out_ += '>';
      return true;
    }
    case BoxedTag::Float: {
      char buffer[64];
      std::snprintf(buffer, sizeof buffer, "%e", float_value(t));
      out_ += buffer;
      return true;
    }
    case BoxedTag::BigPos:
    case BoxedTag::BigNeg: {
      size_t start = out_.size();
      out_.resize(start + integer_text_bound(t, 10));
      out_.resize(start + integer_to_text(t, 10, out_.data() + start));
      return true;
    }
    case BoxedTag::ExtPid:
    case BoxedTag::ExtPort: break;
  }
  return true;
}

void Printer::run(Term t) {
  if (!term(t)) return;
  while (!work_.empty()) {
    Item& next = work_.top();
    switch (next.kind) {
      case Text: out_ += work_.pop().text; break;
      case One:
        if (!term(Term(work_.pop().term))) return;
        break;
      case Array: {
        Term element = *next.terms++;
        if (--next.n == 0) {
          work_.pop();
        } else {
          text(",");
        }
        if (!term(element)) return;
        break;
      }
      case Rest: {
        Term cell = Term(next.term);
        Term tail = cell.tail();
        if (tail.is_nil()) {
          work_.pop();
        } else if (tail.is_list()) {
          next.term = tail.bits();
          text(",");
        } else {
          next = {.kind = One, .term = tail.bits()};
          text("|");
        }
        if (!term(cell.head())) return;
        break;
      }
    }
  }
}

}  // namespace

void print_atom(std::string& out, Term atom) {
  std::string_view name = atom_name(atom);
  if (name.empty()) {
    out += "''";
    return;
  }
  bool quoted = needs_quotes(name);
  if (quoted) out += '\'';
  for (size_t i = 0; i < name.size(); i++) {
    u32 c = static_cast<u8>(name[i]);
    switch (c) {
      case '\'': out += "\\'"; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\b': out += "\\b"; break;
      case '\v': out += "\\v"; break;
      default:
        if (c < ' ') {
          append_octal(out, c);
        } else if (c == 0xC2 && static_cast<u8>(name[i + 1]) < 0xA0) {
          append_octal(out, static_cast<u8>(name[++i]));  // 128..159
        } else {
          out += name[i];
        }
    }
  }
  if (quoted) out += '\'';
}

void print_term(std::string& out, Term t, i64 limit) {
  Printer printer(out, limit);
  printer.run(t);
  if (printer.exhausted()) out += "... ";
}

std::string term_text(Term t, i64 limit) {
  std::string out;
  print_term(out, t, limit);
  return out;
}

}  // namespace lintel
