#include "vm/ops/regex.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "vm/base/lock.h"
#include "vm/ops/regex_atomic.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace lintel {

static_assert(sizeof(PCRE2_SIZE) == sizeof(u64) && kRegexUnset == PCRE2_UNSET);

namespace {

// ---- keys ----
//
//   "LRE1"   options, 32 bits little-endian   newline   bsr   pattern ...

constexpr std::string_view kMagic = "LRE1";
constexpr size_t kHeaderBytes = 10;

RegexOptions options_of(std::string_view key) {
  RegexOptions o;
  std::memcpy(&o.bits, key.data() + 4, 4);
  o.newline = static_cast<RegexNewline>(key[8]);
  o.bsr = static_cast<RegexBsr>(key[9]);
  return o;
}

// Character c where an escape named it; 0: keep the escape, the character means something by itself.
char plain(u32 c) {
  bool is_control = c < ' ' || c == 0x7f;
  return is_control && c != 0 ? static_cast<char>(c) : '\0';
}

// What the escape at p[at], a backslash, stands for, and how many bytes it takes; 0 when it has to stay.
char control_escape(std::string_view p, size_t at, size_t* length) {
  if (at + 1 >= p.size()) return 0;
  *length = 2;
  switch (p[at + 1]) {
    case 'a': return 7;
    case 'e': return 27;
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: break;
  }
  // \0dd, and \ddd of which nobody has as many groups.
  u32 c = 0;
  if (at + 3 >= p.size()) return 0;
  for (size_t i = at + 1; i <= at + 3; i++) {
    if (p[i] < '0' || p[i] > '7') return 0;
    c = c * 8 + static_cast<u32>(p[i] - '0');
  }
  *length = 4;
  return plain(c);
}

std::string with_plain_controls(std::string_view pattern) {
  std::string text;
  text.reserve(pattern.size());
  for (size_t i = 0; i < pattern.size();) {
    if (pattern[i] != '\\') {
      text += pattern[i++];
      continue;
    }
    size_t length = 2;
    if (pattern.substr(i, 2) == "\\Q") {
      size_t end = pattern.find("\\E", i);
      length = end == std::string_view::npos ? pattern.size() - i : end + 2 - i;
    } else if (char c = control_escape(pattern, i, &length)) {
      text += c;
      i += length;
      continue;
    } else {
      length = pattern.substr(i, 2) == "\\c" ? 3 : 2;
    }
    text += pattern.substr(i, length);
    i += length;
  }
  return text;
}

// Where blanks are left out, or may be from some point on, a control character is not its escape.
bool may_have_plain_controls(u32 bits, std::string_view pattern) {
  if ((bits & kRegexExtended) != 0 || pattern.find("(?") != std::string_view::npos) return false;
  return std::count(pattern.begin(), pattern.end(), '(') < 100;
}

// ---- characters above 127, which are those of ISO 8859-1 ----

// A character of ASCII with the same properties.
u8 like(u32 c) {
  if (c < 0xa0) return 0x7f;
  if (c == 0xaa || c == 0xb5 || c == 0xba) return 'z';
  if (c < 0xc0 || c == 0xd7 || c == 0xf7) return '!';
  return c < 0xdf ? 'Z' : 'z';
}

// PCRE2's tables: lower case, the other case, ten class bitmaps, types.
const u8* make_tables() {
  constexpr u32 kLower = 0, kFlip = 256, kBitmaps = 512, kBitmapCount = 10, kTypes = 832;
  auto* t = const_cast<u8*>(pcre2_maketables(nullptr));
  for (u32 c = 0x80; c < 0x100; c++) {
    u8 template_ = like(c);
    bool has_pair = c >= 0xc0 && c != 0xd7 && c != 0xf7 && c != 0xdf && c != 0xff;
    t[kLower + c] = static_cast<u8>(has_pair ? c | 0x20 : c);
    t[kFlip + c] = static_cast<u8>(has_pair ? c ^ 0x20 : c);
    for (u32 b = 0; b < kBitmapCount; b++) {
      u8* bitmap = t + kBitmaps + 32 * b;
      u32 bit = bitmap[template_ / 8] >> (template_ % 8) & 1;
      bitmap[c / 8] = static_cast<u8>((bitmap[c / 8] & ~(1u << c % 8)) | bit << c % 8);
    }
    t[kTypes + c] = t[kTypes + template_];
  }
  return t;
}

// ---- compilation ----

u32 pcre_options(u32 bits) {
  struct Row {
    u32 ours;
    u32 theirs;
  };
  static constexpr Row rows[] = {
      {kRegexAnchored, PCRE2_ANCHORED},       {kRegexCaseless, PCRE2_CASELESS},
      {kRegexDollarEndonly, PCRE2_DOLLAR_ENDONLY}, {kRegexDotall, PCRE2_DOTALL},
      {kRegexExtended, PCRE2_EXTENDED},       {kRegexFirstline, PCRE2_FIRSTLINE},
      {kRegexMultiline, PCRE2_MULTILINE},     {kRegexNoAutoCapture, PCRE2_NO_AUTO_CAPTURE},
      {kRegexDupnames, PCRE2_DUPNAMES},       {kRegexUngreedy, PCRE2_UNGREEDY},
      {kRegexUcp, PCRE2_UCP},                 {kRegexNeverUtf, PCRE2_NEVER_UTF},
      {kRegexNoStartOptimize, PCRE2_NO_START_OPTIMIZE}, {kRegexUtf, PCRE2_UTF},
  };
  u32 options = 0;
  for (const Row& r : rows) {
    if (bits & r.ours) options |= r.theirs;
  }
  return options;
}

u32 pcre_newline(RegexNewline n) {
  switch (n) {
    case RegexNewline::Cr: return PCRE2_NEWLINE_CR;
    case RegexNewline::Crlf: return PCRE2_NEWLINE_CRLF;
    case RegexNewline::AnyCrlf: return PCRE2_NEWLINE_ANYCRLF;
    case RegexNewline::Any: return PCRE2_NEWLINE_ANY;
    default: return PCRE2_NEWLINE_LF;
  }
}

// What PCRE 8's work space, as OTP builds it, holds of plain groups; of others it holds more or fewer.
constexpr u32 kMostNestedGroups = 798;

// What PCRE 8 says where PCRE2 says something else; the others have the same words.
const char* old_text(int code) {
  switch (code - 100) {
    case 7: return "invalid escape sequence in character class";
    case 9: return "nothing to repeat";
    case 14: return "missing )";
    case 17: return "unknown option bit(s) set";
    case 18: return "missing ) after comment";
    case 19: return "regular expression is too complicated";
    case 21: return "failed to get memory";
    case 22: return "unmatched parentheses";
    case 24: return "malformed number or name after (?(";
    case 26: return "a numbered reference must not be zero";
    case 27: return "conditional group contains more than two branches";
    case 29: return "digit expected after (?+";
    case 34: return "character value in \\x{} or \\o{} is too large";
    case 35: return "lookbehind assertion is not fixed length";
    case 36: return "\\C not allowed in lookbehind assertion";
    case 37: return "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u";
    case 38: return "number after (?C is > 255";
    case 39: return "closing ) for (?C expected";
    case 40: return "(*VERB) not recognized or malformed";
    case 42: return "syntax error in subpattern name (missing terminator)";
    case 43: return "two named subpatterns have the same name";
    case 44: return "group name must start with a non-digit";
    case 47: return "unknown property name after \\P or \\p";
    case 48: return "subpattern name is too long (maximum 32 characters)";
    case 54: return "DEFINE group contains more than one branch";
    case 58: return "(?R or (?[+-]digits must be followed by )";
    case 61: return "number is too big";
    case 68: return "\\c must be followed by an ASCII character";
    case 74: return "setting UTF is disabled by the application";
    case 77: return "character value in \\u.... sequence is too large";
    case 78: return "digits missing in \\x{} or \\o{}";
    case 84: return "parentheses are too deeply nested (stack check)";
    case 95: return "(*VERB) not recognized or malformed";
    default: return nullptr;
  }
}

std::string error_text(int code) {
  if (code < 0) return "invalid UTF-8 string";
  if (const char* text = old_text(code)) return text;
  char buffer[256];
  if (pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(buffer), sizeof buffer) < 0) {
    return "internal error: code overflow";
  }
  return buffer;
}

// Index of the parenthesis that closes the one at `open`, or the length.
size_t closing(std::string_view p, size_t open) {
  int depth = 0;
  bool in_class = false;
  for (size_t i = open; i < p.size(); i++) {
    if (p[i] == '\\') {
      i++;
    } else if (in_class) {
      in_class = p[i] != ']';
    } else if (p[i] == '[') {
      in_class = true;
    } else if (p[i] == '(') {
      depth++;
    } else if (p[i] == ')' && --depth == 0) {
      return i;
    }
  }
  return p.size();
}

constexpr const char* kUnknownAfterGroup = "unrecognized character after (? or (?-";
constexpr const char* kZeroReference = "a numbered reference must not be zero";

// A reference to a group that is not there: PCRE2 points at its start, PCRE 8 behind its name.
void adjust_reference(std::string_view p, RegexError* e) {
  size_t at = e->offset;
  size_t condition = p.rfind("(?(", at);
  if (condition != std::string_view::npos && p.find(')', condition) >= at) {
    size_t end = p.find(')', condition);
    if (end == std::string_view::npos) return;
    if (p.substr(condition + 3, end - condition - 3) == "0") e->text = "invalid condition (?(0)";
    e->offset = end + 1;
    return;
  }
  if (at >= 2 && (p.substr(at - 2, 2) == "g0" || (at == p.size() && p.ends_with("g{0}")))) {
    e->text = kZeroReference;
    e->offset = at - 1;
    return;
  }
  auto is_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '+' || c == '-';
  };
  if (at < p.size() && (p[at] == '{' || p[at] == '<')) at++;
  while (at < p.size() && is_name(p[at])) at++;
  e->offset = at;
}

// The pattern ends inside a group. PCRE 8 says what it missed there.
void adjust_unclosed(std::string_view p, RegexError* e) {
  size_t open = p.rfind('(');
  if (open == std::string_view::npos || e->offset != p.size()) return;
  std::string_view tail = p.substr(open);
  if (tail == "(?P") {
    e->text = "unrecognized character after (?P";
  } else if (p.ends_with("(?(")) {
    e->text = "assertion expected after (?( or (?(?C)";
  } else if (tail.starts_with("(?C") &&
             tail.find_first_not_of("0123456789", 3) == std::string_view::npos) {
    e->text = "closing ) for (?C expected";
  } else if (tail.starts_with("(?") &&
             tail.find_first_not_of("imsxJUX-", 2) == std::string_view::npos) {
    e->text = kUnknownAfterGroup;
  }
}

// Makes of PCRE2's error what PCRE 8 finds wrong, where the two differ.
void adjust_error(int code, std::string_view p, RegexError* e) {
  bool at_end = e->offset == p.size();
  switch (code - 100) {
    case 14:
      adjust_unclosed(p, e);
      break;
    case 15:
      adjust_reference(p, e);
      break;
    case 25:
    case 27:
      if (e->offset < p.size() && p[e->offset] == '(') e->offset = closing(p, e->offset);
      break;
    case 28:
      if (!at_end) e->offset++;
      break;
    case 37:
    case 43:
    case 47:
    case 50:
    case 51:
    case 65:
    case 69:
    case 71:
      if (e->offset > 0) e->offset--;
      break;
    case 54: {
      size_t open = p.rfind("(?(", e->offset);
      if (open != std::string_view::npos) e->offset = closing(p, open);
      break;
    }
    case 57:
      if (at_end && p.ends_with("\\g")) {
        e->text = kZeroReference;
        e->offset--;
      }
      break;
    case 62:
      if (p.ends_with("\\g{}")) {
        e->text = kZeroReference;
      } else if (p.substr(0, e->offset).ends_with("(?<")) {
        e->text = "unrecognized character after (?<";
      } else if (at_end && !p.ends_with("\\k{") && !p.ends_with("\\g<")) {
        e->text = "syntax error in subpattern name (missing terminator)";
      }
      break;
    case 78:
      if (at_end) {
        e->text = p.ends_with("\\o{") ? "non-octal character in \\o{} (closing brace missing?)"
                                      : "non-hex character in \\x{} (closing brace missing?)";
      }
      break;
    case 93:
      e->text = old_text(137);
      e->offset = p.find("\\N{") + 1;
      break;
    default:
      break;
  }
}

// Where the backslash is whose digits, the first 8 or 9, end at `last`; npos when there are none.
size_t escaped_digits(std::string_view p, size_t last) {
  size_t i = last + 1;
  while (i > 0 && p[i - 1] >= '0' && p[i - 1] <= '9') i--;
  bool is_escape = i <= last && i > 0 && p[i - 1] == '\\' && p[i] >= '8';
  return is_escape ? i - 1 : std::string_view::npos;
}

// In a class, PCRE 8 takes a hyphen that makes no range and the letter of an escape that means nothing
// there for themselves, and anywhere an 8 or 9 that no group has the number of. True when the pattern
// was rewritten so.
bool make_literal(int code, std::string* p, u64 offset) {
  if (code == PCRE2_ERROR_CLASS_INVALID_RANGE && offset < p->size() && (*p)[offset] == '-') {
    p->insert(offset, 1, '\\');
    return true;
  }
  if (code == PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS && offset >= 1 && offset < p->size() &&
      (*p)[offset - 1] == '\\') {
    p->erase(offset - 1, 1);
    return true;
  }
  if (code == PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE && offset < p->size()) {
    size_t backslash = escaped_digits(*p, offset);
    if (backslash != std::string::npos) {
      p->erase(backslash, 1);
      return true;
    }
  }
  return false;
}

// PCRE 8 knew (*UTF8) at the start, which PCRE2 calls (*UTF).
std::string with_new_verbs(std::string_view pattern, size_t* shortened_at) {
  std::string p(pattern);
  size_t at = 0;
  *shortened_at = std::string::npos;
  while (p.compare(at, 2, "(*") == 0) {
    size_t end = p.find(')', at);
    if (end == std::string::npos) break;
    if (p.compare(at, end - at + 1, "(*UTF8)") == 0) {
      p.erase(at + 5, 1);
      *shortened_at = at + 5;
      break;
    }
    at = end + 1;
  }
  return p;
}

pcre2_code* compile(std::string_view key, RegexError* error) {
  static const u8* tables = make_tables();
  RegexOptions o = options_of(key);
  size_t shortened_at;
  std::string pattern = with_new_verbs(key.substr(kHeaderBytes), &shortened_at);
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  pcre2_set_character_tables(context, tables);
  pcre2_set_parens_nest_limit(context, kMostNestedGroups);
  pcre2_set_newline(context, pcre_newline(o.newline));
  pcre2_set_bsr(context, o.bsr == RegexBsr::AnyCrlf ? PCRE2_BSR_ANYCRLF : PCRE2_BSR_UNICODE);
  int code;
  PCRE2_SIZE offset;
  u32 options = pcre_options(o.bits);
  // The start of a match is looked for by its first byte, and for \w PCRE2 leaves out the first bytes
  // of the letters from 128 to 255.
  if ((o.bits & kRegexUtf) && !(o.bits & kRegexUcp) && pattern.find("\\w") != std::string::npos) {
    options |= PCRE2_NO_START_OPTIMIZE;
  }
  auto attempt = [&](u32 extra) {
    pcre2_set_compile_extra_options(context, extra | PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK);
    return pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &code,
                         &offset, context);
  };
  // To PCRE 8 an unknown escape is the letter itself. The option that says so lets pass what PCRE 8
  // refuses, too, so it is only for patterns that need it.
  u32 extra = 0;
  pcre2_code* result = attempt(extra);
  while (result == nullptr) {
    if (code == PCRE2_ERROR_UNKNOWN_ESCAPE && extra == 0) {
      extra = PCRE2_EXTRA_BAD_ESCAPE_IS_LITERAL;
    } else if (!make_literal(code, &pattern, offset)) {
      break;
    }
    result = attempt(extra);
  }
  if (result != nullptr) {
    std::string atomic = with_atomic_groups(pattern, o.bits);
    if (atomic != pattern) {
      pattern = std::move(atomic);
      pcre2_code_free(result);
      result = attempt(extra);
    }
  }
  pcre2_compile_context_free(context);
  if (result == nullptr) {
    error->text = error_text(code);
    error->offset = offset;
    adjust_error(code, pattern, error);
    if (error->offset >= shortened_at) error->offset++;
  }
  return result;
}

}  // namespace

std::string regex_key(const RegexOptions& options, std::string_view pattern) {
  std::string key(kMagic);
  key.append(reinterpret_cast<const char*>(&options.bits), 4);
  key.push_back(static_cast<char>(options.newline));
  key.push_back(static_cast<char>(options.bsr));
  key.append(pattern);
  return key;
}

std::string regex_canonical(std::string_view key) {
  std::string_view pattern = key.substr(kHeaderBytes);
  std::string result(key.substr(0, kHeaderBytes));
  result += may_have_plain_controls(options_of(key).bits, pattern) ? with_plain_controls(pattern) : std::string(pattern);
  return result;
}

bool regex_is_key(std::string_view key) {
  return key.size() >= kHeaderBytes && key.starts_with(kMagic) &&
         static_cast<u8>(key[8]) <= static_cast<u8>(RegexNewline::Any) &&
         static_cast<u8>(key[9]) <= static_cast<u8>(RegexBsr::Unicode);
}

std::string regex_key_with(std::string_view key, RegexNewline newline, RegexBsr bsr) {
  std::string k(key);
  if (newline != RegexNewline::Default) k[8] = static_cast<char>(newline);
  if (bsr != RegexBsr::Default) k[9] = static_cast<char>(bsr);
  return k;
}

Regex::Regex(pcre2_real_code_8* code) : code_(code) {
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &captures_);
  pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &name_count_);
  pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &name_entry_size_);
  PCRE2_SPTR names = nullptr;
  pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &names);
  names_ = names;
  u32 newline = 0;
  pcre2_pattern_info(code, PCRE2_INFO_NEWLINE, &newline);
  uses_crlf_ = newline == PCRE2_NEWLINE_CRLF || newline == PCRE2_NEWLINE_ANY ||
               newline == PCRE2_NEWLINE_ANYCRLF;
}
Regex::~Regex() { pcre2_code_free(code_); }

std::string_view Regex::name(u32 i) const {
  return reinterpret_cast<const char*>(names_ + i * name_entry_size_ + 2);
}
u32 Regex::name_number(u32 i) const {
  const u8* entry = names_ + i * name_entry_size_;
  return static_cast<u32>(entry[0] << 8 | entry[1]);
}

// ---- the cache ----
//
// A thread finds what it used last without a lock. The shared table is emptied when it is full; who
// still uses an entry holds a reference.

class RegexCache {
 public:
  RegexRef get(std::string_view key, bool for_run, RegexError* error) {
    size_t hash = std::hash<std::string_view>()(key);
    Recent& recent = recent_[hash % kRecent];
    if (recent.jitted && recent.key == key) return recent.regex;
    RegexRef regex;
    bool jit = false;
    {
      Guard guard(lock_);
      auto it = table_.find(std::string(key));
      if (it != table_.end()) {
        Entry& e = it->second;
        regex = e.regex;
        if (for_run && !e.jitted && ++e.runs >= 2) {
          e.jitted = true;
          jit = true;
        } else if (e.jitted) {
          recent = {std::string(key), regex, true};
        }
      }
    }
    if (regex != nullptr && !jit) return regex;
    // Machine code is added to a copy, since others may be using the original.
    pcre2_code* code = jit ? pcre2_code_copy(regex->code()) : compile(key, error);
    if (code == nullptr) return nullptr;
    if (jit) (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    regex.reset(new Regex(code));
    Guard guard(lock_);
    if (table_.size() >= kMost) table_.clear();
    Entry& e = table_[std::string(key)];
    e.regex = regex;
    e.jitted = e.jitted || jit;
    if (for_run && !jit) e.runs++;
    return regex;
  }

 private:
  static constexpr size_t kMost = 2048;
  static constexpr size_t kRecent = 16;
  struct Entry {
    RegexRef regex;
    u32 runs = 0;
    bool jitted = false;
  };
  struct Recent {
    std::string key;
    RegexRef regex;
    bool jitted = false;
  };
  Mutex<LockRank::Leaf> lock_;
  std::unordered_map<std::string, Entry> table_;
  static thread_local std::array<Recent, kRecent> recent_;
};

thread_local std::array<RegexCache::Recent, RegexCache::kRecent> RegexCache::recent_;

RegexRef regex_get(std::string_view key, bool for_run, RegexError* error) {
  static auto* cache = new RegexCache;  // never destroyed: threads may outlive main's statics
  return cache->get(key, for_run, error);
}

// ---- matching ----

namespace {

// Enough work for a turn on a normal scheduler, in PCRE's count.
constexpr u32 kBriefMatchLimit = 200'000;

// What a thread needs for matching, kept from one match to the next.
struct Workspace {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 16 * 1024 * 1024, nullptr);
  pcre2_match_data* data = nullptr;
  u32 pairs = 0;
  Workspace() { pcre2_jit_stack_assign(context, nullptr, stack); }
  ~Workspace() {
    pcre2_match_data_free(data);
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
  }
  pcre2_match_data* room(u32 needed) {
    if (needed > pairs) {
      pcre2_match_data_free(data);
      pairs = needed < 32 ? 32 : needed;
      data = pcre2_match_data_create(pairs, nullptr);
    }
    return data;
  }
};

u32 pcre_run_options(u32 bits) {
  u32 o = 0;
  if (bits & kRegexRunAnchored) o |= PCRE2_ANCHORED;
  if (bits & kRegexRunNotempty) o |= PCRE2_NOTEMPTY;
  if (bits & kRegexRunNotemptyAtstart) o |= PCRE2_NOTEMPTY_ATSTART;
  if (bits & kRegexRunNotbol) o |= PCRE2_NOTBOL;
  if (bits & kRegexRunNoteol) o |= PCRE2_NOTEOL;
  if (bits & kRegexRunNoUtfCheck) o |= PCRE2_NO_UTF_CHECK;
  return o;
}

}  // namespace

RegexResult regex_run(const Regex& regex, const u8* subject, u64 size, u64 start,
                      const RegexRun& how, u32* count, const u64** spans) {
  static thread_local Workspace w;
  if (start > size) return RegexResult::BadOffset;
  pcre2_match_data* data = w.room(regex.captures() + 1);
  u32 limit = how.match_limit;
  bool is_brief = how.is_brief && kBriefMatchLimit < limit;
  pcre2_set_match_limit(w.context, is_brief ? kBriefMatchLimit : limit);
  pcre2_set_depth_limit(w.context, how.has_depth_limit ? how.depth_limit : kRegexDefaultMatchLimit);
  u32 options = pcre_run_options(how.options);
  // The two limits count what the interpreter does.
  if (how.has_match_limit || how.has_depth_limit) options |= PCRE2_NO_JIT;
  int rc = pcre2_match(regex.code(), subject, size, start, options, data, w.context);
  if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
    rc = pcre2_match(regex.code(), subject, size, start, options | PCRE2_NO_JIT, data, w.context);
  }
  if (rc > 0) {
    *count = static_cast<u32>(rc);
    u64* vector = pcre2_get_ovector_pointer(data);
    for (u32 i = *count; i <= regex.captures(); i++) {
      vector[2 * i] = vector[2 * i + 1] = kRegexUnset;
    }
    *spans = vector;
    return RegexResult::Match;
  }
  switch (rc) {
    case PCRE2_ERROR_NOMATCH:
    case PCRE2_ERROR_RECURSELOOP:
      return RegexResult::NoMatch;
    case PCRE2_ERROR_MATCHLIMIT:
      return is_brief ? RegexResult::Busy : RegexResult::MatchLimit;
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
      return RegexResult::DepthLimit;
    case PCRE2_ERROR_BADOFFSET:
      return RegexResult::BadOffset;
    default:
      return rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21 ? RegexResult::BadUtf
             : rc == PCRE2_ERROR_BADUTFOFFSET                            ? RegexResult::BadUtf
                                                                         : RegexResult::Failed;
  }
}

std::string regex_version() {
  char buffer[64];
  pcre2_config(PCRE2_CONFIG_VERSION, buffer);
  return buffer;
}

}  // namespace lintel
