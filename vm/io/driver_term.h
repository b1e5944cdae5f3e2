// Terms that drivers describe by arrays of ErlDrvTermData (erl_driver(3), driver_output_term).
#pragma once
#include <erl_driver.h>

#include "vm/heap/fragment.h"

namespace lintel {

// Null fragment and none() when the description is malformed; else the term, built in *fragment.
Term driver_term_build(const ErlDrvTermData* data, int length, Fragment** fragment);

}  // namespace lintel
