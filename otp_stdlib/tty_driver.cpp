// tty_sl: the terminal under the interactive shell of OTP 25 and earlier.
//
// user_drv edits the line; the driver keeps a copy of what stands on the screen since the last line
// break and turns edits into terminal output. Commands are an operation byte and its argument:
//
//   0 put Text    writes at the cursor, over what is there       1 move N    N characters
//   2 insert Text pushes the rest of the line to the right       3 delete N  after (or before) it
//   4 beep                                                        5 put Text, then answer {Port, ok}
//
// A character takes the columns that the terminal gives it: two for wide ones, none for combining
// ones and escape sequences, up to eight for a tab, two for a control character shown as ^X. The
// line wraps at the terminal's width; after writing into the last column the cursor is made to stand
// on the next row.
//
// Text goes both ways in UTF-8. On a terminal that is not, other characters than ASCII are shown as
// \x{...}.
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include <climits>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "otp_stdlib/stream_port.h"

namespace {

enum Operation { kPut = 0, kMove = 1, kInsert = 2, kDelete = 3, kBeep = 4, kPutSync = 5 };
constexpr unsigned kControlBase = 0x018b0900;
constexpr int kInput = 0;
constexpr int kOutput = 1;
constexpr size_t kSyncLimit = 1 << 16;  // bytes queued above which {Port, ok} waits

// The terminal's modes, for the handler of SIGCONT and the end of the VM.
struct termios mode_before;
struct termios mode_ours;
volatile sig_atomic_t is_mode_set = 0;

void set_our_mode(int) {
  if (is_mode_set) tcsetattr(kInput, TCSADRAIN, &mode_ours);
}
void restore_mode() {
  if (is_mode_set) tcsetattr(kInput, TCSADRAIN, &mode_before);
  is_mode_set = 0;
}

struct Cell {
  char32_t character;
  enum Kind : uint8_t { Plain, Tab, Control, Escape } kind;
};

class Screen {
 public:
  bool is_utf8 = false;
  std::string out;  // to be written

  void put(const std::u32string& text);
  void insert(const std::u32string& text);
  void move(int n);
  void erase(int n);

 private:
  int width() const;
  int columns_of(const Cell& c, int at) const;
  int column(size_t index) const;  // of the cell with this index, counted from the line's start
  void show(size_t from, size_t to, bool line_ends);
  void go(int from, int to);
  void blank_and_return(int from, int count, size_t back_to);
  static Cell cell_of(char32_t c, bool in_escape);
  void encode(char32_t c);

  std::vector<Cell> line_;
  size_t cursor_ = 0;
};

int Screen::width() const {
  struct winsize w;
  return ::ioctl(kOutput, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

Cell Screen::cell_of(char32_t c, bool in_escape) {
  if (in_escape || c == 0x1b) return {c, Cell::Escape};
  if (c == '\t') return {c, Cell::Tab};
  if (c < 0x20 || c == 0x7f) return {c, Cell::Control};
  return {c, Cell::Plain};
}

int Screen::columns_of(const Cell& c, int at) const {
  switch (c.kind) {
    case Cell::Escape: return 0;
    case Cell::Tab: return 8 - at % 8;
    case Cell::Control: return 2;
    default: break;
  }
  if (c.character < 0x80) return 1;
  if (!is_utf8) return static_cast<int>(5 + (c.character > 0xfff ? 4 : 2));  // about \x{...}
  int w = ::wcwidth(static_cast<wchar_t>(c.character));
  return w < 0 ? 1 : w;
}

int Screen::column(size_t index) const {
  int at = 0;
  for (size_t i = 0; i < index && i < line_.size(); i++) at += columns_of(line_[i], at);
  return at;
}

void Screen::encode(char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (!is_utf8) {
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%X}", static_cast<unsigned>(c));
    out += text;
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

// Writes cells; the cursor stands at the first. A full row is followed by a blank and a step back, so
// that the terminal's cursor goes where we count it, unless a line break comes anyhow.
void Screen::show(size_t from, size_t to, bool line_ends) {
  int at = column(from);
  for (size_t i = from; i < to; i++) {
    const Cell& c = line_[i];
    int columns = columns_of(c, at);
    switch (c.kind) {
      case Cell::Tab: out.append(static_cast<size_t>(columns), ' '); break;
      case Cell::Control:
        out.push_back('^');
        out.push_back(static_cast<char>(c.character == 0x7f ? '?' : c.character | 0x40));
        break;
      default: encode(c.character); break;
    }
    at += columns;
  }
  if (line_ends || to == from || at == 0 || at % width() != 0) return;
  if (to < line_.size()) {
    // What stands there is written again.
    encode(line_[to].kind == Cell::Plain ? line_[to].character : U' ');
  } else {
    out.push_back(' ');
  }
  out.push_back('\r');
}

// From column to column of the wrapped line.
void Screen::go(int from, int to) {
  int w = width();
  int rows = to / w - from / w;
  int columns = to % w - from % w;
  auto step = [&](int n, const char* sequence) {
    for (; n > 0; n--) out += sequence;
  };
  step(rows, "\n");
  step(-rows, "\x1b[A");
  step(columns, "\x1b[C");
  step(-columns, "\b");
}

// After cells went away: blanks where `count` columns stood at `from`, then back to a cell.
void Screen::blank_and_return(int from, int count, size_t back_to) {
  out.append(static_cast<size_t>(count > 0 ? count : 0), ' ');
  int end = from + (count > 0 ? count : 0);
  if (count > 0 && end % width() == 0) out += " \r";
  go(end, column(back_to));
}

void Screen::put(const std::u32string& text) {
  size_t shown = cursor_;
  bool in_escape = false;
  for (size_t i = 0; i < text.size(); i++) {
    char32_t c = text[i];
    if (c == '\n' || c == '\r') {
      show(shown, cursor_, true);
      out.push_back('\r');
      if (c == '\n') out.push_back('\n');
      line_.erase(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(cursor_));
      cursor_ = shown = 0;
      in_escape = false;
      continue;
    }
    Cell cell = cell_of(c, in_escape);
    if (c == 0x1b) {
      in_escape = true;
    } else if (in_escape) {
      bool goes_on = c == '[' || c == ';' || (c >= '0' && c <= '9');
      in_escape = goes_on;
    }
    if (cursor_ < line_.size()) {
      line_[cursor_] = cell;
    } else {
      line_.push_back(cell);
    }
    cursor_++;
  }
  show(shown, cursor_, false);
}

void Screen::insert(const std::u32string& text) {
  std::vector<Cell> tail(line_.begin() + static_cast<std::ptrdiff_t>(cursor_), line_.end());
  line_.resize(cursor_);
  put(text);
  if (tail.empty()) return;
  size_t from = cursor_;
  line_.insert(line_.end(), tail.begin(), tail.end());
  show(from, line_.size(), false);
  go(column(line_.size()), column(cursor_));
}

void Screen::move(int n) {
  size_t to = cursor_;
  for (; n > 0 && to < line_.size(); n--) to++;
  for (; n < 0 && to > 0; n++) to--;
  go(column(cursor_), column(to));
  cursor_ = to;
}

void Screen::erase(int n) {
  int end_before = column(line_.size());
  size_t first = cursor_;
  size_t last = cursor_;
  for (; n > 0 && last < line_.size(); n--) last++;
  for (; n < 0 && first > 0; n++) first--;
  if (first == last) return;
  go(column(cursor_), column(first));
  line_.erase(line_.begin() + static_cast<std::ptrdiff_t>(first),
              line_.begin() + static_cast<std::ptrdiff_t>(last));
  cursor_ = first;
  show(first, line_.size(), false);
  int end = column(line_.size());
  blank_and_return(end, end_before - end, first);
}

std::u32string decode(const char* bytes, size_t size) {
  std::u32string text;
  const auto* p = reinterpret_cast<const unsigned char*>(bytes);
  for (size_t i = 0; i < size;) {
    char32_t c = p[i++];
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more != 0) c &= static_cast<char32_t>(0x3f >> more);
    for (; more > 0 && i < size; more--) c = c << 6 | (p[i++] & 0x3f);
    text.push_back(c);
  }
  return text;
}

// ---- the port ----

struct Tty {
  StreamPort stream;
  Screen screen;
  std::string input;  // the beginning of a character
  bool owes_ok = false;
};

Tty* tty(ErlDrvData data) { return reinterpret_cast<Tty*>(data); }
bool is_open = false;

// The name is "tty_sl" and flags: -c no line mode, -e no echo, -s no signals.
void apply_flags(const char* name, struct termios* mode) {
  mode->c_iflag &= ~static_cast<tcflag_t>(ISTRIP);
  if (std::strstr(name, "-c") != nullptr) {
    mode->c_iflag &= ~static_cast<tcflag_t>(ICRNL);
    mode->c_lflag &= ~static_cast<tcflag_t>(ICANON);
    mode->c_oflag &= ~static_cast<tcflag_t>(OPOST);
    mode->c_cc[VMIN] = 1;
    mode->c_cc[VTIME] = 0;
  }
  if (std::strstr(name, "-e") != nullptr) mode->c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (std::strstr(name, "-s") != nullptr) mode->c_lflag &= ~static_cast<tcflag_t>(ISIG | IXON);
}

ErlDrvData start(ErlDrvPort port, char* name) {
  if (is_open || !::isatty(kInput) || !::isatty(kOutput)) return ERL_DRV_ERROR_GENERAL;
  char terminal[64];
  size_t size = sizeof terminal;
  if (erl_drv_getenv("TERM", terminal, &size) == 0 && std::strcmp(terminal, "dumb") == 0) {
    return ERL_DRV_ERROR_GENERAL;
  }
  if (tcgetattr(kInput, &mode_before) != 0) return ERL_DRV_ERROR_GENERAL;
  mode_ours = mode_before;
  apply_flags(name, &mode_ours);
  if (tcsetattr(kInput, TCSANOW, &mode_ours) != 0) return ERL_DRV_ERROR_GENERAL;
  is_mode_set = 1;
  is_open = true;
  auto* t = new Tty();
  t->stream.port = port;
  t->stream.in = kInput;
  t->stream.out = kOutput;
  t->stream.may_block = true;
  std::setlocale(LC_CTYPE, "");
  t->screen.is_utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  struct sigaction action {};
  action.sa_handler = set_our_mode;
  action.sa_flags = SA_RESTART;
  sigaction(SIGCONT, &action, nullptr);
  driver_select(port, event_of(kInput), ERL_DRV_READ | ERL_DRV_USE, 1);
  return reinterpret_cast<ErlDrvData>(t);
}

void stop(ErlDrvData data) {
  Tty* t = tty(data);
  driver_select(t->stream.port, event_of(kInput), ERL_DRV_USE_NO_CALLBACK | ERL_DRV_READ, 0);
  driver_select(t->stream.port, event_of(kOutput), ERL_DRV_USE_NO_CALLBACK | ERL_DRV_WRITE, 0);
  restore_mode();
  is_open = false;
  delete t;
}

void emergency_close(ErlDrvData) { restore_mode(); }

void answer_ok(Tty* t) {
  ErlDrvTermData message[] = {ERL_DRV_PORT, driver_mk_port(t->stream.port), ERL_DRV_ATOM,
                              driver_mk_atom(const_cast<char*>("ok")), ERL_DRV_TUPLE, 2};
  erl_drv_output_term(driver_mk_port(t->stream.port), message, sizeof message / sizeof message[0]);
}

int signed_16(const char* p) {
  return static_cast<int16_t>(static_cast<unsigned char>(p[0]) << 8 | static_cast<unsigned char>(p[1]));
}

void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  Tty* t = tty(data);
  if (size == 0) return;
  const char* argument = bytes + 1;
  size_t rest = size - 1;
  switch (bytes[0]) {
    case kPut:
    case kPutSync: t->screen.put(decode(argument, rest)); break;
    case kInsert: t->screen.insert(decode(argument, rest)); break;
    case kMove:
      if (rest >= 2) t->screen.move(signed_16(argument));
      break;
    case kDelete:
      if (rest >= 2) t->screen.erase(signed_16(argument));
      break;
    case kBeep: t->screen.out.push_back('\a'); break;
    default: break;
  }
  bool was_empty = driver_sizeq(t->stream.port) == 0;
  if (!t->screen.out.empty()) {
    driver_enq(t->stream.port, t->screen.out.data(), t->screen.out.size());
    t->screen.out.clear();
  }
  if (was_empty && driver_sizeq(t->stream.port) != 0 && !t->stream.drain()) {
    driver_select(t->stream.port, event_of(kOutput), ERL_DRV_WRITE | ERL_DRV_USE, 1);
  }
  if (bytes[0] != kPutSync) return;
  if (driver_sizeq(t->stream.port) > kSyncLimit) {
    t->owes_ok = true;
  } else {
    answer_ok(t);
  }
}

void ready_output(ErlDrvData data, ErlDrvEvent) {
  Tty* t = tty(data);
  ErlDrvPort port = t->stream.port;
  bool owes = t->owes_ok && driver_sizeq(port) <= kSyncLimit + PIPE_BUF;
  if (owes) {
    t->owes_ok = false;
    answer_ok(t);
  }
  t->stream.drain();
}

// Bytes of whole characters go on as they are; those of a terminal without UTF-8 are recoded.
void ready_input(ErlDrvData data, ErlDrvEvent) {
  Tty* t = tty(data);
  char buffer[1024];
  ssize_t n = ::read(kInput, buffer, sizeof buffer);
  if (n < 0) {
    if (errno != EINTR && errno != EAGAIN) driver_failure_posix(t->stream.port, errno);
    return;
  }
  if (n == 0) {
    driver_select(t->stream.port, event_of(kInput), ERL_DRV_READ, 0);
    driver_failure_eof(t->stream.port);
    return;
  }
  if (!t->screen.is_utf8) {
    std::string text;
    for (ssize_t i = 0; i < n; i++) {
      auto c = static_cast<unsigned char>(buffer[i]);
      if (c < 0x80) {
        text.push_back(buffer[i]);
      } else {
        text.push_back(static_cast<char>(0xc0 | c >> 6));
        text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
      }
    }
    driver_output(t->stream.port, text.data(), text.size());
    return;
  }
  t->input.append(buffer, static_cast<size_t>(n));
  // A character cut at the end waits for its rest.
  size_t whole = t->input.size();
  for (size_t back = 1; back <= 3 && back <= t->input.size(); back++) {
    auto c = static_cast<unsigned char>(t->input[t->input.size() - back]);
    if ((c & 0xc0) == 0x80) continue;
    size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    if (length > back) whole = t->input.size() - back;
    break;
  }
  driver_output(t->stream.port, t->input.data(), whole);
  t->input.erase(0, whole);
}

// The queue is written out by ready_output.
void flush(ErlDrvData) {}

ErlDrvSSizeT control(ErlDrvData data, unsigned command, char* argument, ErlDrvSizeT size, char** reply,
                     ErlDrvSizeT room) {
  Tty* t = tty(data);
  if (command == kControlBase + 100) {
    struct winsize w;
    uint32_t numbers[2] = {80, 24};
    if (::ioctl(kInput, TIOCGWINSZ, &w) == 0) {
      if (w.ws_col > 0) numbers[0] = w.ws_col;
      if (w.ws_row > 0) numbers[1] = w.ws_row;
    }
    if (room < sizeof numbers) *reply = static_cast<char*>(driver_alloc(sizeof numbers));
    std::memcpy(*reply, numbers, sizeof numbers);
    return sizeof numbers;
  }
  if (command != kControlBase + 101 && command != kControlBase + 102) return -1;
  **reply = t->screen.is_utf8 ? 1 : 0;
  if (command == kControlBase + 102) {
    if (size == 0) return 0;
    t->screen.is_utf8 = argument[0] != 0;
  }
  return 1;
}

ErlDrvEntry make_entry() {
  ErlDrvEntry e{};
  e.start = reinterpret_cast<decltype(e.start)>(start);
  e.stop = stop;
  e.output = output;
  e.ready_input = ready_input;
  e.ready_output = ready_output;
  e.driver_name = const_cast<char*>("tty_sl");
  e.control = control;
  e.flush = flush;
  e.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  e.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  e.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  e.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  e.emergency_close = emergency_close;
  return e;
}

}  // namespace

extern "C" {
ErlDrvEntry tty_driver_entry = make_entry();
}
