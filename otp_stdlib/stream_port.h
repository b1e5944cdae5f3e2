// What the drivers fd, spawn and vanilla share: reading bytes or packets from one descriptor and
// writing, through the port's queue, to another.
#pragma once
#include <string>

#include "otp_stdlib/static_drivers.h"

struct StreamPort {
  ErlDrvPort port;
  int in = -1;               // -1: none
  int out = -1;
  int packet_bytes = 0;
  size_t high_watermark = 8192;
  size_t low_watermark = 4096;
  bool is_busy = false;
  bool has_output_failed = false;
  bool may_block = false;    // `out` is not in non-blocking mode: ask before each write
  bool is_output_socket = false;
  std::string packet;        // begun, with its header

  enum class Input { More, Eof, Error };
  // Reads what is there once and delivers it.
  Input read_input();
  // Writes or queues. False when the packet is too big for its header or writing failed.
  void write_output(ErlIOVec* v);
  // `out` is writable: writes from the queue. True when the queue is empty.
  bool drain();

 private:
  void deliver_packets();
  ssize_t write_some(const SysIOVec* v, int count);
  void note_queued(size_t bytes);
};

ErlDrvEvent event_of(int fd);
