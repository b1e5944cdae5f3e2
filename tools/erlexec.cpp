// erlexec: turns erl's command line into the emulator's and becomes the emulator.
//
//   erl [+emulator flags] [-init flags] [plain arguments] [-extra anything]
//     -> beam.smp <emulator flags> -- -root R -bindir B -progname P -- -home H -- <the rest>
//
// The words come from ERL_OTP<release>_FLAGS, ERL_AFLAGS, the command line, ERL_FLAGS and
// ERL_ZFLAGS, in this order, with `--` after each source so that a flag of one does not swallow the
// words of the next. What follows -extra in any of them is moved to the end. -args_file is replaced
// by the words of the file. ROOTDIR, BINDIR, PROGNAME and EMU come from the script that runs us.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/option_table.h"

namespace {

using Args = std::vector<std::string>;

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "erlexec: %s\n", text.c_str());
  std::exit(1);
}

[[noreturn]] void usage(const std::string& why) {
  std::fprintf(stderr,
               "%s\n"
               "Usage: erl [-version] [-sname NAME | -name NAME] [-noshell] [-noinput] [-detached] "
               "[-env VAR VALUE] [-args_file FILE] [-make] [-man PAGE] [-emu_args] [-emu_args_exit] "
               "[-start_epmd BOOLEAN] [+FLAG [VALUE] ...] [--reds=N] [--gc-zeal=P[,SEED]] "
               "[--verify-heap] [--sched-seed=N] [--backend=interp|jit] [--jit-threshold=N] "
               "[--otp-root=DIR] [arguments] [-extra arguments]\n"
               "The +flags: erl +help\n",
               why.c_str());
  std::exit(1);
}

std::string missing(std::string_view flag) {
  return "Missing argument(s) for '" + std::string(flag) + "'.";
}

const char* env(const char* name) { return std::getenv(name); }

// The words of a text: blanks separate, quotes of either kind keep them, a backslash keeps the next
// character (not inside quotes), `#` begins a comment in files.
Args split(std::string_view text, bool comments) {
  Args out;
  size_t i = 0;
  auto blank = [&] { return std::strchr(" \n\f\r\t\v", text[i]) != nullptr; };
  for (;;) {
    while (i < text.size() && blank()) i++;
    if (i == text.size()) break;
    if (comments && text[i] == '#') {
      while (i < text.size() && text[i] != '\n') i++;
      continue;
    }
    std::string word;
    while (i < text.size() && !blank() && !(comments && text[i] == '#')) {
      char c = text[i++];
      if (c == '"' || c == '\'') {
        while (i < text.size() && text[i] != c) word += text[i++];
        i += i < text.size();
      } else if (c == '\\') {
        if (i < text.size()) word += text[i++];
      } else {
        word += c;
      }
    }
    out.push_back(std::move(word));
  }
  if (!out.empty()) out.push_back("--");
  return out;
}

struct Line {
  Args words;
  Args extra;              // what stood after -extra
  bool bare_extra = false; // an -extra with nothing after it, which is kept
};

Args words_of_file(const std::string& name) {
  std::ifstream file(name);
  if (!file) {
    char here[4096];
    if (getcwd(here, sizeof here) == nullptr) here[0] = 0;
    usage("Failed to open arguments file \"" + name + "\" at \"" + here + "\": " + std::strerror(errno));
  }
  std::stringstream text;
  text << file.rdbuf();
  return split(text.str(), true);
}

// An -extra ends its own source; in a file that another one named, it ends that file alone.
void take(const Args& source, Line& line, int depth = 0) {
  if (depth > 100) fail("-args_file refers to itself");
  for (size_t i = 0; i < source.size(); i++) {
    if (source[i] == "-args_file") {
      if (++i == source.size()) usage(missing("-args_file"));
      take(words_of_file(source[i]), line, depth + 1);
    } else if (source[i] == "-extra") {
      line.extra.insert(line.extra.end(), source.begin() + static_cast<long>(i) + 1, source.end());
      return;
    } else {
      line.words.push_back(source[i]);
    }
  }
}

Line command_line(int argc, char** argv) {
  Line line;
  auto take_env = [&](const std::string& name) {
    const char* text = env(name.c_str());
    Args words = text != nullptr ? split(text, false) : Args();
    take(words, line);
    return !words.empty();
  };
  Args given(argv + 1, argv + argc);
  bool alone = true;  // nothing but the command line, and no file named on it
  for (const std::string& word : given) {
    if (word == "-extra") break;
    if (word == "-args_file") alone = false;
  }
  if (take_env("ERL_OTP" LINTEL_OTP_RELEASE "_FLAGS")) alone = false;
  if (take_env("ERL_AFLAGS")) alone = false;
  take(given, line);
  size_t end_of_given = line.words.size();
  if (take_env("ERL_FLAGS")) alone = false;
  if (take_env("ERL_ZFLAGS")) alone = false;
  line.bare_extra = alone && !given.empty() && given.back() == "-extra" && line.extra.empty();
  if (!alone && !given.empty()) {
    line.words.insert(line.words.begin() + static_cast<long>(end_of_given), "--");
  }
  return line;
}

// Puts the emulator's own folder first on PATH, so that erl, erlc and the rest, started from inside
// the VM, are these.
void set_path(const std::string& bindir, const std::string& rootdir) {
  const char* old = env("PATH");
  std::string path = bindir + ":";
  if (old == nullptr || std::strstr(old, rootdir.c_str()) == nullptr) {
    path += rootdir + "/bin:" + (old != nullptr ? old : "");
  } else {
    std::string rest = old;
    for (size_t at; (at = rest.find(bindir + ":")) != std::string::npos;) {
      rest.erase(at, bindir.size() + 1);
    }
    path += rest;
  }
  setenv("PATH", path.c_str(), 1);
}

void detach() {
  if (fork() != 0) _exit(0);
  setsid();
  if (fork() != 0) _exit(0);
  int null = open("/dev/null", O_RDWR);
  for (int fd : {0, 1, 2}) dup2(null, fd);
}

std::string folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

struct Command {
  std::string root, bindir, progname;
  std::string emulator_name;  // beam.smp
  Args emulator;              // arguments for the emulator itself
  Args rest;                  // for init
  std::string epmd;
  bool distributed = false, start_epmd = true, no_epmd = false, proto_dist = false;
  bool detached = false, halt_after = false;
  bool show = false, show_lines = false, show_quoted = false;
};

void push(Args& to, std::initializer_list<const char*> words) {
  to.insert(to.end(), words.begin(), words.end());
}

// Reads the flag at i, moving i over the arguments that belong to it.
void init_flag(const Args& words, size_t& i, Command& c) {
  const std::string& a = words[i];
  auto next = [&](const std::string& flag) -> const std::string& {
    if (i + 1 >= words.size() || words[i + 1] == "--") usage(missing(flag));
    return words[++i];
  };
  auto keep_with_value = [&] {
    c.rest.push_back(a);
    c.rest.push_back(next(a));
  };
  if (a == "-detached") {
    c.detached = true;
    push(c.rest, {"-noshell", "-noinput"});
  } else if (a == "-noinput") {
    push(c.rest, {"-noshell", "-noinput"});
  } else if (a == "-configfd") {
    const std::string& fd = next(a);
    if (fd == "0") push(c.rest, {"-noshell", "-noinput"});
    c.rest.push_back(a);
    i--;  // the number is a plain argument
  } else if (a == "-compile") {
    push(c.rest, {"-noshell", "-noinput", "-s", "c", "lc_batch"});
    c.emulator.push_back("-B");
  } else if (a == "-make") {
    push(c.rest, {"-noshell", "-noinput", "-s", "make", "all_or_nothing"});
    c.emulator.push_back("-B");
    c.halt_after = true;
    i = words.size();
  } else if (a == "-man") {
    std::vector<char*> man = {const_cast<char*>("man")};
    for (size_t k = i + 1; k < words.size(); k++) man.push_back(const_cast<char*>(words[k].c_str()));
    man.push_back(nullptr);
    setenv("MANSECT", "3erl:1:5:7", 1);
    execvp("man", man.data());
    fail("Could not execute the 'man' command.");
  } else if (a == "-emu_args") {
    c.show = true;
  } else if (a == "-emu_args_exit") {
    c.show_lines = true;
  } else if (a == "-emu_qouted_cmd_exit") {  // spelled so
    c.show_quoted = true;
  } else if (a == "-emu_name_exit") {
    std::printf("%s\n", c.emulator_name.c_str());
    std::exit(0);
  } else if (a == "-env") {
    const std::string& name = next(a);
    setenv(name.c_str(), next("-env").c_str(), 1);
  } else if (a == "-epmd") {
    c.epmd = next(a);
  } else if (a == "-name" || a == "-sname") {
    keep_with_value();
    c.distributed = true;
  } else if (a == "-no_epmd") {
    c.rest.push_back(a);
    c.no_epmd = true;
    c.start_epmd = false;
  } else if (a == "-proto_dist") {
    keep_with_value();
    c.proto_dist = true;
  } else if (a == "-start_epmd") {
    keep_with_value();
    if (words[i] != "true" && words[i] != "false") usage("Expected boolean argument for '-start_epmd'.");
    c.start_epmd = words[i] == "true";
  } else if (a == "-keep_window") {
    // means something on Windows only
  } else if (a == "-version") {
    c.emulator.push_back("-V");
  } else {
    c.rest.push_back(a);
  }
}

// `+flag` becomes `-flag` of the emulator, with its value if it takes one. An unknown flag goes
// through: the emulator refuses it, with the list of those there are.
void emulator_flag(const Args& words, size_t& i, Command& c) {
  std::string_view flag = std::string_view(words[i]).substr(1);
  c.emulator.push_back("-" + std::string(flag));
  const options::Option* o = options::find_exact(flag);
  if (o == nullptr) return;
  bool last = i + 1 >= words.size() || words[i + 1] == "--";
  if (last && o->value == options::Value::Yes) usage(missing(words[i]));
  if (!last && options::takes_next(*o, words[i + 1])) c.emulator.push_back(words[++i]);
}

// -emu_type T and -emu_flavor F choose beam[.T].F in the folder of the emulator. They stay among
// init's arguments.
std::string emulator_name(const Args& words) {
  std::string type;
  std::string flavor = "smp";
  for (size_t i = 0; i < words.size() && words[i] != "-extra"; i++) {
    if (words[i] == "-smpdisable" ||
        (words[i] == "-smp" && i + 1 < words.size() && words[i + 1] == "disable")) {
      usage("Argument '-smp disable' not supported. Use \"+S 1\" instead.");
    }
    if (words[i] != "-emu_type" && words[i] != "-emu_flavor") continue;
    if (i + 1 >= words.size() || words[i + 1] == "--") usage(missing(words[i]));
    (words[i] == "-emu_type" ? type : flavor) = words[i + 1];
    i++;
  }
  const char* emu = env("EMU");
  std::string name = emu != nullptr ? emu : "beam";
  if (!type.empty() && type != "opt") name += "." + type;
  return name + "." + flavor;
}

void start_epmd(const Command& c) {
  std::string command = c.epmd.empty() ? "\"" + c.bindir + "/epmd\" -daemon" : c.epmd;
  if (std::system(command.c_str()) == -1) {
    std::fprintf(stderr, "Error spawning %s (error %d)\n", command.c_str(), errno);
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Line line = command_line(argc, argv);
  Command c;
  auto from_env = [](const char* name, const std::string& otherwise) {
    const char* v = env(name);
    return v != nullptr ? std::string(v) : otherwise;
  };
  c.progname = from_env("PROGNAME", "erl");
  c.bindir = from_env("BINDIR", folder_of(argv[0]));
  c.root = from_env("ROOTDIR", folder_of(folder_of(c.bindir)));
  c.emulator_name = emulator_name(line.words);
  std::string program = c.bindir + "/" + c.emulator_name;
  set_path(c.bindir, c.root);
  if (const char* home = env("HOME")) push(c.rest, {"-home", home});
  if (const char* port = env("ERL_EPMD_PORT")) push(c.rest, {"-epmd_port", port});
  c.rest.push_back("--");

  for (size_t i = 0; i < line.words.size(); i++) {
    const std::string& a = line.words[i];
    if (options::find_own(a) != nullptr) {
      c.emulator.push_back(a);
      if (a.starts_with("--otp-root=")) c.root = a.substr(std::strlen("--otp-root="));
    } else if (!a.empty() && a[0] == '+') {
      emulator_flag(line.words, i, c);
    } else {
      init_flag(line.words, i, c);
    }
  }
  if ((line.bare_extra || !line.extra.empty()) && !c.halt_after) {
    c.rest.push_back("-extra");
    c.rest.insert(c.rest.end(), line.extra.begin(), line.extra.end());
  }
  if (c.no_epmd && !c.proto_dist) fail("Missing -proto_dist option, expected when using -no_epmd.");
  if (c.halt_after) push(c.rest, {"-s", "erlang", "halt"});
  if (c.distributed && c.start_epmd) start_epmd(c);

  Args full = {from_env("ESCRIPT_NAME", program)};
  full.insert(full.end(), c.emulator.begin(), c.emulator.end());
  push(full, {"--", "-root", c.root.c_str(), "-bindir", c.bindir.c_str(), "-progname",
              c.progname.c_str(), "--"});
  full.insert(full.end(), c.rest.begin(), c.rest.end());

  if (c.show_quoted) {
    std::printf("\"%s\" ", program.c_str());
    for (size_t i = 1; i < full.size(); i++) std::printf("\"%s\" ", full[i].c_str());
    std::printf("\n");
    return 0;
  }
  if (c.show_lines) {
    for (size_t i = 1; i < full.size(); i++) std::printf("%s\n", full[i].c_str());
    return 0;
  }
  if (c.show) {
    std::printf("Executing: %s", program.c_str());
    for (const std::string& word : full) std::printf(" %s", word.c_str());
    std::printf("\n\n");
    std::fflush(stdout);
  }
  if (c.detached) detach();

  std::vector<char*> out;
  for (std::string& s : full) out.push_back(s.data());
  out.push_back(nullptr);
  execv(program.c_str(), out.data());
  if (errno == ENOENT) fail("The emulator '" + program + "' does not exist.");
  fail("Error " + std::to_string(errno) + " executing '" + program + "'.");
}
