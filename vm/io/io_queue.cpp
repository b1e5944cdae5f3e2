#include "vm/io/io_queue.h"

#include <cstring>

#include "vm/base/alloc.h"

namespace lintel {

IoQueue::~IoQueue() {
  for (u32 i = head_; i < tail_; i++) binary_data_release(owners_[i]);
  vm_free(vectors_);
  vm_free(owners_);
}

// Slides the slices, or doubles the arrays when they are more than half full.
void IoQueue::make_room(bool in_front) {
  u32 count = tail_ - head_;
  u32 capacity = capacity_;
  if (capacity < 8) capacity = 8;
  while (count * 2 >= capacity) capacity *= 2;
  auto* vectors = vm_alloc_array<SysIOVec>(capacity);
  auto* owners = vm_alloc_array<BinaryData*>(capacity);
  u32 head = in_front ? capacity - count : 0;
  if (count != 0) {
    std::memcpy(vectors + head, vectors_ + head_, count * sizeof *vectors);
    std::memcpy(owners + head, owners_ + head_, count * sizeof *owners);
  }
  vm_free(vectors_);
  vm_free(owners_);
  vectors_ = vectors;
  owners_ = owners;
  capacity_ = capacity;
  head_ = head;
  tail_ = head + count;
}

void IoQueue::push_back(BinaryData* owner, u8* bytes, size_t size) {
  if (size == 0) {
    binary_data_release(owner);
    return;
  }
  if (tail_ == capacity_) make_room(false);
  vectors_[tail_].iov_base = reinterpret_cast<char*>(bytes);
  vectors_[tail_].iov_len = size;
  owners_[tail_++] = owner;
  bytes_ += size;
}

void IoQueue::push_front(BinaryData* owner, u8* bytes, size_t size) {
  if (size == 0) {
    binary_data_release(owner);
    return;
  }
  if (head_ == 0) make_room(true);
  head_--;
  vectors_[head_].iov_base = reinterpret_cast<char*>(bytes);
  vectors_[head_].iov_len = size;
  owners_[head_] = owner;
  bytes_ += size;
}

void IoQueue::push_back_copy(const void* bytes, size_t size) {
  if (size == 0) return;
  BinaryData* d = binary_data_new(size);
  std::memcpy(d->bytes, bytes, size);
  push_back(d, d->bytes, size);
}

void IoQueue::push_front_copy(const void* bytes, size_t size) {
  if (size == 0) return;
  BinaryData* d = binary_data_new(size);
  std::memcpy(d->bytes, bytes, size);
  push_front(d, d->bytes, size);
}

void IoQueue::drop(size_t count) {
  VM_ASSERT(count <= bytes_);
  bytes_ -= count;
  while (count != 0) {
    SysIOVec& v = vectors_[head_];
    if (count < v.iov_len) {
      v.iov_base = static_cast<char*>(v.iov_base) + count;
      v.iov_len -= count;
      return;
    }
    count -= v.iov_len;
    binary_data_release(owners_[head_++]);
  }
  if (head_ == tail_) head_ = tail_ = 0;
}

}  // namespace lintel
