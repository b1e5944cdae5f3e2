// What the drivers tcp_inet and udp_inet share: a socket behind a port, its options, its counters,
// and the requests that work on both.
//
// A request is answered at once with bytes; what has to wait is answered with a number, under which
// the result comes later as {inet_async, Port, Number, Result}. Sending is answered with
// {inet_reply, Port, Result}.
//
// A port may end in the middle of any callback (driver_exit, or the last byte of a queue that is
// being flushed): the driver's `stop` then runs inside that callback. So every callback holds an
// Entry; `stop` only marks the socket as stopped, and the outermost Entry frees it.
#pragma once
#include <vector>

#include "otp_stdlib/inet_address.h"
#include "otp_stdlib/inet_message.h"

namespace inet {

struct AsyncOp {
  uint16_t id = 0;
  ErlDrvTermData caller = 0;
};

class Socket {
 public:
  Socket(ErlDrvPort port, int protocol);
  virtual ~Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  class Entry {
   public:
    explicit Entry(Socket* s) : s_(s) { s_->depth_++; }
    ~Entry() {
      if (--s_->depth_ == 0 && s_->stopped_) delete s_;
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Socket* s_;
  };

  ErlDrvSSizeT control(unsigned command, const char* bytes, size_t size, char** reply, ErlDrvSizeT room);
  // The port is over.
  void stop();

 protected:
  // ---- what the two kinds do differently ----
  virtual void request(unsigned code, Reader& in, Writer& out) = 0;
  // An option of this kind of socket alone. False: no such option, or a bad value.
  virtual bool set_own_option(uint8_t option, int32_t value) = 0;
  // False: the option has no value here, and is left out.
  virtual bool get_own_option(uint8_t option, int32_t* value) = 0;
  // Options were set while the socket works; `active` and `packet` are what they were.
  virtual void options_changed(int active, int packet) = 0;
  virtual void activated_while_closed() {}
  virtual void buffer_for_recbuf(int32_t size) = 0;
  virtual void stopping() = 0;
  virtual ErlDrvTermData passive_tag() const = 0;

  // ---- answers ----
  static void ok(Writer& out) { out.u8(kReplyOk); }
  static void error(Writer& out, const char* name) { out.u8(kReplyError).bytes(name, std::strlen(name)); }
  static void error(Writer& out, int number) { error(out, erl_errno_id(number)); }

  // The port of a socket that was made before its port.
  void set_port(ErlDrvPort port) {
    port_ = port;
    port_term_ = driver_mk_port(port);
  }
  uint16_t new_async_id() { return next_id_++; }
  // False: one is waiting already.
  bool push_op(Writer& out);
  bool has_op() const { return has_op_; }
  // Takes the waiting one; false when there is none.
  bool take_op(AsyncOp* op);
  void async_ok();
  void async_error(ErlDrvTermData reason);
  void send_async_ok_port(const AsyncOp& op, ErlDrvTermData port);
  void send_async_error(const AsyncOp& op, ErlDrvTermData reason);
  void reply_ok();
  void reply_error(ErlDrvTermData reason);
  void passive_message();
  // One message of an active socket was delivered.
  void count_active();

  // ---- the descriptor ----
  void open_socket(int family, int type, Writer& out);
  void adopt_socket(int fd, int family, int type, bool bound, Writer& out);
  void select(int directions, bool on);
  // Closes it; one that was given from outside is only let go.
  void close_socket();
  bool is_open() const { return (state_ & kStateOpen) != 0; }
  bool is_connected() const { return (state_ & (kStateOpen | kStateActive)) == (kStateOpen | kStateActive); }
  bool is_ignored() const { return ignore_ != 0; }
  bool stopped() const { return stopped_; }

  void count_output(size_t bytes);
  void count_input(size_t bytes);
  void tell_empty_queue();

  ErlDrvPort port_;
  ErlDrvTermData port_term_;
  int fd_ = -1;
  int protocol_;
  int family_ = -1;
  int type_ = -1;
  uint32_t state_ = kStateClosed;
  bool is_prebound_ = false;
  ErlDrvTermData caller_ = 0;  // who waits for {inet_reply, ...}

  // Set by options.
  int active_ = kPassive;
  int active_count_ = 0;
  int packet_ = 0;  // code, see inet_tcp.h
  int mode_ = kModeList;
  int deliver_ = kDeliverTerm;
  uint32_t header_ = 0;
  uint32_t packet_size_ = 0;
  int32_t buffer_size_ = 1460;
  bool is_buffer_set_ = false;
  bool exit_on_close_ = true;
  uint8_t delimiter_ = '\n';
  bool debug_ = false;
  const std::string* netns() const { return has_netns_ ? &netns_ : nullptr; }
  uint32_t received_ancillary_ = 0;  // bits of the recvtos family
  bool has_netns_ = false;
  std::string netns_;
  AddressAndSize remote_;

  enum Ignore : uint8_t { kIgnoreRead = 1, kIgnoreWrite = 2, kIgnorePassive = 4 };
  uint8_t ignore_ = 0;

 private:
  void common_request(unsigned code, Reader& in, Writer& out);
  bool set_options(Reader& in);
  bool set_system_option(uint8_t option, int32_t value, Reader& in);
  bool set_membership(uint8_t option, int32_t family, Reader& in);
  bool set_active(int32_t value, Reader& in);
  bool set_raw(int level, int name, const void* value, size_t size);
  void get_options(Reader& in, Writer& out);
  bool get_option(uint8_t option, Reader& in, Writer& out);
  void get_raw_option(Reader& in, Writer& out, bool* ok);
  bool get_packet_options(Writer& out);
  void get_stats(Reader& in, Writer& out);
  void subscribe(Reader& in, Writer& out);
  void bind(Reader& in, Writer& out);
  void name(bool is_peer, Writer& out);
  void names(bool is_peer, Reader& in, Writer& out);
  void set_name(bool is_peer, Reader& in, Writer& out);
  void get_type(Writer& out);
  void ignore_fd(Reader& in, Writer& out);
  void service_by_name(Reader& in, Writer& out);
  void service_by_port(Reader& in, Writer& out);

  int depth_ = 0;
  bool stopped_ = false;
  uint8_t selected_ = 0;
  bool has_op_ = false;
  AsyncOp op_;
  uint16_t next_id_ = 0;
  bool has_fake_peer_ = false;
  bool has_fake_name_ = false;
  AddressAndSize fake_peer_;
  AddressAndSize fake_name_;
  std::vector<ErlDrvTermData> empty_queue_subscribers_;

  uint64_t recv_octets_ = 0;
  uint64_t send_octets_ = 0;
  uint32_t recv_count_ = 0;
  uint32_t send_count_ = 0;
  size_t recv_max_ = 0;
  size_t send_max_ = 0;
  double recv_average_ = 0;
  double recv_deviation_ = 0;
  double send_average_ = 0;
};

// Network interfaces (inet_interfaces.cpp).
void list_interfaces(int fd, Writer& out);
void get_interface(int fd, Reader& in, Writer& out);
void set_interface(int fd, Reader& in, Writer& out);
void list_interface_addresses(const std::string* netns, Writer& out);

// Does `work` in another network namespace, or where it is when there is no path. 0, or an errno value.
template <typename F>
int in_namespace(const std::string* path, F work);
int enter_namespace(const std::string& path, int* before);
int leave_namespace(int before);

template <typename F>
int in_namespace(const std::string* path, F work) {
  if (path == nullptr) return work();
  int before;
  int error = enter_namespace(*path, &before);
  if (error != 0) return error;
  int result = work();
  error = leave_namespace(before);
  return result != 0 ? result : error;
}

inline ErlDrvEvent event_of_fd(int fd) { return reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(fd)); }

}  // namespace inet
