#include "vm/base/settings.h"

namespace lintel {

Settings settings;

}  // namespace lintel
