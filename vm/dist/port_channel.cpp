#include "vm/dist/port_channel.h"

#include <cstring>

#include "vm/dist/entry.h"
#include "vm/io/port.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// How much goes out before others get their turn at the port.
constexpr u64 kBytesPerTurn = 1024 * 1024;

void put_out(Port& p, std::vector<DistBytes>& packet) {
  const ErlDrvEntry& entry = p.entry();
  u64 size = 0;
  for (DistBytes& s : packet) size += s.size;
  p.bytes_out += size;
  if (entry.outputv != nullptr) {
    std::vector<SysIOVec> slices{{nullptr, 0}};
    std::vector<ErlDrvBinary*> owners{nullptr};
    for (DistBytes& s : packet) {
      if (!is_driver_binary(s.data)) {  // bytes that no driver could hold on to
        BinaryData* copy = binary_data_new(s.size);
        std::memcpy(copy->bytes, s.bytes, s.size);
        binary_data_release(s.data);
        s = {copy, copy->bytes, s.size};
      }
      slices.push_back({reinterpret_cast<char*>(s.bytes), s.size});
      owners.push_back(driver_binary(s.data));
    }
    ErlIOVec v = {static_cast<int>(slices.size()), size, slices.data(), owners.data()};
    entry.outputv(p.data, &v);
  } else {
    std::vector<char> all;
    all.reserve(size);
    for (DistBytes& s : packet) all.insert(all.end(), s.bytes, s.bytes + s.size);
    entry.output(p.data, all.data(), all.size());
  }
  dist_bytes_release(packet);
}

struct DistTask : PortTask {};

void run_output(Port* p, PortTask* t) {
  vm_delete(static_cast<DistTask*>(t));
  if (p == nullptr || p->dist == nullptr || p->is_dead()) return;
  u64 before = p->bytes_out;
  std::vector<DistBytes> packet;
  while (!p->has(kPortBusy) && !p->is_dead() && p->dist != nullptr) {
    if (p->bytes_out - before > kBytesPerTurn) {
      dist_port_schedule(p->id);
      return;
    }
    if (!dist_next_packet(*p->dist, p->dist_connection, &packet)) return;
    put_out(*p, packet);
  }
}

struct KillTask : PortTask {
  Term reason;
};

void run_kill(Port* p, PortTask* t) {
  auto* task = static_cast<KillTask*>(t);
  if (p != nullptr && !p->is_dead()) port_exit(*p, p->id, task->reason, false, false);
  vm_delete(task);
}

}  // namespace

void dist_port_schedule(Term port) {
  auto* t = vm_new<DistTask>();
  t->run = run_output;
  port_push_to(port, t);
}

void dist_port_kill(Term port, Term reason) {
  auto* t = vm_new<KillTask>();
  t->run = run_kill;
  t->reason = reason;
  port_push_to(port, t);
}

void dist_port_attach(Port& p, DistEntry& e, u32 connection) {
  p.dist = &e;
  p.dist_connection = connection;
}

void dist_port_input(Port& p, const char* header, size_t header_size, const u8* bytes, size_t size) {
  if (header_size == 0) {
    dist_receive(*p.dist, p.dist_connection, {bytes, size});
    return;
  }
  std::vector<u8> all(header, header + header_size);
  all.insert(all.end(), bytes, bytes + size);
  dist_receive(*p.dist, p.dist_connection, all);
}

void dist_port_exits(Port& p, Term reason) {
  DistEntry& e = *p.dist;
  p.dist = nullptr;
  dist_connection_down(e, p.dist_connection, reason == am::normal ? am::connection_closed : reason);
}

}  // namespace lintel
