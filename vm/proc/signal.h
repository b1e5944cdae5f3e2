// Signals: everything that one process (port, timer, node) does to another process.
//
// Each process has one in-queue, a lock-free stack of signals. A sender pushes on top; the owner
// takes the whole stack at once and reverses it, so the order between two given processes is kept.
// The one who pushes onto an empty queue wakes the receiver; later pushers need not.
//
// The owner fetches when it is scheduled in and when receive reached the end of its messages:
// messages go to the mailbox, everything else takes effect there and then. When a process has
// exited its queue is closed, and a push fails: the sender then does what it does for `noproc`.
#pragma once
#include "vm/heap/fragment.h"
#include "vm/proc/process.h"
#include "vm/term/boxed.h"

namespace lintel {

enum class SignalKind : u8 {
  Message,       // Message
  AliasMessage,  // AliasMessage: dropped unless the alias is active
  Exit,          // ExitSignal, by exit/2
  ExitLinked,    // ExitSignal, because a linked process or port ended
  Link,          // LinkSignal
  Unlink,        // LinkSignal, id
  UnlinkAck,     // LinkSignal, id
  Monitor,       // MonitorSignal
  Demonitor,     // MonitorSignal
  Down,          // DownSignal
  Call,          // CallSignal: runs C++ code in the receiver's context
};

struct Signal {
  Signal* next = nullptr;
  SignalKind kind;
  u8 flags = 0;
  u32 place = 0;  // of a message, among AttachedMessages
  explicit Signal(SignalKind k) : kind(k) {}
};

// Terms of a signal live in `fragment` (a chain), or are immediates or literals.
struct Message : Signal {
  Term value;
  Fragment* fragment;  // null once attached to the receiver's heap
  // Sequential tracing: the token that goes with it, in `fragment`; [] takes the receiver's away, and
  // `undefined`, of what no process sent, leaves it as it is.
  Term token;
  Message(SignalKind k, Term v, Fragment* f, Term t) : Signal(k), value(v), fragment(f), token(t) {}
  Message(SignalKind k, Term v, Fragment* f);
};

// Signal::flags of a Message. Its fragment became part of the heap.
inline constexpr u8 kMessageAttached = 1;
// It is a SentMessage.
inline constexpr u8 kMessageHasSender = 2;

// A message that remembers who sent it: only while somebody's pattern for `receive` may ask.
struct SentMessage : Message {
  Term sender;
  SentMessage(Term v, Fragment* f, Term t, Term from)
      : Message(SignalKind::Message, v, f, t), sender(from) {
    flags = kMessageHasSender;
  }
};
// The sender, or none.
inline Term message_sender(const Message& m) {
  return (m.flags & kMessageHasSender) != 0 ? static_cast<const SentMessage&>(m).sender : Term::none();
}
extern std::atomic<bool> note_senders;

struct AliasMessage : Message {
  RefNumbers alias;
  AliasMessage(Term v, Fragment* f, RefNumbers a, Term t)
      : Message(SignalKind::AliasMessage, v, f, t), alias(a) {}
};

// A pid of another node as `from` lives in the fragment; `connection` is set when it came over one.
struct ExitSignal : Signal {
  Term from;
  Term reason;
  Fragment* fragment;
  Term token = Term::nil();  // of sequential tracing, in `fragment`
  u32 connection = 0;
  ExitSignal(SignalKind k, Term from_pid, Term r, Fragment* f)
      : Signal(k), from(from_pid), reason(r), fragment(f) {}
};

struct LinkSignal : Signal {
  Term from;  // pid or port; a pid of another node lives in RemoteLinkSignal
  Term to;
  u64 id;
  u32 connection = 0;  // 0: from this node
  LinkSignal(SignalKind k, Term from_id, Term to_id, u64 unlink_id = 0)
      : Signal(k), from(from_id), to(to_id), id(unlink_id) {}
};

// A link signal that came over a connection, with room for the sender's pid.
struct RemoteLinkSignal : LinkSignal {
  Term pid[3];
  RemoteLinkSignal(SignalKind k, Term from_id, Term to_id, u64 unlink_id, u32 over)
      : LinkSignal(k, from_id, to_id, unlink_id) {
    for (u32 i = 0; i < 3; i++) pid[i] = from_id.object()[i];
    from = Term::boxed(pid);
    connection = over;
  }
};

// A watcher that is no process or port of this node, e.g. a NIF resource, or a process of another
// node. `down` runs in the context of
// the process that ended, unless the process saw the watcher's demonitor before; then `released`
// does. Exactly one of the two is called for each monitor; the process then knows it no longer.
struct ForeignWatcher {
  void (*down)(ForeignWatcher* w, Term object, RefNumbers ref, Term reason);
  void (*released)(ForeignWatcher* w);
};

struct MonitorSignal : Signal {
  Term from;                          // the watcher, or none. Not a local pid or port: see `foreign`
  Term to;                            // local pid or port
  RefNumbers ref;
  Term name;                          // the registered name monitored by, or none
  ForeignWatcher* foreign = nullptr;
  MonitorSignal(SignalKind k, Term from_id, Term to_id, RefNumbers r, Term n = Term::none())
      : Signal(k), from(from_id), to(to_id), ref(r), name(n) {}
};

// value is the whole {'DOWN', Ref, Type, Object, Reason}.
struct DownSignal : Message {
  RefNumbers ref;
  DownSignal(Term v, Fragment* f, RefNumbers r) : Message(SignalKind::Down, v, f), ref(r) {}
};

// Runs `run` with the receiver, or with null when the receiver is gone. `run` owns the signal and
// frees it (vm_delete of its true type).
struct CallSignal : Signal {
  void (*run)(Process* p, CallSignal* s);
  explicit CallSignal(void (*f)(Process*, CallSignal*)) : Signal(SignalKind::Call), run(f) {}
};

// Hands a signal over. False when the receiver no longer takes signals; the caller still owns s.
[[nodiscard]] bool signal_push(Process& to, Signal* s);
// As signal_push, but on false the signal takes its "receiver gone" course and is freed.
void signal_push_or_drop(Process& to, Signal* s);
// Frees a signal that reached nobody, with what its course says for that (e.g. DOWN noproc).
void signal_undeliverable(Signal* s);

// How signals reach ports. Set by vm/io; until then there are no ports. A port's handler gets the
// same objects as a process and owns them.
struct PortHooks {
  // Hands a Link, Unlink, UnlinkAck, Exit(Linked), Monitor, Demonitor or Down signal to the port.
  // False when there is no such port; the caller still owns s.
  bool (*signal)(Term port, Signal* s) = nullptr;
  // `Port ! Message`, and port names. The message belongs to `from` (may be null).
  void (*message)(Process* from, Term port, Term message) = nullptr;
  bool (*exists)(Term port) = nullptr;
  // Names: notes or forgets the name that a port is registered by.
  void (*set_name)(Term port, Term name) = nullptr;
};
extern PortHooks port_hooks;
// Pushes to whichever local process or port `to` names; on false the caller still owns s.
[[nodiscard]] bool signal_push_to(Term to, Signal* s);
void signal_push_to_or_drop(Term to, Signal* s);

// Owner: takes and handles what is in the in-queue. Afterwards p.exiting may be set.
void signals_fetch(Process& p);
// Anyone: whether a signal that reached p before now may yet end it, or already has. False: alive.
bool process_may_be_dying(const Process& p);
// Everything that p has not taken out of its in-queue yet, with the schedulers blocked.
void signals_each_waiting(Process& p, void (*f)(Signal*, void*), void* data);
// Owner, exiting: closes the in-queue for good and handles the rest as undeliverable.
void signals_close(Process& p);

}  // namespace lintel
