// The items that process_info/2 knows.
#pragma once
#include "vm/term/term.h"

namespace lintel {

void process_info_items_each(void (*f)(Term item, void* data), void* data);

}  // namespace lintel
