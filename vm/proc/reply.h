// Requests that one process makes of another and that are answered by a message {Tag, Result}: a C++
// function runs in the target's context, when its turn in the signal order comes, and the answer is
// sent to the requester. When the target is gone, `gone` is the answer.
#pragma once
#include "vm/proc/signal.h"

namespace lintel {

struct Request : CallSignal {
  // Answers for p (null: gone) into *f, a fragment to be made with room for `extra` more words at
  // its end. Returns the result term.
  using Answer = Term (*)(Process* p, Request& r, Fragment** f, u64 extra);

  Term from;                  // local pid
  RefNumbers ref{};           // the tag, unless reply_tag is set
  Answer answer;
  Fragment* fragment = nullptr;  // holds args, reply_tag
  Term args[3] = {Term::none(), Term::none(), Term::none()};
  Term reply_tag = Term::none();
  bool silent = false;
  bool walks_heap = false;    // of the target: where that is large the answer is given on a dirty thread
  void* data = nullptr;
  u32 arity = 2;              // 3: {Kind, Tag, Result} with Kind in args[2]

  Request(Term from_pid, RefNumbers r, Answer a) : CallSignal(&run_request), from(from_pid), ref(r), answer(a) {}
  static void run_request(Process* p, CallSignal* s);
};

// Copies `t` into the request's own fragment.
Term request_keep(Request& r, Term t);
// Makes a fragment with room for `words` and returns it through *f.
inline Builder answer_room(Fragment** f, u64 words, u64 extra) {
  *f = fragment_new(words + extra);
  return (*f)->builder();
}

}  // namespace lintel
