// A queue of bytes held as slices of reference-counted byte arrays: the driver API's port queue and
// the NIF API's ErlNifIOQueue. The slices stand in one array of I/O vectors, so that a writer can
// hand the queue to writev as it is.
//
//   [ unused | slice, slice, slice | unused ]       vectors_ and owners_ in parallel
//            head_                 tail_
#pragma once
#include <erl_drv_nif.h>

#include "vm/term/boxed.h"

namespace lintel {

class IoQueue {
 public:
  IoQueue() = default;
  ~IoQueue();
  IoQueue(const IoQueue&) = delete;
  IoQueue& operator=(const IoQueue&) = delete;

  size_t byte_count() const { return bytes_; }
  int slice_count() const { return static_cast<int>(tail_ - head_); }
  SysIOVec* slices() { return vectors_ + head_; }
  BinaryData** owners() { return owners_ + head_; }

  // Adds a slice; takes over one reference to `owner`.
  void push_back(BinaryData* owner, u8* bytes, size_t size);
  void push_front(BinaryData* owner, u8* bytes, size_t size);
  void push_back_copy(const void* bytes, size_t size);
  void push_front_copy(const void* bytes, size_t size);
  // Drops `count` bytes from the front; at most byte_count().
  void drop(size_t count);

 private:
  void make_room(bool in_front);

  SysIOVec* vectors_ = nullptr;
  BinaryData** owners_ = nullptr;
  u32 head_ = 0;
  u32 tail_ = 0;
  u32 capacity_ = 0;
  size_t bytes_ = 0;
};

}  // namespace lintel
