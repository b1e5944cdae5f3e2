#include "vm/proc/reply.h"

#include "vm/heap/copy.h"
#include "vm/proc/send.h"

namespace lintel {

Term request_keep(Request& r, Term t) {
  u64 words = copy_size(t);
  if (words == 0) return t;
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  Term copy = copy_term(t, b);
  f->next = r.fragment;
  r.fragment = f;
  return copy;
}

void Request::run_request(Process* p, CallSignal* s) {
  auto* r = static_cast<Request*>(s);
  if (r->walks_heap && p != nullptr && p->on_scheduler() && p->is_long_major()) {
    p->note_collection_put_off();
    signal_push_or_drop(*p, r);
    return;
  }
  u64 tag_words = r->reply_tag.is_none() ? kRefWords : copy_size(r->reply_tag);
  Fragment* f = nullptr;
  u64 extra = tag_words + tuple_words(3);
  Term result = r->answer(p, *r, &f, extra);
  if (!r->silent) {
    if (f == nullptr) f = fragment_new(extra);
    Builder b = f->builder();
    Term tag = r->reply_tag.is_none() ? b.reference(r->ref) : copy_term(r->reply_tag, b);
    Term message = r->arity == 3 ? b.tuple({r->args[2], tag, result}) : b.tuple({tag, result});
    send_fragment_to(r->from, message, f);
  } else if (f != nullptr) {
    fragments_free(f);
  }
  if (r->fragment != nullptr) fragments_free(r->fragment);
  vm_delete(r);
}

}  // namespace lintel
