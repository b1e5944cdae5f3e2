// The BIFs of module os but those for time: environment variables, the process id, signals.
#include <unistd.h>

#include <string>

#include "vm/io/environment.h"
#include "vm/io/filename.h"
#include "vm/io/os_signal.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {
namespace {

// Names and values are as file names: lists of characters in the native encoding.
bool get_text(Term t, std::string* out) { return !t.is_atom() && filename_to_native(t, out); }

bool get_name(Term t, std::string* out) {
  return get_text(t, out) && out->find('=', 1) == std::string::npos;
}

// A value that is not valid in the native encoding comes back byte for byte.
std::u32string characters_of(const std::string& native) {
  std::u32string characters;
  if (!filename_from_native(native.data(), native.size(), &characters)) {
    characters.clear();
    for (char c : native) characters.push_back(static_cast<u8>(c));
  }
  return characters;
}

}  // namespace

BifResult os_getenv_1(Process& p, Term* args) {
  std::string name, value;
  if (!get_text(args[0], &name)) return raise_badarg(p);
  if (!environment_find(name, &value)) return am::false_;
  std::u32string characters = characters_of(value);
  Builder b = p.reserve(characters.size() * kConsWords);
  return filename_list(b, characters);
}

BifResult os_putenv_2(Process& p, Term* args) {
  std::string name, value;
  if (!get_name(args[0], &name) || !get_text(args[1], &value)) return raise_badarg(p);
  environment_put(name, value);
  return am::true_;
}

BifResult os_unsetenv_1(Process& p, Term* args) {
  std::string name;
  if (!get_name(args[0], &name)) return raise_badarg(p);
  environment_remove(name);
  return am::true_;
}

// [{Name, Value}]
BifResult os_env_0(Process& p, Term*) {
  LocalRoots<1> result(p);
  for (const std::string& line : environment_list()) {
    size_t equals = line.find('=', 1);
    std::u32string name = characters_of(line.substr(0, equals));
    std::u32string value = characters_of(line.substr(equals + 1));
    Builder b = p.reserve((name.size() + value.size() + 1) * kConsWords + tuple_words(2));
    Term name_list = filename_list(b, name);
    Term pair = b.tuple({name_list, filename_list(b, value)});
    result[0] = b.cons(pair, result[0]);
  }
  return result[0];
}

BifResult os_getpid_0(Process& p, Term*) {
  std::string text = std::to_string(::getpid());
  std::u32string characters(text.begin(), text.end());
  Builder b = p.reserve(characters.size() * kConsWords);
  return filename_list(b, characters);
}

BifResult os_set_signal_2(Process& p, Term* args) {
  OsSignalAction action;
  if (args[1] == am::default_) {
    action = OsSignalAction::Default;
  } else if (args[1] == am::ignore) {
    action = OsSignalAction::Ignore;
  } else if (args[1] == am::handle) {
    action = OsSignalAction::Handle;
  } else {
    return raise_badarg_cause(p, am::badopt);
  }
  if (!args[0].is_atom() || !os_signal_set(args[0], action)) return raise_badarg(p);
  return am::ok;
}

}  // namespace lintel
