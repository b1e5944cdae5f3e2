// What kernel's net_kernel, dist_util and carriers of connections call: setnode/2, the making of
// connections, and what a process that carries one uses (erlang:dist_ctrl_…).
#include <vector>

#include "bifs/scratch.h"
#include "vm/base/bits.h"
#include "vm/code/export.h"
#include "vm/dist/entry.h"
#include "vm/dist/port_channel.h"
#include "vm/io/port.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

bool to_u64(Term t, u64* out) { return t.is_integer() && integer_to_u64(t, out); }
bool to_u32(Term t, u32* out) {
  u64 v;
  if (!to_u64(t, &v) || v > UINT32_MAX) return false;
  *out = static_cast<u32>(v);
  return true;
}

}  // namespace

BifResult erlang_setnode_2(Process& p, Term* args) {
  u32 creation;
  if (!to_u32(args[1], &creation) || !args[0].is_atom() || args[0] == am::nonode_nohost ||
      !dist_start(args[0], creation)) {
    return raise_badarg(p);
  }
  return am::true_;
}

// {erts_dflags, Default, Mandatory, Addable, Rejectable, StrictOrder}
BifResult erts_internal_get_dflags_0(Process& p, Term*) {
  Builder b = p.reserve(tuple_words(6) + 5 * kIntegerWords);
  Term flags[5];
  u32 n = 0;
  for (u64 f : {kDistDefault, kDistMandatory, kDistAddable, kDistRejectable, kDistStrictOrder}) {
    flags[n++] = b.unsigned_integer(f);
  }
  return b.tuple({am::erts_dflags, flags[0], flags[1], flags[2], flags[3], flags[4]});
}

// ---- connections being made ----

BifResult erts_internal_new_connection_1(Process& p, Term* args) {
  if (!dist_is_node_name(args[0]) || args[0] == this_node()->name) return raise_badarg(p);
  DistEntry& e = *dist_entry(args[0]);
  u32 connection;
  {
    Guard guard(e.lock);
    if (e.state == DistState::Idle) dist_set_pending_locked(e);
    connection = e.connection;
  }
  Builder b = p.reserve(kDistHandleWords);
  return dist_handle(b, e, connection);
}

BifResult erts_internal_abort_pending_connection_2(Process& p, Term* args) {
  u32 connection;
  DistEntry* e = dist_entry_of_handle(args[1], &connection);
  if (!args[0].is_atom() || e == nullptr || e->name != args[0]) return raise_badarg(p);
  return am_bool(dist_abort_pending(*e, connection));
}

namespace {

// The connection is up from here on. False, and nothing has happened, when net_kernel is gone or the
// connection is not waiting for this.
bool set_up(DistEntry& e, Term controller, u64 flags, u32 creation, Term setup_pid, u32* connection) {
  Term kernel;
  if (!dist_has_kernel(&kernel)) return false;
  {
    Guard guard(e.lock);
    if (e.state != DistState::Pending) return false;
    Fragment* f = fragment_new(tuple_words(4));
    Builder b = f->builder();
    if (!send_fragment_to(kernel, b.tuple({am::dist_ctrlr, controller, e.name, setup_pid}), f)) return false;
    *connection = e.connection;
    dist_node_added();
    dist_set_connected_locked(e, controller, flags, creation);
  }
  Term type = (flags & kDistPublished) != 0 ? am::visible : am::hidden;
  nodes_monitors_tell(am::nodeup, e.name, *connection, type, Term::nil());
  return true;
}

// Another process is to be the controller: done when it gets there, and answered by {Ref, Handle}.
struct SetUpCall : CallSignal {
  DistEntry* entry;
  u64 flags;
  u32 creation;
  Term setup_pid;
  RefNumbers ref;
  SetUpCall(DistEntry& e, u64 f, u32 c, Term pid, RefNumbers r)
      : CallSignal(run_set_up), entry(&e), flags(f), creation(c), setup_pid(pid), ref(r) {}

  static void run_set_up(Process* p, CallSignal* signal) {
    auto* s = static_cast<SetUpCall*>(signal);
    Fragment* f = fragment_new(tuple_words(2) + kRefWords + kDistHandleWords);
    Builder b = f->builder();
    u32 connection;
    Term answer = am::badarg;
    if (p != nullptr && dist_process_entry(*p) == nullptr &&
        set_up(*s->entry, p->id, s->flags, s->creation, s->setup_pid, &connection)) {
      dist_process_attach(*p, *s->entry, connection);
      answer = dist_handle(b, *s->entry, connection);
    }
    send_fragment_to(s->setup_pid, b.tuple({b.reference(s->ref), answer}), f);
    vm_delete(s);
  }
};

}  // namespace

// {ok, Handle} or {message, Ref}, or an error as an atom.
BifResult erts_internal_create_dist_channel_3(Process& p, Term* args) {
  Term kernel;
  u64 flags;
  u32 creation;
  Term controller = args[1];
  if (!dist_has_kernel(&kernel) || !dist_is_node_name(args[0]) || args[0] == this_node()->name ||
      !is_tuple_of(args[2], 2) || !to_u64(tuple_element(args[2], 0), &flags) ||
      !to_u32(tuple_element(args[2], 1), &creation)) {
    return am::badarg;
  }
  if ((~flags & kDistMandatory) != 0) {
    Fragment* f = fragment_new(2 * kConsWords);
    Builder b = f->builder();
    Term report = b.cons(p.id, b.cons(args[0], Term::nil()));
    send_to_logger(&p, am::error,
                   "~p attempted to enable connection to node ~p which does not support all mandatory "
                   "capabilities.~n",
                   report);
    fragments_free(f);
    return am::badarg;
  }
  DistEntry& e = *dist_entry(args[0]);
  u32 connection;
  if (controller == p.id) {
    if (dist_process_entry(p) != nullptr || !set_up(e, p.id, flags, creation, p.id, &connection)) return am::badarg;
    dist_process_attach(p, e, connection);
  } else if (controller.is_local_pid()) {
    Process* other = process_lookup_alive(controller);
    RefNumbers ref = make_ref_numbers();
    auto* s = vm_new<SetUpCall>(e, flags, creation, p.id, ref);
    if (other == nullptr || !signal_push(*other, s)) {
      vm_delete(s);
      return am::badarg;
    }
    Builder b = p.reserve(tuple_words(2) + kRefWords);
    return b.tuple({am::message, b.reference(ref)});
  } else if (controller.is_local_port()) {
    Port* found = port_lookup(controller);
    if (found == nullptr) return am::badarg;
    PortSession session(*found);
    Port* port = session.port();
    if (port == nullptr || port->is_dead() || port->dist != nullptr ||
        (port->driver->flags & ERL_DRV_FLAG_SOFT_BUSY) == 0) {
      return am::badarg;
    }
    if (!set_up(e, controller, flags, creation, p.id, &connection)) return am::badarg;
    dist_port_attach(*port, e, connection);
    // What was queued while this connection was being made.
    dist_port_schedule(controller);
  } else {
    return am::badarg;
  }
  Builder b = p.reserve(tuple_words(2) + kDistHandleWords);
  Term handle = dist_handle(b, e, connection);
  return b.tuple({am::ok, handle});
}

// {ok, Received, Sent, Waiting}: packets, and bytes in the queue.
BifResult erlang_dist_get_stat_1(Process& p, Term* args) {
  u32 connection;
  DistEntry* e = dist_entry_of_handle(args[0], &connection);
  if (e == nullptr) return raise_badarg(p);
  u64 in, out, waiting;
  {
    Guard guard(e->lock);
    if (e->connection != connection) connection = 0;
    in = e->in;
    out = e->out;
    waiting = e->queued_bytes;
  }
  if (connection == 0) return raise_badarg(p);
  Builder b = p.reserve(tuple_words(4) + 3 * kIntegerWords);
  Term numbers[3] = {b.unsigned_integer(in), b.unsigned_integer(out), b.unsigned_integer(waiting)};
  return b.tuple({am::ok, numbers[0], numbers[1], numbers[2]});
}

// ---- processes that carry a connection ----

namespace {

// The caller's own connection, named by the handle. Otherwise *error is what to return.
DistEntry* own_entry(Process& p, Term handle, u32* connection, BifResult* error) {
  DistEntry* mine = dist_process_entry(p);
  if (mine == nullptr) {
    *error = raise_notsup(p);
    return nullptr;
  }
  if (dist_entry_of_handle(handle, connection) == mine) {
    Guard guard(mine->lock);
    if (mine->connection == *connection) return mine;
  }
  *error = raise_badarg(p);
  return nullptr;
}

}  // namespace

// The next packet as a list of binaries, with its size if the option says so.
BifResult erlang_dist_ctrl_get_data_1(Process& p, Term* args) {
  u32 connection;
  BifResult error = Term::none();
  DistEntry* e = own_entry(p, args[0], &connection, &error);
  if (e == nullptr) return error;
  std::vector<DistBytes> packet;
  if (!dist_next_packet(*e, connection, &packet)) return am::none;
  u64 size = 0;
  for (const DistBytes& s : packet) size += s.size;
  Builder b = p.reserve(packet.size() * (kConsWords + kRefcBinaryWords + kSubBinaryWords) + tuple_words(2) +
                        kIntegerWords);
  Term list = Term::nil();
  for (size_t i = packet.size(); i-- > 0;) {
    // Takes over the slice's reference.
    u64 offset = static_cast<u64>(packet[i].bytes - packet[i].data->bytes);
    Term whole = b.refc_binary(packet[i].data, offset + packet[i].size);
    Term part = offset == 0 ? whole : b.sub_binary(whole, offset * 8, packet[i].size * 8);
    list = b.cons(part, list);
  }
  p.bump_reductions(static_cast<i64>(size / 1024));
  bool with_size;
  {
    Guard guard(e->lock);
    with_size = e->get_size;
  }
  if (!with_size) return list;
  return b.tuple({b.unsigned_integer(size), list});
}

BifResult erlang_dist_ctrl_get_data_notification_1(Process& p, Term* args) {
  u32 connection;
  BifResult error = Term::none();
  DistEntry* e = own_entry(p, args[0], &connection, &error);
  if (e == nullptr) return error;
  bool now;
  {
    Guard guard(e->lock);
    now = e->first != nullptr || !e->packets.empty();
    e->wants_notice = !now;
  }
  if (now) send_fragment(p, am::dist_data, nullptr);
  return am::ok;
}

BifResult erlang_dist_ctrl_get_opt_2(Process& p, Term* args) {
  u32 connection;
  BifResult error = Term::none();
  DistEntry* e = own_entry(p, args[0], &connection, &error);
  if (e == nullptr) return error;
  if (args[1] != am::get_size) return raise_badarg(p);
  Guard guard(e->lock);
  return am_bool(e->get_size);
}

BifResult erlang_dist_ctrl_set_opt_3(Process& p, Term* args) {
  u32 connection;
  BifResult error = Term::none();
  DistEntry* e = own_entry(p, args[0], &connection, &error);
  if (e == nullptr) return error;
  if (args[1] != am::get_size || (args[2] != am::true_ && args[2] != am::false_)) return raise_badarg(p);
  Guard guard(e->lock);
  bool before = e->get_size;
  e->get_size = args[2] == am::true_;
  return am_bool(before);
}

BifResult erlang_dist_ctrl_input_handler_2(Process& p, Term* args) {
  u32 connection;
  BifResult error = Term::none();
  DistEntry* e = own_entry(p, args[0], &connection, &error);
  if (e == nullptr) return error;
  if (!args[1].is_local_pid()) return raise_badarg(p);
  Guard guard(e->lock);
  if (e->connection == connection) e->input_handler = args[1];
  return am::ok;
}

BifResult erlang_dist_ctrl_put_data_2(Process& p, Term* args) {
  if (args[1].is_list()) {
    return trap(p, export_get(am::erts_internal, am::dist_ctrl_put_data, 2), {args[0], args[1]});
  }
  if (!args[1].is_nil() && !is_binary(args[1])) return raise_badarg(p);
  u32 connection;
  DistEntry* e = dist_entry_of_handle(args[0], &connection);
  if (e == nullptr) return raise_badarg(p);
  bool is_handler;
  {
    Guard guard(e->lock);
    is_handler = e->input_handler == p.id;
  }
  if (!is_handler) return raise_notsup(p);
  if (args[1].is_nil()) {
    dist_receive(*e, connection, {});
    return am::ok;
  }
  // Nothing moves the caller's heap meanwhile.
  Bits bits = bits_of(args[1]);
  u64 size = bits.byte_size();
  if (bits.bit_offset == 0) {
    dist_receive(*e, connection, {bits.base, size});
  } else {
    std::vector<u8> copy(size);
    copy_bits_out(copy.data(), bits.base, bits.bit_offset, size * 8);
    dist_receive(*e, connection, copy);
  }
  p.bump_reductions(5 + static_cast<i64>(size / 1024));
  return am::ok;
}

}  // namespace lintel
