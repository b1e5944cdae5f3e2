// enif functions for binaries, I/O lists, I/O vectors and I/O queues.
//
// An ErlNifBinary with ref_bin set owns one reference to that byte array; one without points into a
// term (or at a temporary copy of it) and is good until its environment ends.
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/io/io_queue.h"
#include "vm/nif/env.h"

using namespace lintel;

struct erts_io_queue {
  IoQueue queue;
};

namespace {

enum IoVecFlags { kIoVecPreallocated = 1, kIoVecOwned = 2 };

BinaryData* binary_owner(const ErlNifBinary* bin) { return static_cast<BinaryData*>(bin->ref_bin); }

void copy_bits_aligned(const Bits& bits, u8* to, u64 bytes) {
  if (bits.bit_offset == 0) {
    std::memcpy(to, bits.base, bytes);
    return;
  }
  u32 shift = bits.bit_offset;
  for (u64 i = 0; i < bytes; i++) {
    to[i] = static_cast<u8>(bits.base[i] << shift | bits.base[i + 1] >> (8 - shift));
  }
}

// The bytes of a binary, copied to a temporary where they are not byte aligned.
u8* binary_bytes(ErlNifEnv* env, Term t, size_t* size) {
  Bits bits = bits_of(t);
  *size = bits.byte_size();
  if (bits.bit_offset == 0) return const_cast<u8*>(bits.base);
  auto* copy = static_cast<u8*>(env->alloc_temporary(*size));
  copy_bits_aligned(bits, copy, *size);
  return copy;
}

// The reference-counted array that holds the bytes of a byte-aligned binary, or null.
BinaryData* shared_owner(Term t) {
  if (t.is(BoxedTag::SubBinary)) {
    if (view<SubBinary>(t)->bit_offset() % 8 != 0) return nullptr;
    t = view<SubBinary>(t)->base;
  }
  return t.is(BoxedTag::RefcBinary) ? view<RefcBinary>(t)->data : nullptr;
}

// Walks an I/O list with an explicit stack. Each callback may be null. False: not an I/O list.
struct IoListSink {
  u8* to = nullptr;  // null: only count
  size_t size = 0;
  void byte(u8 b) {
    if (to != nullptr) to[size] = b;
    size++;
  }
  void binary(Term t) {
    Bits bits = bits_of(t);
    if (to != nullptr) copy_bits_aligned(bits, to + size, bits.byte_size());
    size += bits.byte_size();
  }
};

bool walk_iolist(Term t, IoListSink& sink) {
  Term fixed[32];
  Term* stack = fixed;
  size_t depth = 0;
  size_t capacity = 32;
  bool ok = true;
  for (;;) {
    if (t.is_list()) {
      if (depth == capacity) {
        auto* bigger = vm_alloc_array<Term>(capacity * 2);
        std::memcpy(static_cast<void*>(bigger), stack, capacity * sizeof(Term));
        if (stack != fixed) vm_free(stack);
        stack = bigger;
        capacity *= 2;
      }
      Term head = t.head();
      if (head.is_small()) {
        if (head.small_value() < 0 || head.small_value() > 255) {
          ok = false;
          break;
        }
        sink.byte(static_cast<u8>(head.small_value()));
        t = t.tail();
        // Only a list, a binary or [] may be a tail.
        if (t.is_small()) {
          ok = false;
          break;
        }
        continue;
      }
      stack[depth++] = t.tail();
      t = head;
      continue;
    }
    if (is_binary(t)) {
      sink.binary(t);
    } else if (!t.is_nil()) {
      ok = false;
      break;
    }
    if (depth == 0) break;
    t = stack[--depth];
    if (t.is_small()) {
      ok = false;
      break;
    }
  }
  if (stack != fixed) vm_free(stack);
  return ok;
}

}  // namespace

extern "C" {

int enif_inspect_binary(ErlNifEnv* env, ERL_NIF_TERM t, ErlNifBinary* bin) {
  if (!is_binary(to_term(t))) return 0;
  bin->data = binary_bytes(env, to_term(t), &bin->size);
  bin->ref_bin = nullptr;
  return 1;
}

int enif_inspect_iolist_as_binary(ErlNifEnv* env, ERL_NIF_TERM t, ErlNifBinary* bin) {
  Term term = to_term(t);
  if (is_binary(term)) return enif_inspect_binary(env, t, bin);
  if (!term.is_list() && !term.is_nil()) return 0;
  IoListSink count;
  if (!walk_iolist(term, count)) return 0;
  IoListSink write;
  write.to = static_cast<u8*>(env->alloc_temporary(count.size + 1));
  walk_iolist(term, write);
  bin->data = write.to;
  bin->size = write.size;
  bin->ref_bin = nullptr;
  return 1;
}

int enif_alloc_binary(size_t size, ErlNifBinary* bin) {
  BinaryData* d = binary_data_new(size);
  bin->size = size;
  bin->data = d->bytes;
  bin->ref_bin = d;
  return 1;
}

int enif_realloc_binary(ErlNifBinary* bin, size_t size) {
  if (bin->ref_bin != nullptr) {
    BinaryData* d = binary_data_grow(binary_owner(bin), size);
    bin->ref_bin = d;
    bin->data = d->bytes;
    bin->size = size;
    return 1;
  }
  const u8* old = bin->data;
  size_t keep = bin->size < size ? bin->size : size;
  if (!enif_alloc_binary(size, bin)) return 0;
  std::memcpy(bin->data, old, keep);
  return 1;
}

void enif_release_binary(ErlNifBinary* bin) {
  if (bin->ref_bin != nullptr) binary_data_release(binary_owner(bin));
  bin->ref_bin = nullptr;
}

unsigned char* enif_make_new_binary(ErlNifEnv* env, size_t size, ERL_NIF_TERM* out) {
  u8* bytes;
  *out = from_term(env->reserve(binary_words(size)).binary_uninitialized(size, &bytes));
  return bytes;
}

ERL_NIF_TERM enif_make_binary(ErlNifEnv* env, ErlNifBinary* bin) {
  if (bin->ref_bin == nullptr) {
    return from_term(env->reserve(binary_words(bin->size)).binary(bin->data, bin->size));
  }
  // The term takes the reference; bin->data stays readable while the term lives.
  BinaryData* d = binary_owner(bin);
  bin->ref_bin = nullptr;
  return from_term(env->reserve(kRefcBinaryWords).refc_binary(d, bin->size));
}

ERL_NIF_TERM enif_make_sub_binary(ErlNifEnv* env, ERL_NIF_TERM t, size_t position, size_t size) {
  Term base = to_term(t);
  u64 offset = 0;
  if (base.is(BoxedTag::SubBinary)) {
    offset = view<SubBinary>(base)->bit_offset();
    base = view<SubBinary>(base)->base;
  }
  return from_term(env->reserve(kSubBinaryWords).sub_binary(base, offset + position * 8, size * 8));
}

// ---- I/O vectors ----

int enif_inspect_iovec(ErlNifEnv* env, size_t max_elements, ERL_NIF_TERM t, ERL_NIF_TERM* tail,
                       ErlNifIOVec** out) {
  Term list = to_term(t);
  size_t count = 0;
  for (; list.is_list() && count < max_elements; list = list.tail()) {
    if (!is_binary(list.head())) return 0;
    count++;
  }
  if (!list.is_list() && !list.is_nil()) return 0;

  bool is_owned = env == nullptr;  // outlives any environment: freed by enif_free_iovec
  auto allocate = [&](size_t bytes) { return is_owned ? vm_alloc(bytes) : env->alloc_temporary(bytes); };
  ErlNifIOVec* v = *out;
  int flags = is_owned ? kIoVecOwned : 0;
  if (v == nullptr) {
    v = static_cast<ErlNifIOVec*>(allocate(sizeof *v));
  } else {
    flags |= kIoVecPreallocated;
  }
  v->flags = flags;
  v->iov = v->small_iov;
  v->ref_bins = v->small_ref_bin;
  if (count > ERL_NIF_IOVEC_SIZE) {
    v->iov = static_cast<SysIOVec*>(allocate(count * sizeof(SysIOVec)));
    v->ref_bins = static_cast<void**>(allocate(count * sizeof(void*)));
  }
  v->iovcnt = 0;
  v->size = 0;
  Term rest = to_term(t);
  for (size_t i = 0; i < count; i++, rest = rest.tail()) {
    Term item = rest.head();
    u64 size = bits_of(item).byte_size();
    if (size == 0) continue;
    BinaryData* owner = shared_owner(item);
    u8* bytes;
    if (owner != nullptr) {
      bytes = const_cast<u8*>(bits_of(item).base);
      if (is_owned) binary_data_retain(owner);
    } else if (is_owned) {
      owner = binary_data_new(size);
      copy_bits_aligned(bits_of(item), owner->bytes, size);
      bytes = owner->bytes;
    } else {
      bytes = binary_bytes(env, item, &size);
    }
    v->iov[v->iovcnt].iov_base = reinterpret_cast<char*>(bytes);
    v->iov[v->iovcnt].iov_len = size;
    v->ref_bins[v->iovcnt++] = owner;
    v->size += size;
  }
  *tail = from_term(list);
  *out = v;
  return 1;
}

void enif_free_iovec(ErlNifIOVec* v) {
  if (!(v->flags & kIoVecOwned)) return;  // goes with its environment
  for (int i = 0; i < v->iovcnt; i++) binary_data_release(static_cast<BinaryData*>(v->ref_bins[i]));
  if (v->iov != v->small_iov) {
    vm_free(v->iov);
    vm_free(v->ref_bins);
  }
  if (!(v->flags & kIoVecPreallocated)) vm_free(v);
}

// ---- I/O queues ----

ErlNifIOQueue* enif_ioq_create(ErlNifIOQueueOpts options) {
  if (options != ERL_NIF_IOQ_NORMAL) return nullptr;
  return vm_new<erts_io_queue>();
}

void enif_ioq_destroy(ErlNifIOQueue* q) { vm_delete(q); }

int enif_ioq_enq_binary(ErlNifIOQueue* q, ErlNifBinary* bin, size_t skip) {
  if (skip > bin->size) return 0;
  if (bin->ref_bin == nullptr) {
    q->queue.push_back_copy(bin->data + skip, bin->size - skip);
    return 1;
  }
  BinaryData* d = binary_owner(bin);
  bin->ref_bin = nullptr;
  q->queue.push_back(d, bin->data + skip, bin->size - skip);
  return 1;
}

int enif_ioq_enqv(ErlNifIOQueue* q, ErlNifIOVec* v, size_t skip) {
  if (skip > v->size) return 0;
  for (int i = 0; i < v->iovcnt; i++) {
    size_t size = v->iov[i].iov_len;
    if (skip >= size) {
      skip -= size;
      continue;
    }
    u8* bytes = reinterpret_cast<u8*>(v->iov[i].iov_base) + skip;
    size -= skip;
    skip = 0;
    auto* owner = static_cast<BinaryData*>(v->ref_bins[i]);
    if (owner == nullptr) {
      q->queue.push_back_copy(bytes, size);
    } else {
      binary_data_retain(owner);
      q->queue.push_back(owner, bytes, size);
    }
  }
  return 1;
}

size_t enif_ioq_size(ErlNifIOQueue* q) { return q->queue.byte_count(); }

int enif_ioq_deq(ErlNifIOQueue* q, size_t count, size_t* left) {
  if (count > q->queue.byte_count()) return 0;
  q->queue.drop(count);
  if (left != nullptr) *left = q->queue.byte_count();
  return 1;
}

SysIOVec* enif_ioq_peek(ErlNifIOQueue* q, int* count) {
  *count = q->queue.slice_count();
  return q->queue.slices();
}

int enif_ioq_peek_head(ErlNifEnv* env, ErlNifIOQueue* q, size_t* size, ERL_NIF_TERM* head) {
  if (q->queue.slice_count() == 0) return 0;
  SysIOVec slice = q->queue.slices()[0];
  BinaryData* owner = q->queue.owners()[0];
  if (size != nullptr) *size = slice.iov_len;
  auto* bytes = reinterpret_cast<u8*>(slice.iov_base);
  if (slice.iov_len <= kMaxHeapBinary) {
    *head = from_term(env->reserve(binary_words(slice.iov_len)).binary(bytes, slice.iov_len));
    return 1;
  }
  u64 offset = static_cast<u64>(bytes - owner->bytes);
  Builder b = env->reserve(kRefcBinaryWords + kSubBinaryWords);
  binary_data_retain(owner);
  Term whole = b.refc_binary(owner, offset + slice.iov_len);
  *head = from_term(offset == 0 ? whole : b.sub_binary(whole, offset * 8, slice.iov_len * 8));
  return 1;
}

}  // extern "C"
