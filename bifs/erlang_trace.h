// What other BIFs ask of tracing.
#pragma once
#include "vm/diag/trace_actions.h"
