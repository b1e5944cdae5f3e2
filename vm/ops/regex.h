// Regular expressions: PCRE2 made to behave like the PCRE 8 that the library's documentation
// describes, with a cache of compiled code.
//
// A pattern as a program holds it is a *key*: a few bytes of options and the pattern's text. It can
// be sent, stored in a file and compared like any binary, and survives the process and the node. The
// machine code for it is made when it is used, once for all processes, and kept for the next time.
// A pattern that is used again gets PCRE2's just-in-time code.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "vm/base/types.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;

namespace lintel {

enum class RegexNewline : u8 { Default, Cr, Lf, Crlf, AnyCrlf, Any };
enum class RegexBsr : u8 { Default, AnyCrlf, Unicode };

// Options of compilation; of the newline and bsr settings later ones win.
enum RegexOption : u32 {
  kRegexAnchored = 1 << 0,
  kRegexCaseless = 1 << 1,
  kRegexDollarEndonly = 1 << 2,
  kRegexDotall = 1 << 3,
  kRegexExtended = 1 << 4,
  kRegexFirstline = 1 << 5,
  kRegexMultiline = 1 << 6,
  kRegexNoAutoCapture = 1 << 7,
  kRegexDupnames = 1 << 8,
  kRegexUngreedy = 1 << 9,
  kRegexUcp = 1 << 10,
  kRegexNeverUtf = 1 << 11,
  kRegexNoStartOptimize = 1 << 12,
  kRegexUtf = 1 << 13,
};

struct RegexOptions {
  u32 bits = 0;
  RegexNewline newline = RegexNewline::Default;
  RegexBsr bsr = RegexBsr::Default;
};

std::string regex_key(const RegexOptions& options, std::string_view pattern);
// The key of a pattern that compiles, the same for patterns that differ only in how they write a control
// character: programs compare compiled patterns.
std::string regex_canonical(std::string_view key);
bool regex_is_key(std::string_view key);
// The same pattern under another newline or bsr setting, where one is given.
std::string regex_key_with(std::string_view key, RegexNewline newline, RegexBsr bsr);

// Compiled code, shared by all threads.
class Regex {
 public:
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  pcre2_real_code_8* code() const { return code_; }
  u32 captures() const { return captures_; }
  // Newlines may be two characters long.
  bool uses_crlf() const { return uses_crlf_; }
  // Named groups, by name: {name, number}. A name may occur more than once.
  u32 name_count() const { return name_count_; }
  std::string_view name(u32 i) const;
  u32 name_number(u32 i) const;

 private:
  friend class RegexCache;
  explicit Regex(pcre2_real_code_8* code);
  pcre2_real_code_8* code_;
  u32 captures_ = 0;
  u32 name_count_ = 0;
  u32 name_entry_size_ = 0;
  const u8* names_ = nullptr;
  bool uses_crlf_ = false;
};
using RegexRef = std::shared_ptr<Regex>;

struct RegexError {
  std::string text;  // as PCRE 8 words it
  u64 offset = 0;
};

// Null with *error set when the pattern is bad. `for_run`: it is about to be run, so it counts as a
// use.
RegexRef regex_get(std::string_view key, bool for_run, RegexError* error);

enum RegexRunOption : u32 {
  kRegexRunAnchored = 1 << 0,
  kRegexRunNotempty = 1 << 1,
  kRegexRunNotemptyAtstart = 1 << 2,
  kRegexRunNotbol = 1 << 3,
  kRegexRunNoteol = 1 << 4,
  kRegexRunNoUtfCheck = 1 << 5,
};

inline constexpr u32 kRegexDefaultMatchLimit = 10'000'000;  // PCRE's

struct RegexRun {
  u32 options = 0;              // RegexRunOption
  bool has_match_limit = false;
  u32 match_limit = kRegexDefaultMatchLimit;
  bool has_depth_limit = false;
  u32 depth_limit = 0;
  // Gives up as Busy when the match takes longer than is right on a normal scheduler.
  bool is_brief = false;
};

enum class RegexResult { Match, NoMatch, MatchLimit, DepthLimit, Busy, BadUtf, BadOffset, Failed };

inline constexpr u64 kRegexUnset = ~u64{0};

// Matches. On Match *count is the number of the highest group set plus one, and spans[2 * i],
// spans[2 * i + 1] are where group i starts and ends, or kRegexUnset; there are captures() + 1 of
// them, good until this thread's next match.
RegexResult regex_run(const Regex& regex, const u8* subject, u64 size, u64 start,
                      const RegexRun& how, u32* count, const u64** spans);

std::string regex_version();

}  // namespace lintel
