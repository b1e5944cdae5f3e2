// How the state of the time offset is told to programs.
#pragma once
#include "vm/sched/clock.h"
#include "vm/term/atom.h"

namespace lintel {

inline Term time_offset_atom(TimeOffsetState state) {
  switch (state) {
    case TimeOffsetState::Final: return am::final;
    case TimeOffsetState::Preliminary: return am::preliminary;
    case TimeOffsetState::Volatile: break;
  }
  return am::volatile_;
}

}  // namespace lintel
