#include "vm/proc/send.h"

#include "vm/heap/copy.h"
#include "vm/proc/links.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/remote.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

// Copies into *fragment (null when there is nothing to copy) and charges the sender.
Term copy_out(Process* from, Term message, Fragment** fragment) {
  *fragment = nullptr;
  if (!message.is_pointer()) return message;
  u64 words = copy_size(message);
  if (words == 0) return message;  // a literal
  if (from != nullptr) from->bump_reductions(static_cast<i64>(words / 32));
  *fragment = fragment_new(words);
  Builder b = (*fragment)->builder();
  return copy_term(message, b);
}

// The message and the sender's token in one fragment.
Term copy_out_with_token(Process& from, Term message, Fragment** fragment, Term* token) {
  *fragment = fragment_new(copy_size(message) + copy_size(seq_trace_token(from)));
  Builder b = (*fragment)->builder();
  *token = copy_term(seq_trace_token(from), b);
  return copy_term(message, b);
}

bool has_token(const Process* from) {
  return from != nullptr && VM_UNLIKELY((from->trace_flags & kTraceHasToken) != 0);
}

SendResult send_to_id(Process* from, Term to, Term message) {
  if (to.is_local_pid()) {
    if (Process* p = process_lookup(to)) send_to_process(from, *p, message);
    return SendResult::Ok;
  }
  if (port_hooks.message != nullptr) port_hooks.message(from, to, message);
  return SendResult::Ok;
}

SendResult send_to_alias(Process* from, Term ref, Term message) {
  Term owner = alias_ref_owner(ref);
  if (owner.is_none()) return SendResult::Ok;
  Process* p = process_lookup(owner);
  if (p == nullptr) return SendResult::Ok;
  Fragment* f;
  Term token = Term::nil();
  Term value;
  if (has_token(from)) {
    seq_trace_sending(*from, ref, message);
    value = copy_out_with_token(*from, message, &f, &token);
  } else {
    value = copy_out(from, message, &f);
  }
  signal_push_or_drop(*p, vm_new<AliasMessage>(value, f, local_ref_numbers(ref), token));
  return SendResult::Ok;
}

}  // namespace

void send_fragment(Process& to, Term message, Fragment* fragment) {
  signal_push_or_drop(to, vm_new<Message>(SignalKind::Message, message, fragment));
}

bool send_fragment_to(Term pid, Term message, Fragment* fragment) {
  Process* p = process_lookup(pid);
  if (p == nullptr) {
    if (fragment != nullptr) fragments_free(fragment);
    return false;
  }
  send_fragment(*p, message, fragment);
  return true;
}

void send_to_process(Process* from, Process& to, Term message) {
  Fragment* f;
  Term token = from != nullptr ? Term::nil() : Term(am::undefined);
  Term value;
  if (has_token(from)) {
    seq_trace_sending(*from, to.id, message);
    value = copy_out_with_token(*from, message, &f, &token);
  } else {
    value = copy_out(from, message, &f);
  }
  Message* m = VM_UNLIKELY(note_senders.load(std::memory_order_relaxed)) && from != nullptr
                   ? vm_new<SentMessage>(value, f, token, from->id)
                   : vm_new<Message>(SignalKind::Message, value, f, token);
  signal_push_or_drop(to, m);
}

static SendResult send_to_node(Process* from, Term to, Term node, Term message, u32 flags) {
  if (from == nullptr || remote_hooks.send == nullptr) {
    return (flags & kRemoteNoConnect) != 0 ? SendResult::NoConnect : SendResult::Ok;
  }
  switch (remote_hooks.send(*from, to, node, message, flags)) {
    case RemoteResult::Ok: return SendResult::Ok;
    case RemoteResult::Busy: return SendResult::Suspend;
    case RemoteResult::NoConnection: break;
  }
  return (flags & kRemoteNoConnect) != 0 ? SendResult::NoConnect : SendResult::Ok;
}

namespace {
SendResult send_untraced(Process* from, Term to, Term message, u32 flags);
}  // namespace

SendResult send_message(Process* from, Term to, Term message, u32 flags) {
  if (VM_UNLIKELY(from != nullptr && (from->trace_flags & (kTraceSend | kTraceSavedCalls)) != 0)) {
    if ((from->trace_flags & kTraceSend) != 0 &&
        (!is_tuple_of(to, 2) || (tuple_element(to, 0).is_atom() && tuple_element(to, 1).is_atom()))) {
      trace_send(*from, to, message);
    }
    saved_calls_event(*from, am::send);
  }
  return send_untraced(from, to, message, flags);
}

namespace {
SendResult send_untraced(Process* from, Term to, Term message, u32 flags) {
  if (VM_LIKELY(to.is_local_pid())) return send_to_id(from, to, message);
  if (to.is_atom()) {
    Term owner = registry_whereis(to);
    return owner.is_none() ? SendResult::BadArg : send_to_id(from, owner, message);
  }
  if (to.is_local_ref()) return send_to_alias(from, to, message);
  if (to.is_local_port()) return send_to_id(from, to, message);
  if (is_tuple_of(to, 2)) {
    Term name = tuple_element(to, 0);
    Term node = tuple_element(to, 1);
    if (!name.is_atom() || !node.is_atom()) return SendResult::BadArg;
    if (node == this_node()->name) {
      Term owner = registry_whereis(name);
      return owner.is_none() ? SendResult::Ok : send_to_id(from, owner, message);
    }
    return send_to_node(from, name, node, message, flags);
  }
  if (to.is_pid() || to.is_ref()) {
    // An earlier life of this node is not there to hear.
    Term node = node_of(to)->name;
    return node == this_node()->name ? SendResult::Ok : send_to_node(from, to, node, message, flags);
  }
  if (to.is_port()) return SendResult::Ok;
  return SendResult::BadArg;
}
}  // namespace

}  // namespace lintel
