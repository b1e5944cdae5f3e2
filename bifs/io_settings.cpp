// What the command line says about printing: +pc and +W.
#include "vm/base/settings.h"
#include "vm/code/bif_table.h"
#include "vm/term/atom.h"

namespace lintel {

BifResult io_printable_range_0(Process&, Term*) {
  return settings.printable_unicode ? am::unicode : am::latin1;
}

BifResult error_logger_warning_map_0(Process&, Term*) {
  switch (settings.warning_map) {
    case 'e': return am::error;
    case 'i': return am::info;
    default: return am::warning;
  }
}

BifResult net_kernel_dflag_unicode_io_1(Process&, Term*) { return am::true_; }

}  // namespace lintel
