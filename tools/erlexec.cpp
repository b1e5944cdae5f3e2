// erlexec: turns erl's command line into the emulator's and becomes the emulator.
//
//   erl [+emulator flags] [-init flags] [plain arguments] [-extra anything]
//     -> beam.smp <emulator flags> -- -root R -bindir B -progname P -- -home H -- <the rest>
//
// ERL_AFLAGS come first, then the arguments, then ERL_FLAGS and ERL_<release>_FLAGS, last
// ERL_ZFLAGS. ROOTDIR, BINDIR, PROGNAME and EMU come from the script that runs us (bin/erl).
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Args = std::vector<std::string>;

enum class Value { No, Yes, May, Attached };
struct Option {
  std::string_view flag;
  Value value;
};
constexpr Option kOptions[] = {
#define OPTION(flag, value, meaning) {flag, Value::value},
#include "vm/tables/options.def"
#undef OPTION
};

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "erlexec: %s\n", text.c_str());
  std::exit(1);
}

[[noreturn]] void usage(std::string_view flag) {
  std::fprintf(stderr, "erl: Illegal argument: %.*s\n", static_cast<int>(flag.size()), flag.data());
  std::fprintf(stderr,
               "Usage: erl [-version] [-sname NAME | -name NAME] [-noshell] [-noinput] [-env VAR "
               "VALUE] [-args_file FILENAME] [+A THREADS] [+B[c|d|i]] [+c [BOOLEAN]] [+C MODE] "
               "[+h HEAP_SIZE_OPTION] [+K BOOLEAN] [+l] [+M<SUBSWITCH> <ARGUMENT>] [+P MAX_PROCS] "
               "[+Q MAX_PORTS] [+R COMPAT_REL] [+r] [+rg READER_GROUPS_LIMIT] [+s<SUBSWITCH> "
               "SCHEDULER_OPTION] [+S NO_SCHEDULERS:NO_SCHEDULERS_ONLINE] [+SDio NO_SCHEDULERS] "
               "[+T LEVEL] [+V] [+v] [+W<i|w|e>] [+z MISC_OPTION] [args ...]\n");
  std::exit(1);
}

// Words of a string as the shell would split them: quotes and backslashes, `#` comments if asked.
Args split(std::string_view text, bool comments) {
  Args out;
  std::string word;
  bool in_word = false;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (std::isspace(static_cast<unsigned char>(c))) {
      if (in_word) out.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (c == '#' && comments && !in_word) {
      while (i < text.size() && text[i] != '\n') i++;
    } else if (c == '\'' || c == '"') {
      in_word = true;
      for (i++; i < text.size() && text[i] != c; i++) {
        if (text[i] == '\\' && c == '"' && i + 1 < text.size()) i++;
        word += text[i];
      }
    } else {
      in_word = true;
      if (c == '\\' && i + 1 < text.size()) c = text[++i];
      word += c;
    }
  }
  if (in_word) out.push_back(std::move(word));
  return out;
}

std::string env(const char* name, const char* otherwise = "") {
  const char* v = std::getenv(name);
  return v != nullptr ? v : otherwise;
}

void append_env(Args& to, const std::string& name, bool before_separator) {
  Args words = split(env(name.c_str()), false);
  if (words.empty()) return;
  if (!before_separator) to.push_back("--");
  to.insert(to.end(), words.begin(), words.end());
  if (before_separator) to.push_back("--");
}

// Replaces -args_file F by the words of F, wherever it stands before -extra.
void read_args_files(Args& args, int depth = 0) {
  for (size_t i = 0; i < args.size() && args[i] != "-extra"; i++) {
    if (args[i] != "-args_file") continue;
    if (i + 1 >= args.size()) usage("-args_file");
    if (depth > 100) fail("-args_file refers to itself");
    std::ifstream file(args[i + 1]);
    if (!file) fail("Failed to open arguments file \"" + args[i + 1] + "\": No such file or directory");
    std::stringstream text;
    text << file.rdbuf();
    Args words = split(text.str(), true);
    read_args_files(words, depth + 1);
    args.erase(args.begin() + static_cast<long>(i), args.begin() + static_cast<long>(i) + 2);
    args.insert(args.begin() + static_cast<long>(i), words.begin(), words.end());
    i += words.size();
    i--;
  }
}

const Option* find_option(std::string_view flag) {
  const Option* best = nullptr;
  for (const Option& o : kOptions) {
    if (o.flag == flag) return &o;
    if (o.flag.back() == '*' && flag.starts_with(o.flag.substr(0, o.flag.size() - 1)) &&
        flag.size() >= o.flag.size()) {
      best = &o;
    }
  }
  return best;
}

bool is_small_word(std::string_view w) {
  return w == "c" || w == "d" || w == "i" || w == "true" || w == "false";
}

void detach() {
  if (fork() != 0) _exit(0);
  setsid();
  if (fork() != 0) _exit(0);
  int null = open("/dev/null", O_RDWR);
  for (int fd : {0, 1, 2}) dup2(null, fd);
}

}  // namespace

int main(int argc, char** argv) {
  std::string root = env("ROOTDIR");
  std::string bindir = env("BINDIR");
  if (root.empty()) fail("Environment variable ROOTDIR is not set");
  if (bindir.empty()) fail("Environment variable BINDIR is not set");
  std::string progname = env("PROGNAME", argv[0]);
  std::string home = env("HOME", "/");

  Args args;
  append_env(args, "ERL_AFLAGS", true);
  args.insert(args.end(), argv + 1, argv + argc);
  // What follows -extra must stay last.
  Args extra;
  for (size_t i = 0; i < args.size(); i++) {
    if (args[i] != "-extra") continue;
    extra.assign(args.begin() + static_cast<long>(i), args.end());
    args.resize(i);
    break;
  }
  append_env(args, "ERL_FLAGS", false);
  append_env(args, "ERL_" + env("LINTEL_OTP_RELEASE", "25") + "_FLAGS", false);
  append_env(args, "ERL_ZFLAGS", false);
  read_args_files(args);

  Args emulator;
  Args rest;
  std::string program = bindir + "/beam.smp";
  bool print_only = false;
  bool print_all = false;
  bool want_detached = false;
  for (size_t i = 0; i < args.size(); i++) {
    const std::string& a = args[i];
    auto value = [&]() -> const std::string& {
      if (i + 1 >= args.size()) usage(a);
      return args[i + 1];
    };
    if (a.starts_with("--") && a.size() > 2) {
      emulator.push_back(a);  // this VM's own: --reds=1, --gc-zeal=...
    } else if (a.size() > 1 && a[0] == '+') {
      const Option* o = find_option(std::string_view(a).substr(1));
      if (o == nullptr) {
        // The emulator itself refuses it, with its own usage text.
        emulator.push_back("-" + a.substr(1));
        continue;
      }
      emulator.push_back("-" + a.substr(1));
      if (o->value == Value::Yes) emulator.push_back(value()), i++;
      if (o->value == Value::May && i + 1 < args.size() && is_small_word(args[i + 1])) {
        emulator.push_back(args[++i]);
      }
    } else if (a == "-emu_args") {
      print_all = true;
    } else if (a == "-emu_args_exit") {
      print_all = print_only = true;
    } else if (a == "-env") {
      if (i + 2 >= args.size()) usage(a);
      setenv(args[i + 1].c_str(), args[i + 2].c_str(), 1);
      i += 2;
    } else if (a == "-home") {
      home = value();
      i++;
    } else if (a == "-emu_type" || a == "-emu_flavor") {
      value();
      i++;
    } else if (a == "-smp" || a == "-smpenable" || a == "-smpauto") {
      if (a == "-smp" && i + 1 < args.size() && args[i + 1][0] != '-') i++;
    } else if (a == "-version") {
      execl(program.c_str(), program.c_str(), "-V", nullptr);
      fail("cannot run " + program);
    } else if (a == "-detached") {
      want_detached = true;
      rest.push_back("-noshell");
      rest.push_back("-noinput");
    } else if (a == "-noinput") {
      rest.push_back("-noshell");
      rest.push_back("-noinput");
    } else if (a == "-instr") {
      // memory instrumentation of the stock allocators
    } else {
      rest.push_back(a);
    }
  }
  rest.insert(rest.end(), extra.begin(), extra.end());

  Args full = {program};
  full.insert(full.end(), emulator.begin(), emulator.end());
  for (std::string s : {std::string("--"), std::string("-root"), root, std::string("-bindir"), bindir,
                        std::string("-progname"), progname, std::string("--"),
                        std::string("-home"), home, std::string("--")}) {
    full.push_back(std::move(s));
  }
  full.insert(full.end(), rest.begin(), rest.end());

  if (print_all) {
    for (size_t i = 1; i < full.size(); i++) std::printf("%s\n", full[i].c_str());
    std::printf("\n");
    std::fflush(stdout);
    if (print_only) return 0;
  }
  if (want_detached) detach();

  std::vector<char*> out;
  for (std::string& s : full) out.push_back(s.data());
  out.push_back(nullptr);
  execv(program.c_str(), out.data());
  fail("Error " + std::to_string(errno) + " executing '" + program + "'.");
}
