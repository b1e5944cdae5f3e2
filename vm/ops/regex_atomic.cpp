#include "vm/ops/regex_atomic.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "vm/ops/regex.h"

namespace lintel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Group {
  size_t open;
  u32 number = 0;  // 0: captures nothing
  std::string_view name;
  bool extended = false;    // as it was before the group
  bool resets = false;      // (?|: each branch counts from the same number
  u32 first = 0, most = 0;  // of the groups in such branches
  bool refers_to_itself = false;
};

class Scanner {
 public:
  Scanner(std::string_view pattern, u32 bits)
      : p_(pattern),
        no_auto_capture_((bits & kRegexNoAutoCapture) != 0),
        extended_((bits & kRegexExtended) != 0) {}

  // Where "(?>" and ")" are to go in, by position.
  struct Insertion {
    size_t at;
    bool opens;
  };
  std::vector<Insertion> insertions();

 private:
  bool starts(std::string_view text) const { return p_.substr(at_).starts_with(text); }
  // The text up to `end`, behind which the scan goes on.
  std::string_view up_to(char end) {
    size_t to = std::min(p_.find(end, at_), p_.size());
    std::string_view text = p_.substr(at_, to - at_);
    at_ = std::min(to + 1, p_.size());
    return text;
  }
  void escape();
  void skip_class();
  void open();
  void close();
  void open_capture(size_t from, std::string_view name);
  void refer(std::string_view to);
  bool starts_call() const;
  void call(size_t from, char end);

  std::string_view p_;
  size_t at_ = 0;
  bool no_auto_capture_;
  bool extended_;
  u32 count_ = 0;
  std::vector<Group> groups_;  // that are open
  std::vector<Insertion> found_;
};

// A number, signed when it counts from here, or a name.
void Scanner::refer(std::string_view to) {
  if (to.empty()) return;
  bool relative = to[0] == '-';
  std::string_view digits = to.substr(relative ? 1 : 0);
  bool is_number = !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
  u64 n = 0;
  if (is_number) {
    for (char c : digits) n = std::min<u64>(n * 10 + static_cast<u64>(c - '0'), 1 << 20);
    if (relative) n = n <= count_ ? count_ - n + 1 : 0;
  }
  for (Group& g : groups_) {
    if (g.number != 0 && (is_number ? g.number == n : g.name == to)) g.refers_to_itself = true;
  }
}

// Behind a backslash.
void Scanner::escape() {
  if (at_ >= p_.size()) return;
  char c = p_[at_++];
  if (c == 'Q') {
    size_t end = p_.find("\\E", at_);
    at_ = end == std::string_view::npos ? p_.size() : end + 2;
  } else if (c >= '1' && c <= '9') {
    size_t from = at_ - 1;
    while (at_ < p_.size() && is_digit(p_[at_])) at_++;
    refer(p_.substr(from, at_ - from));
  } else if (c == 'g' && at_ < p_.size()) {
    if (p_[at_] == '{') {
      at_++;
      refer(up_to('}'));
    } else if (is_digit(p_[at_]) || p_[at_] == '-') {
      size_t from = at_++;
      while (at_ < p_.size() && is_digit(p_[at_])) at_++;
      refer(p_.substr(from, at_ - from));
    } else if (p_[at_] == '<' || p_[at_] == '\'') {
      size_t from = at_ - 2;
      call(from, p_[at_++] == '<' ? '>' : '\'');
    }
  } else if (c == 'k' && at_ < p_.size()) {
    char quote = p_[at_++];
    refer(up_to(quote == '<' ? '>' : quote == '{' ? '}' : '\''));
  }
}

// Behind a '['. A ']' that comes first stands for itself.
void Scanner::skip_class() {
  if (starts("^")) at_++;
  if (starts("]")) at_++;
  while (at_ < p_.size() && p_[at_] != ']') {
    if (starts("[:") && p_.find(":]", at_) != std::string_view::npos) {
      at_ = p_.find(":]", at_) + 2;
    } else if (starts("\\Q")) {
      size_t end = p_.find("\\E", at_);
      at_ = end == std::string_view::npos ? p_.size() : end + 2;
    } else {
      at_ += p_[at_] == '\\' ? 2 : 1;
    }
  }
  at_ = std::min(at_ + 1, p_.size());
}

void Scanner::open_capture(size_t from, std::string_view name) {
  groups_.push_back({.open = from, .number = ++count_, .name = name, .extended = extended_});
}

// Behind "(?": a call of a group, by number or name.
bool Scanner::starts_call() const {
  if (starts("R") || starts("&") || starts("P>")) return true;
  size_t digit = at_ + (starts("+") || starts("-") ? 1 : 0);
  return digit < p_.size() && is_digit(p_[digit]);
}

// In a call that began at `from`.
void Scanner::call(size_t from, char end) {
  up_to(end);
  found_.push_back({from, true});
  found_.push_back({at_, false});
}

// At a '('.
void Scanner::open() {
  size_t from = at_++;
  if (starts("*")) {
    up_to(')');
    return;
  }
  if (!starts("?")) {
    if (!no_auto_capture_) return open_capture(from, {});
    groups_.push_back({.open = from, .extended = extended_});
    return;
  }
  at_++;
  if (starts("#")) {
    up_to(')');
  } else if (starts_call()) {
    call(from, ')');
  } else if (starts("P=")) {
    at_ += 2;
    refer(up_to(')'));
  } else if (starts("P<") || (starts("<") && !starts("<=") && !starts("<!"))) {
    at_ += starts("P") ? 2 : 1;
    open_capture(from, up_to('>'));
  } else if (starts("'")) {
    at_++;
    open_capture(from, up_to('\''));
  } else if (starts("|")) {
    at_++;
    groups_.push_back({.open = from, .extended = extended_, .resets = true, .first = count_, .most = count_});
  } else if (starts("(")) {
    // A condition is no group, unless it is an assertion.
    groups_.push_back({.open = from, .extended = extended_});
    if (!starts("(?")) up_to(')');
  } else {
    // Settings, alone or before what they are for.
    bool on = true, extended = extended_;
    size_t i = at_;
    for (; i < p_.size() && (std::isalpha(static_cast<u8>(p_[i])) || p_[i] == '-'); i++) {
      if (p_[i] == '-') on = false;
      if (p_[i] == 'x') extended = on;
    }
    if (i < p_.size() && p_[i] == ')') {
      extended_ = extended;
      at_ = i + 1;
      return;
    }
    groups_.push_back({.open = from, .extended = extended_});
    if (i < p_.size() && p_[i] == ':') {
      extended_ = extended;
      at_ = i + 1;
    }
  }
}

// At a ')'.
void Scanner::close() {
  at_++;
  if (groups_.empty()) return;
  Group g = groups_.back();
  groups_.pop_back();
  extended_ = g.extended;
  if (g.resets) count_ = std::max(count_, g.most);
  if (g.refers_to_itself) {
    found_.push_back({g.open, true});
    found_.push_back({at_, false});
  }
}

std::vector<Scanner::Insertion> Scanner::insertions() {
  while (at_ < p_.size()) {
    switch (p_[at_]) {
      case '\\':
        at_++;
        escape();
        break;
      case '[':
        at_++;
        skip_class();
        break;
      case '(': open(); break;
      case ')': close(); break;
      case '|':
        at_++;
        if (!groups_.empty() && groups_.back().resets) {
          groups_.back().most = std::max(groups_.back().most, count_);
          count_ = groups_.back().first;
        }
        break;
      case '#':
        if (extended_) {
          up_to('\n');
          break;
        }
        [[fallthrough]];
      default: at_++;
    }
  }
  // Between two groups the first is closed before the second is opened.
  std::sort(found_.begin(), found_.end(), [](const Insertion& a, const Insertion& b) {
    return a.at != b.at ? a.at < b.at : a.opens < b.opens;
  });
  return found_;
}

}  // namespace

std::string with_atomic_groups(std::string_view pattern, u32 bits) {
  std::string result;
  size_t from = 0;
  for (const Scanner::Insertion& i : Scanner(pattern, bits).insertions()) {
    result += pattern.substr(from, i.at - from);
    result += i.opens ? "(?>" : ")";
    from = i.at;
  }
  result += pattern.substr(from);
  return result;
}

}  // namespace lintel
