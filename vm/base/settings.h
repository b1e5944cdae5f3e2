// What the command line settles once and BIFs report later. Written before any scheduler runs.
#pragma once
#include <string>

namespace lintel {

struct Settings {
  enum class FileNames { Locale, Latin1, Utf8 };
  FileNames file_names = FileNames::Locale;
  char file_name_warnings = 'w';         // w, i or e: a name that is not UTF-8 is warned of, ...
  bool printable_unicode = false;        // +pc
  bool time_correction = true;           // +c
  std::string time_warp = "no_time_warp";  // +C
  // +B: what Ctrl-C does. Off leaves it to the operating system, which ends the program.
  enum class Break { Menu, Off, Ignore };
  Break break_mode = Break::Menu;
  char warning_map = 'w';                // +W: e, w or i
  unsigned max_ports = 65536;            // +Q
  unsigned ets_limit = 8192;             // +e, ERL_MAX_ETS_TABLES; only told, there is no limit
  std::string otp_root;
  std::string otp_release;               // "25"
  std::string erts_version;              // "13.1.5"
};
extern Settings settings;

}  // namespace lintel
