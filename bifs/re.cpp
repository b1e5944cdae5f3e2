// re: compile/1,2, run/2,3, internal_run/4, inspect/2, version/0, on vm/ops/regex.h. The library's own
// code does what is left: global matching, and subjects and patterns that are lists of characters
// (re:grun/3, urun/3, ucompile/2).
//
// A compiled pattern is {re_pattern, Captures, Unicode, UsesCrlf, Key}.
#include <vector>

#include "vm/code/export.h"
#include "vm/ops/binary_part.h"
#include "vm/ops/bytes.h"
#include "vm/ops/iolist.h"
#include "vm/ops/regex.h"
#include "vm/proc/exception.h"
#include "vm/sched/long_work.h"
#include "vm/sched/dirty.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct Options {
  RegexOptions compile;
  RegexRun run;
  u64 offset = 0;
  Term capture = Term::none();
  Term capture_type = Term::none();
  bool has_compile_only = false;
  bool has_run_only = false;
  bool is_unicode = false;
  bool is_global = false;
  bool report_errors = false;
};

bool small_number(Term t, u64* out) {
  if (!t.is_small() || t.small_value() < 0 || t.small_value() > INT32_MAX) return false;
  *out = static_cast<u64>(t.small_value());
  return true;
}

bool tuple_option(Term t, Options* o) {
  u64 arity = tuple_arity(t);
  if (arity == 0) return false;
  Term tag = tuple_element(t, 0);
  if (arity == 3 && tag == am::capture) {
    o->capture = tuple_element(t, 1);
    o->capture_type = tuple_element(t, 2);
    o->has_run_only = true;
    return true;
  }
  if (arity != 2) return false;
  Term value = tuple_element(t, 1);
  if (tag == am::newline) {
    RegexNewline n;
    if (value == am::cr) n = RegexNewline::Cr;
    else if (value == am::lf) n = RegexNewline::Lf;
    else if (value == am::crlf) n = RegexNewline::Crlf;
    else if (value == am::anycrlf) n = RegexNewline::AnyCrlf;
    else if (value == am::any) n = RegexNewline::Any;
    else return false;
    o->compile.newline = n;
    return true;
  }
  o->has_run_only = true;
  if (tag == am::capture) {
    o->capture = value;
    o->capture_type = am::index;
    return true;
  }
  u64 number;
  if (tag != am::offset && tag != am::match_limit && tag != am::match_limit_recursion) return false;
  if (!small_number(value, &number)) return false;
  if (tag == am::offset) {
    o->offset = number;
  } else if (tag == am::match_limit) {
    o->run.has_match_limit = true;
    o->run.match_limit = static_cast<u32>(number);
  } else {
    o->run.has_depth_limit = true;
    o->run.depth_limit = static_cast<u32>(number);
  }
  return true;
}

bool atom_option(Term t, Options* o) {
  struct Row {
    Term atom;
    u32 compile;
    u32 run;
  };
  // An option with both is allowed everywhere.
  static const Row rows[] = {
      {am::anchored, kRegexAnchored, kRegexRunAnchored},
      {am::notempty, 0, kRegexRunNotempty},
      {am::notempty_atstart, 0, kRegexRunNotemptyAtstart},
      {am::notbol, 0, kRegexRunNotbol},
      {am::noteol, 0, kRegexRunNoteol},
      {am::no_start_optimize, kRegexNoStartOptimize, 0},
      {am::caseless, kRegexCaseless, 0},
      {am::dollar_endonly, kRegexDollarEndonly, 0},
      {am::dotall, kRegexDotall, 0},
      {am::extended, kRegexExtended, 0},
      {am::firstline, kRegexFirstline, 0},
      {am::multiline, kRegexMultiline, 0},
      {am::no_auto_capture, kRegexNoAutoCapture, 0},
      {am::dupnames, kRegexDupnames, 0},
      {am::ungreedy, kRegexUngreedy, 0},
      {am::ucp, kRegexUcp, 0},
      {am::never_utf, kRegexNeverUtf, 0},
      {am::unicode, kRegexUtf, 0},
  };
  for (const Row& r : rows) {
    if (r.atom != t) continue;
    o->compile.bits |= r.compile;
    o->run.options |= r.run;
    if (r.run == 0) o->has_compile_only = true;
    if (r.compile == 0) o->has_run_only = true;
    if (r.compile == kRegexUtf) o->is_unicode = true;
    return true;
  }
  if (t == am::bsr_anycrlf) {
    o->compile.bsr = RegexBsr::AnyCrlf;
  } else if (t == am::bsr_unicode) {
    o->compile.bsr = RegexBsr::Unicode;
  } else if (t == am::global) {
    o->is_global = o->has_run_only = true;
  } else if (t == am::report_errors) {
    o->report_errors = o->has_run_only = true;
  } else {
    return false;
  }
  return true;
}

bool parse_options(Term list, Options* o) {
  for (; list.is_list(); list = list.tail()) {
    Term item = list.head();
    if (item.is_tuple() ? !tuple_option(item, o) : !item.is_atom() || !atom_option(item, o)) {
      return false;
    }
  }
  return list.is_nil();
}

bool is_iolist(Term t) { return t.is_bitstring() || t.is_list() || t.is_nil(); }

// The bytes of a binary or an I/O list.
bool append_bytes(Term t, ByteSink& sink) {
  if (!t.is_bitstring()) return iolist_append(t, sink);
  if (!is_binary(t)) return false;
  sink.bits(bits_of(t));
  return true;
}
std::string_view chars(const ByteSink& s) {
  return {reinterpret_cast<const char*>(s.bytes()), s.size()};
}

Export* library(const char* function, u32 arity) {
  return export_get(am::re, atom_intern(function), arity);
}

// {Text, Offset}, in `wrap` more tuples: {error, It} or {error, {compile, It}}.
Term compile_error(Process& p, const RegexError& e, bool in_run) {
  Builder b = p.reserve(e.text.size() * kConsWords + 3 * tuple_words(2));
  Term t = b.tuple({chars_to_list(b, e.text), Term::small(static_cast<i64>(e.offset))});
  if (in_run) t = b.tuple({am::compile, t});
  return b.tuple({am::error, t});
}

constexpr u64 kPatternWords = tuple_words(5);
Term pattern_term(Builder& b, const Regex& regex, bool unicode, Term key) {
  return b.tuple({am::re_pattern, Term::small(regex.captures()), Term::small(unicode),
                  Term::small(regex.uses_crlf()), key});
}

BifResult compile(Process& p, Term pattern, Term option_list) {
  Options o;
  if (!parse_options(option_list, &o) || o.has_run_only) return raise_badarg_cause(p, am::badopt);
  if (o.is_unicode && !pattern.is_bitstring()) {
    static Export* other = library("ucompile", 2);
    return trap(p, other, {pattern, option_list});
  }
  ByteSink text;
  if (!is_iolist(pattern) || !append_bytes(pattern, text)) return raise_badarg(p);
  std::string key = regex_key(o.compile, chars(text));
  RegexError error;
  RegexRef regex = regex_get(key, false, &error);
  p.bump_reductions(static_cast<i64>(10 + text.size() / 8));
  if (regex == nullptr) return compile_error(p, error, false);
  key = regex_canonical(key);
  Builder b = p.reserve(binary_words(key.size()) + kPatternWords + tuple_words(2));
  return b.tuple({am::ok, pattern_term(b, *regex, o.is_unicode, b.binary(key.data(), key.size()))});
}

// ---- what of a match is wanted ----

enum class CaptureType { Index, List, Binary, None };

struct Capture {
  CaptureType type = CaptureType::Index;
  enum { All, AllButFirst, Listed } which = All;
  // One for each listed value: the groups of that name, of which the first that is set counts; or
  // one number, which may be no group's.
  std::vector<std::vector<u64>> groups;
};

std::vector<u64> groups_named(const Regex& regex, std::string_view name) {
  std::vector<u64> numbers;
  for (u32 i = 0; i < regex.name_count(); i++) {
    if (regex.name(i) == name) numbers.push_back(regex.name_number(i));
  }
  return numbers;
}

bool listed(const Regex& regex, Term list, Capture* c) {
  c->which = Capture::Listed;
  for (; list.is_list(); list = list.tail()) {
    Term value = list.head();
    u64 number;
    if (small_number(value, &number)) {
      c->groups.push_back({number});
    } else if (value.is_atom()) {
      c->groups.push_back(groups_named(regex, atom_name(value)));
    } else {
      ByteSink name;
      if (!is_iolist(value) || !append_bytes(value, name)) return false;
      // A name ends at its first zero byte.
      c->groups.push_back(groups_named(regex, chars(name).substr(0, chars(name).find('\0'))));
    }
  }
  return list.is_nil();
}

bool parse_capture(const Regex& regex, const Options& o, Capture* c) {
  if (o.capture.is_none()) return true;
  if (o.capture_type == am::index) c->type = CaptureType::Index;
  else if (o.capture_type == am::list) c->type = CaptureType::List;
  else if (o.capture_type == am::binary) c->type = CaptureType::Binary;
  else return false;
  Term what = o.capture;
  if (what == am::all) return true;
  if (what == am::none || what.is_nil()) {
    c->type = CaptureType::None;
  } else if (what == am::all_but_first) {
    c->which = Capture::AllButFirst;
  } else if (what == am::first) {
    c->which = Capture::Listed;
    c->groups.push_back({0});
  } else if (what == am::all_names) {
    c->which = Capture::Listed;
    if (regex.name_count() == 0) c->type = CaptureType::None;
    for (u32 i = 0; i < regex.name_count(); i++) {
      if (i == 0 || regex.name(i) != regex.name(i - 1)) {
        c->groups.push_back(groups_named(regex, regex.name(i)));
      }
    }
  } else {
    return what.is_list() && listed(regex, what, c);
  }
  return true;
}

struct Span {
  u64 start = kRegexUnset;
  u64 end = kRegexUnset;
  bool is_set() const { return start != kRegexUnset; }
  u64 size() const { return is_set() && end > start ? end - start : 0; }
};

std::vector<Span> wanted(const Capture& c, const u64* spans, u64 count) {
  std::vector<Span> result;
  auto span = [&](u64 i) { return Span{spans[2 * i], spans[2 * i + 1]}; };
  if (c.which != Capture::Listed) {
    for (u64 i = c.which == Capture::AllButFirst ? 1 : 0; i < count; i++) result.push_back(span(i));
    return result;
  }
  for (const auto& numbers : c.groups) {
    Span s;
    for (u64 n : numbers) {
      if (n < count && span(n).is_set()) {
        s = span(n);
        break;
      }
    }
    result.push_back(s);
  }
  return result;
}

// `subject` is the binary whose parts the results may be; none(): they are copied from `bytes`.
Term match_term(Process& p, const Capture& c, const std::vector<Span>& parts, Term subject,
                const u8* bytes) {
  if (c.type == CaptureType::None) return am::match;
  u64 words = tuple_words(2) + parts.size() * kConsWords;
  for (const Span& s : parts) {
    switch (c.type) {
      case CaptureType::Index: words += tuple_words(2); break;
      case CaptureType::List: words += s.size() * kConsWords; break;
      default: words += subject.is_none() ? binary_words(s.size()) : kSubBinaryWords; break;
    }
  }
  LocalRoots<1> roots(p, subject);
  Builder b = p.reserve(words);
  Term list = Term::nil();
  for (size_t i = parts.size(); i-- > 0;) {
    const Span& s = parts[i];
    u64 start = s.is_set() ? s.start : 0;
    Term t;
    if (c.type == CaptureType::Index) {
      i64 at = s.is_set() ? static_cast<i64>(s.start) : -1;
      i64 length = s.is_set() ? static_cast<i64>(s.end) - static_cast<i64>(s.start) : 0;
      t = b.tuple({Term::small(at), Term::small(length)});
    } else if (c.type == CaptureType::List) {
      t = bytes_to_list(b, bytes + start, s.size());
    } else if (subject.is_none()) {
      t = b.binary(bytes + start, s.size());
    } else {
      BinaryBase base = binary_base(roots[0]);
      t = b.sub_binary(base.base, base.bit_offset + start * 8, s.size() * 8);
    }
    list = b.cons(t, list);
  }
  return b.tuple({am::match, list});
}

// The key of a compiled pattern; false when the term is none.
bool pattern_key(Term t, std::string* key, bool* unicode) {
  if (!is_tuple_of(t, 5) || tuple_element(t, 0) != am::re_pattern) return false;
  for (u64 i = 1; i < 4; i++) {
    if (!tuple_element(t, i).is_small()) return false;
  }
  Term binary = tuple_element(t, 4);
  if (!is_binary(binary)) return false;
  AlignedBytes bytes(binary);
  key->assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  *unicode = tuple_element(t, 2) != Term::small(0);
  return regex_is_key(*key);
}

// The BIF's arguments as they are, for a call on a dirty thread.
BifResult again_on_dirty(Process& p, Term* args, u32 arity) {
  if (arity == 2) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  if (arity == 3) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2], args[3]});
}

BifResult run(Process& p, Term* args, u32 arity, bool first) {
  Term subject = args[0];
  Term pattern = args[1];
  Term option_list = arity > 2 ? args[2] : Term::nil();
  Options o;
  if (!parse_options(option_list, &o)) return raise_badarg_cause(p, am::badopt);
  if (!first) o.run.options |= kRegexRunNoUtfCheck;
  bool list_wanted = o.capture_type == am::list && !o.is_global;
  static Export* urun = library("urun", 3);
  static Export* grun = library("grun", 3);

  std::string key;
  bool unicode = o.is_unicode;
  if (is_tuple_of(pattern, 5)) {
    if (o.has_compile_only || !pattern_key(pattern, &key, &unicode)) return raise_badarg(p);
    if (unicode && (!subject.is_bitstring() || list_wanted)) {
      return trap(p, urun, {subject, pattern, option_list});
    }
    if (o.is_global) {
      Builder b = p.reserve(tuple_words(2));
      Term how = b.tuple({arity > 2 ? args[2] : Term::nil(), am::false_});
      return trap(p, grun, {args[0], args[1], how});
    }
    key = regex_key_with(key, o.compile.newline, o.compile.bsr);
  } else {
    if (!is_iolist(pattern)) return raise_badarg(p);
    if (o.is_unicode && (!pattern.is_bitstring() || !subject.is_bitstring() || list_wanted)) {
      return trap(p, urun, {subject, pattern, option_list});
    }
    ByteSink text;
    if (!append_bytes(pattern, text)) return raise_badarg(p);
    key = regex_key(o.compile, chars(text));
  }

  RegexError error;
  RegexRef regex = regex_get(key, true, &error);
  if (regex == nullptr) {
    if (o.report_errors && !is_tuple_of(pattern, 5)) return compile_error(p, error, true);
    return raise_badarg(p);
  }
  if (o.is_global) {
    // The pattern's text is in there for the stack traces of the library's code.
    Builder b = p.reserve(binary_words(key.size()) + kPatternWords + tuple_words(3));
    Term compiled = pattern_term(b, *regex, o.is_unicode, b.binary(key.data(), key.size()));
    Term how = b.tuple({args[2], am_bool(o.has_compile_only), args[1]});
    return trap(p, grun, {args[0], compiled, how});
  }
  Capture capture;
  if (!parse_capture(*regex, o, &capture)) return raise_badarg(p);

  ByteSink copied;
  const u8* bytes;
  u64 size;
  Term shared = Term::none();
  if (is_binary(subject) && bitstring_bit_size(subject) / 8 > kMaxHeapBinary &&
      aligned_bytes(subject) != nullptr) {
    bytes = aligned_bytes(subject);
    size = bitstring_bit_size(subject) / 8;
    shared = subject;
  } else {
    if (!is_iolist(subject) || !append_bytes(subject, copied)) return raise_badarg(p);
    bytes = copied.bytes();
    size = copied.size();
  }

  // That a subject is valid UTF-8 is checked before all else, at once.
  constexpr u64 kCheckedAtOnce = 1 << 20;
  if (first && unicode && is_long_work(p, size, kCheckedAtOnce)) return again_on_dirty(p, args, arity);
  o.run.is_brief = !on_dirty_thread(p);
  u32 count;
  const u64* spans;
  RegexResult result = regex_run(*regex, bytes, size, o.offset, o.run, &count, &spans);
  u64 looked = size > o.offset ? size - o.offset : 0;
  p.bump_reductions(static_cast<i64>(4 + looked / 512));
  switch (result) {
    case RegexResult::Match:
      return match_term(p, capture, wanted(capture, spans, count), shared, bytes);
    case RegexResult::NoMatch:
      return am::nomatch;
    case RegexResult::MatchLimit:
    case RegexResult::DepthLimit: {
      if (!o.report_errors) return am::nomatch;
      Builder b = p.reserve(tuple_words(2));
      return b.tuple({am::error, result == RegexResult::MatchLimit ? am::match_limit
                                                                   : am::match_limit_recursion});
    }
    case RegexResult::Busy:
      return again_on_dirty(p, args, arity);
    case RegexResult::BadUtf:
      return raise_badarg(p);
    case RegexResult::BadOffset:
    case RegexResult::Failed:
      return raise_error(p, am::internal_error);
  }
  return am::nomatch;
}

}  // namespace

BifResult re_version_0(Process& p, Term*) {
  std::string version = regex_version();
  return p.reserve(binary_words(version.size())).binary(version.data(), version.size());
}

BifResult re_compile_1(Process& p, Term* args) { return compile(p, args[0], Term::nil()); }
BifResult re_compile_2(Process& p, Term* args) { return compile(p, args[0], args[1]); }

BifResult re_run_2(Process& p, Term* args) { return run(p, args, 2, true); }
BifResult re_run_3(Process& p, Term* args) { return run(p, args, 3, true); }
BifResult re_internal_run_4(Process& p, Term* args) {
  if (args[3] != am::true_ && args[3] != am::false_) return raise_badarg(p);
  return run(p, args, 4, args[3] == am::true_);
}

BifResult re_inspect_2(Process& p, Term* args) {
  std::string key;
  bool unicode;
  if (!pattern_key(args[0], &key, &unicode) || args[1] != am::namelist) return raise_badarg(p);
  RegexError error;
  RegexRef regex = regex_get(key, false, &error);
  if (regex == nullptr) return raise_badarg(p);
  std::vector<std::string_view> names;
  u64 words = tuple_words(2);
  for (u32 i = 0; i < regex->name_count(); i++) {
    if (i != 0 && regex->name(i) == regex->name(i - 1)) continue;
    names.push_back(regex->name(i));
    words += kConsWords + binary_words(names.back().size());
  }
  Builder b = p.reserve(words);
  Term list = Term::nil();
  for (size_t i = names.size(); i-- > 0;) {
    list = b.cons(b.binary(names[i].data(), names[i].size()), list);
  }
  return b.tuple({am::namelist, list});
}

}  // namespace lintel
