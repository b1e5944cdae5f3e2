#include "bifs/erts_debug_relations.h"

#include "bifs/scratch.h"
#include "vm/code/export.h"
#include "vm/dist/entry.h"
#include "vm/io/port.h"
#include "vm/proc/exception.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/reply.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

// ---- links ----

Term link_tuple(Pieces& a, Term type, Term peer, bool unlinking, const void* id) {
  Builder b = a.room(tuple_words(5) + kIntegerWords);
  Term number = b.unsigned_integer(reinterpret_cast<Word>(id));
  return b.tuple({am::erl_link, type, peer, unlinking ? am::unlinking : am::linked, number});
}

// What the connection has of a link: it goes when the unlinking begins.
const void* dist_link_of(Term local, const LinkRecord& l) {
  DistEntry* e = dist_entry_find(node_of(l.peer)->name);
  if (e == nullptr) return nullptr;
  Guard guard(e->lock);
  return e->tables == nullptr || e->connection != l.connection ? nullptr : dist_link_find_locked(*e, local, l.peer);
}

Term links_of(const RecordTable<LinkRecord>& links, Term owner, Pieces& a) {
  std::vector<Term> items;
  links.each([&](LinkRecord& l) {
    if (!l.peer.is_boxed()) {
      Term type = l.peer.is_local_port() || owner.is_local_port() ? am::port : am::process;
      items.push_back(link_tuple(a, type, l.peer, l.unlink_id != 0, &l));
      return;
    }
    const void* id = dist_link_of(owner, l);
    items.push_back(link_tuple(a, am::dist_process, a.copy(l.peer), l.unlink_id != 0, id == nullptr ? &l : id));
  });
  return a.list(items);
}

Term dist_links(DistEntry& e, Pieces& a) {
  std::vector<Term> items;
  Guard guard(e.lock);
  if (e.tables == nullptr) return Term::nil();
  e.tables->links.each([&](LinkEntry& l) { items.push_back(link_tuple(a, am::dist_process, l.local, false, &l)); });
  return a.list(items);
}

// ---- monitors ----

struct MonitorItem {
  Term type;
  Term direction;
  Term ref = Term::nil();
  Term other = Term::nil();
  Term extra = Term::nil();
};

Term monitor_tuple(Pieces& a, const MonitorItem& m) {
  return a.tuple({am::erl_monitor, m.type, m.direction, m.ref, m.other, m.extra});
}

Term local_ref(Pieces& a, RefNumbers n) { return a.room(kRefWords).reference(n); }
Term remote_ref(Pieces& a, const RemoteWatcher& w) {
  Builder b = a.room(kMaxExternalRefWords);
  return build_external_ref(b, w.ref_node, w.ref);
}
Term or_nil(Term t) { return t.is_none() ? Term::nil() : t; }

MonitorItem own_monitor(const MonitorRecord& m, Pieces& a) {
  MonitorItem item{.type = am::process, .direction = am::origin};
  item.ref = local_ref(a, m.ref);
  item.extra = or_nil(m.name);
  if (m.connection != 0) {
    item.type = am::dist_process;
    item.other = m.name.is_none() ? a.copy(m.target) : m.node;
    return item;
  }
  if (m.type == MonitorType::Port) item.type = am::port;
  if (m.type == MonitorType::TimeOffset) {
    item.type = am::time_offset;
    item.other = am::clock_service;
  } else {
    item.other = a.copy(or_nil(m.target));
  }
  return item;
}

MonitorItem watcher_item(const WatcherRecord& w, Pieces& a) {
  MonitorItem item{.type = am::process, .direction = am::target};
  item.extra = or_nil(w.name);
  RemoteWatcher* remote = w.foreign == nullptr ? nullptr : dist_remote_watcher(w.foreign);
  if (remote != nullptr) {
    item.type = am::dist_process;
    item.ref = remote_ref(a, *remote);
    item.other = a.copy(remote->watcher());
    return item;
  }
  if (w.watcher.is_local_port()) item.type = am::port;
  if (w.watcher.is(BoxedTag::MagicRef)) item.type = am::resource;
  item.ref = local_ref(a, w.ref);
  item.other = a.copy(or_nil(w.watcher));
  return item;
}

Term monitors_of(const Relations& r, Pieces& a) {
  std::vector<Term> items;
  auto add = [&](const MonitorItem& m) { items.push_back(monitor_tuple(a, m)); };
  r.monitors.each([&](MonitorRecord& m) {
    if (m.target != am::pending) add(own_monitor(m, a));
  });
  r.watchers.each([&](WatcherRecord& w) { add(watcher_item(w, a)); });
  r.suspends.each([&](SuspendRecord& s) {
    add({.type = am::suspend, .direction = am::origin, .other = s.suspendee});
  });
  r.node_monitors.each([&](NodeMonitorRecord& n) {
    Term count = Term::small(static_cast<i64>(n.count));
    add({.type = am::node, .direction = am::origin, .other = n.node, .extra = count});
  });
  r.nodes_monitors.each([&](NodesMonitorRecord& n) {
    Term count = Term::small(static_cast<i64>(n.count));
    add({.type = am::nodes, .direction = am::origin, .other = Term::small(n.options), .extra = count});
  });
  return a.list(items);
}

// The other side of each: what is a process's own monitor is aimed at the connection.
Term dist_monitors(DistEntry& e, Pieces& a) {
  std::vector<Term> items;
  auto add = [&](const MonitorItem& m) { items.push_back(monitor_tuple(a, m)); };
  Guard guard(e.lock);
  if (e.tables == nullptr) return Term::nil();
  e.tables->monitors.each([&](MonitorEntry& m) {
    if (m.is_spawn) return;
    Term name = m.target.is_atom() ? m.target : Term::nil();
    add({.type = am::dist_process, .direction = am::target, .ref = local_ref(a, m.ref), .other = m.local, .extra = name});
  });
  e.tables->watchers.each([&](RemoteWatcher& w) {
    add({.type = am::dist_process, .direction = am::origin, .ref = remote_ref(a, w), .other = w.watched, .extra = or_nil(w.name)});
  });
  e.tables->node_monitors.each([&](NodeMonitorEntry& n) {
    add({.type = am::node, .direction = am::target, .other = n.local});
  });
  return a.list(items);
}

// ---- whose ----

enum class Kind : u8 { Links, Monitors };

Term list_of_process(const Process& p, Kind kind, Pieces& a) {
  if (p.relations == nullptr) return Term::nil();
  return kind == Kind::Links ? links_of(p.relations->links, p.id, a) : monitors_of(*p.relations, a);
}

// Another process makes its list itself, after the signals that were sent to it before.
BifResult of_process(Process& p, Term pid, Kind kind) {
  if (pid == p.id) {
    signals_fetch(p);
    if (p.exiting) {
      p.outcome = BifOutcome::Exit;
      return Term::none();
    }
    Pieces a;
    Term list = list_of_process(p, kind, a);
    if (Fragment* pieces = a.take()) p.attach(pieces);
    return list;
  }
  if (process_lookup(pid) == nullptr) return am::undefined;
  RefNumbers ref = make_ref_numbers();
  auto* r = vm_new<Request>(p.id, ref, [](Process* target, Request& request, Fragment** f, u64 extra) {
    if (target == nullptr) return am::undefined;
    Pieces a;
    Kind what = request.args[0] == am::link_list ? Kind::Links : Kind::Monitors;
    Term list = list_of_process(*target, what, a);
    (void)a.room(extra);
    *f = a.take();
    return list;
  });
  r->args[0] = kind == Kind::Links ? am::link_list : am::monitor_list;
  mailbox_save_at_end(p);
  signal_push_to_or_drop(pid, r);
  Builder b = p.reserve(kRefWords);
  return trap(p, export_get(am::erts_internal, am::await_result, 1), {b.reference(ref)});
}

BifResult of_port(Process& p, Term id) {
  Port* port = port_lookup(id);
  if (port == nullptr) return am::undefined;
  Scratch s(p);
  PortSession session(*port);
  if (session.port() == nullptr) return am::undefined;
  return links_of(port->links, id, s);
}

BifResult list(Process& p, Term of, Kind kind) {
  if (of.is_local_pid()) return of_process(p, of, kind);
  if (of.is_local_port() && kind == Kind::Links) return of_port(p, of);
  if (!dist_is_node_name(of)) return raise_badarg(p);
  DistEntry* e = dist_entry_find(of);
  if (e == nullptr) return am::undefined;
  Scratch s(p);
  return kind == Kind::Links ? dist_links(*e, s) : dist_monitors(*e, s);
}

}  // namespace

BifResult internal_link_list(Process& p, Term of) { return list(p, of, Kind::Links); }
BifResult internal_monitor_list(Process& p, Term of) { return list(p, of, Kind::Monitors); }

}  // namespace lintel
