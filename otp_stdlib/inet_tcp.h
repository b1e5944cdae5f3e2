// A TCP (or local stream) socket behind a port.
//
//   closed --open--> open --connect--> connecting --> connected --close--> closed
//                      \--listen--> listening (accepting while somebody waits)
//
// Input. `in_` is a buffer whose bytes start_ .. end_ are not delivered yet; remain_ says how many
// more the packet at start_ needs when that is known. An active socket delivers every packet that is
// whole; a passive one delivers one for each recv.
//
// Output goes to the system at once; what it does not take is queued in the port and written when the
// socket is writable. When as much as high_ is queued, the port is busy and the sender's reply waits
// until only low_ is left.
#pragma once
#include <deque>

#include "otp_stdlib/inet_socket.h"
#include "vm/io/packet.h"

namespace inet {

class TcpSocket final : public Socket {
 public:
  explicit TcpSocket(ErlDrvPort port) : Socket(port, IPPROTO_TCP) {}
  ~TcpSocket() override;

  void output(ErlIOVec* v);
  void ready_input();
  void ready_output();
  void timeout();
  void flush();
  void process_exit(ErlDrvMonitor* monitor);

 protected:
  void request(unsigned code, Reader& in, Writer& out) override;
  bool set_own_option(uint8_t option, int32_t value) override;
  bool get_own_option(uint8_t option, int32_t* value) override;
  void options_changed(int active, int packet) override;
  void activated_while_closed() override;
  void buffer_for_recbuf(int32_t size) override;
  void stopping() override;
  ErlDrvTermData passive_tag() const override { return atoms.tcp_passive; }

 private:
  enum class TimerKind : uint8_t { Connect, Accept, Recv, Send, DelayedSend };
  struct OpTimer {
    uint64_t deadline_ms;
    TimerKind kind;
    uint16_t id;  // of the waiting accept
  };
  struct Accepter {
    AsyncOp op;
    ErlDrvMonitor monitor;
  };

  // ---- requests ----
  void open(Reader& in, Writer& out, bool adopt);
  void listen(Reader& in, Writer& out);
  void connect(Reader& in, Writer& out);
  void accept(Reader& in, Writer& out);
  void recv(Reader& in, Writer& out);
  void unrecv(Reader& in, Writer& out);
  void shutdown(Reader& in, Writer& out);
  void send_file(Reader& in, Writer& out);

  // ---- timers ----
  void start_timer(TimerKind kind, uint32_t ms, uint16_t id = 0);
  void cancel_timers(TimerKind kind, uint16_t id = 0);
  void cancel_all_timers();
  void arm_timer();
  void fire(const OpTimer& t);

  // ---- connecting, accepting ----
  void finish_connect();
  void accept_ready();
  // The port of a connection that was accepted for `owner`. 0: failed, *error says why.
  ErlDrvTermData make_accepted(int fd, const AddressAndSize& remote, ErlDrvTermData owner, int* error);
  void accept_state();

  // ---- input (inet_tcp_input.cpp). Each returns below 0 when the input ended or failed ----
  int receive(uint32_t request);
  int deliver(size_t length);
  int deliver_ready() { return deliver(0); }
  void deliver_packet(size_t offset, size_t length, bool share);
  void deliver_http(const char* line, size_t length);
  void deliver_tls(const char* packet, size_t length);
  void deliver_bytes(size_t offset, size_t length, bool share);
  // Bytes missing of the packet at start_: 0: it is whole, *length long; above: so many at most,
  // exactly when *length is not 0; below: no such packet.
  int64_t missing(size_t* length);
  void ensure_capacity(size_t size);
  void drop_input();
  void compact_input();
  int input_closed();
  int input_failed(int error);
  void close_read();

  // ---- output ----
  int queue_or_write(ErlIOVec* v);
  void write_queue();
  void end_busy();
  void low_watermark_reached();
  int send_failed(int error);
  int sending_over(int error);
  void drop_output();
  void pending_shutdown();
  void closed_message();
  void error_message(int error);
  void close_all();
  void abort_waiting();
  int continue_send_file();
  void send_file_done();
  void send_file_aborted(int error);

  bool is_busy() const { return (state_ & kStateBusy) != 0; }

  ErlDrvBinary* in_ = nullptr;
  size_t start_ = 0;
  size_t end_ = 0;
  size_t in_size_ = 0;  // how much of the buffer is used, at most
  size_t remain_ = 0;
  bool was_filled_ = false;  // the last read got as much as it asked for
  bool in_headers_ = false;  // of an HTTP stream

  std::deque<Accepter> accepters_;
  std::vector<OpTimer> timers_;

  size_t high_ = 8192;
  size_t low_ = 4096;
  uint32_t send_timeout_ = kInfinity;
  bool send_timeout_close_ = false;
  bool is_waiting_to_send_ = false;  // busy, with a send timer
  ErlDrvTermData busy_caller_ = 0;

  bool delay_send_ = false;
  bool show_reset_ = false;
  bool is_linger_zero_ = false;
  bool is_close_told_ = false;
  // The connection is gone and the next recv or send is to be told `closed`.
  bool closed_for_recv_ = false;
  bool closed_for_send_ = false;
  bool was_reset_ = false;
  int shutdown_when_written_ = -1;
  bool is_shut_down_ = false;

  bool is_sending_file_ = false;
  int file_ = -1;
  int64_t file_offset_ = 0;
  int64_t file_left_ = 0;
  uint64_t file_sent_ = 0;
  size_t queue_before_file_ = 0;
};

lintel::PacketKind packet_kind(int code);
inline constexpr int kPacketCodes = 15;

}  // namespace inet
