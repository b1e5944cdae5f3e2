// erlang: printing for debugging, past all of io. display/1 goes to standard output, the others to
// standard error.
#include <unistd.h>

#include <cerrno>

#include "vm/base/utf8.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/print.h"

namespace lintel {

namespace {

// Each newline goes out with a carriage return, as the terminal may be in raw mode.
void write_text(int fd, std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  size_t done = 0;
  while (done < out.size()) {
    ssize_t n = write(fd, out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    done += static_cast<size_t>(n);
  }
}

}  // namespace

BifResult erlang_display_1(Process&, Term* args) {
  write_text(STDOUT_FILENO, term_text(args[0]) + "\n");
  return am::true_;
}

// The same, with the text as its value.
BifResult erts_debug_display_1(Process& p, Term* args) {
  std::string text = term_text(args[0]) + "\n";
  write_text(STDOUT_FILENO, text);
  Builder b = p.reserve(text.size() * kConsWords);
  return chars_to_list(b, text);
}

BifResult erlang_display_string_1(Process& p, Term* args) {
  std::string text;
  Term list = args[0];
  for (; list.is_list(); list = list.tail()) {
    Term h = list.head();
    if (!h.is_small() || h.small_value() < 0 || h.small_value() > 0x10FFFF ||
        (h.small_value() >= 0xD800 && h.small_value() < 0xE000)) {
      return raise_badarg(p);
    }
    append_utf8(text, static_cast<u32>(h.small_value()));
  }
  if (!list.is_nil()) return raise_badarg(p);
  write_text(STDERR_FILENO, text);
  return am::true_;
}

BifResult erlang_display_nl_0(Process&, Term*) {
  write_text(STDERR_FILENO, "\n");
  return am::true_;
}

}  // namespace lintel
