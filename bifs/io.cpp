#include "vm/base/settings.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

// What io_lib takes for printable: set by +pc.
BifResult io_printable_range_0(Process&, Term*) {
  return settings.printable_unicode ? am::unicode : am::latin1;
}

}  // namespace lintel
