// erlang: MD5, CRC-32 and Adler-32 of I/O data. A long one goes on as a call of the two-argument form
// with the sum so far and the rest of the data.
#include <zlib.h>

#include <algorithm>

#include "vm/base/md5.h"
#include "vm/code/export.h"
#include "vm/ops/binary_part.h"
#include "vm/ops/iolist.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

constexpr u64 kBytesPerReduction = 64;

u64 budget_of(Process& p) { return static_cast<u64>(std::max<i64>(p.reds, 50)) * kBytesPerReduction; }

// All of *data, or what a turn allows.
IoListStatus consume(Process& p, Term* data, IoListConsumer& consumer) {
  u64 budget = budget_of(p);
  if (data->is_bitstring()) {
    Bits bits = bits_of(*data);
    if (!bits.is_whole_bytes()) return IoListStatus::Bad;
    if (bits.byte_size() <= budget) {
      AlignedBytes bytes(bits);
      consumer.take(bytes.data(), bytes.size());
      p.bump_reductions(static_cast<i64>(bytes.size() / kBytesPerReduction));
      return IoListStatus::Done;
    }
  } else if (!data->is_list() && !data->is_nil()) {
    return IoListStatus::Bad;
  }
  IoListStatus status = iolist_consume(p, data, budget, consumer);
  if (status == IoListStatus::More) p.bump_reductions(std::max<i64>(p.reds, 1));
  return status;
}

bool u32_arg(Term t, u32* out) {
  u64 v;
  if (!t.is_integer() || !integer_to_u64(t, &v) || v > 0xffffffff) return false;
  *out = static_cast<u32>(v);
  return true;
}

// ---- CRC-32 and Adler-32 ----

using SumFn = uLong (*)(uLong sum, const Bytef* bytes, uInt size);

struct SumConsumer : IoListConsumer {
  SumFn fn;
  u32 sum;
  void take(const u8* bytes, u64 size) override {
    while (size != 0) {
      uInt n = static_cast<uInt>(std::min<u64>(size, 1u << 30));
      sum = static_cast<u32>(fn(sum, bytes, n));
      bytes += n;
      size -= n;
    }
  }
};

BifResult checksum(Process& p, SumFn fn, u32 sum, Term data, Term name) {
  SumConsumer c;
  c.fn = fn;
  c.sum = sum;
  LocalRoots<1> rest(p, data);
  switch (consume(p, &rest[0], c)) {
    case IoListStatus::Bad: return raise_badarg(p);
    case IoListStatus::Done: return Term::small(c.sum);
    case IoListStatus::More: break;
  }
  return trap(p, export_get(am::erlang, name, 2), {Term::small(c.sum), rest[0]});
}

}  // namespace

BifResult erlang_crc32_1(Process& p, Term* args) { return checksum(p, ::crc32, 0, args[0], am::crc32); }
BifResult erlang_crc32_2(Process& p, Term* args) {
  u32 sum;
  if (!u32_arg(args[0], &sum)) return raise_badarg(p);
  return checksum(p, ::crc32, sum, args[1], am::crc32);
}
BifResult erlang_adler32_1(Process& p, Term* args) { return checksum(p, ::adler32, 1, args[0], am::adler32); }
BifResult erlang_adler32_2(Process& p, Term* args) {
  u32 sum;
  if (!u32_arg(args[0], &sum)) return raise_badarg(p);
  return checksum(p, ::adler32, sum, args[1], am::adler32);
}

// Of the data of the first sum followed by the `size` bytes of the second's.
BifResult erlang_crc32_combine_3(Process& p, Term* args) {
  u32 a, b, size;
  if (!u32_arg(args[0], &a) || !u32_arg(args[1], &b) || !u32_arg(args[2], &size)) return raise_badarg(p);
  return Term::small(static_cast<u32>(::crc32_combine(a, b, static_cast<z_off_t>(size))));
}
BifResult erlang_adler32_combine_3(Process& p, Term* args) {
  u32 a, b, size;
  if (!u32_arg(args[0], &a) || !u32_arg(args[1], &b) || !u32_arg(args[2], &size)) return raise_badarg(p);
  if (size == 0) return Term::small(a);
  return Term::small(static_cast<u32>(::adler32_combine(a, b, static_cast<z_off_t>(size))));
}

// ---- MD5 ----

namespace {

struct Md5Consumer : IoListConsumer {
  Md5 md5;
  void take(const u8* bytes, u64 size) override { md5.update({bytes, size}); }
};

// The context between calls is the state's bytes.
static_assert(sizeof(Md5) == 88);

bool context_arg(Term t, Md5* md5) {
  if (!is_binary(t) || bitstring_bit_size(t) != sizeof(Md5) * 8) return false;
  AlignedBytes bytes(t);
  std::memcpy(static_cast<void*>(md5), bytes.data(), sizeof *md5);
  return true;
}

Term context_binary(Builder& heap, const Md5& md5) { return heap.binary(&md5, sizeof md5); }

BifResult digest(Process& p, Md5& md5) {
  auto sum = md5.finish();
  return p.reserve(binary_words(sum.size())).binary(sum.data(), sum.size());
}

}  // namespace

namespace {

struct Md5Job final : IoListJob {
  Md5 md5;
  void take(const u8* bytes, u64 size) override { md5.update({bytes, size}); }
  BifResult finish(Process& p) override { return digest(p, md5); }
  IoListJob* move_to_heap() override {
    auto* job = vm_new<Md5Job>();
    job->md5 = md5;
    return job;
  }
};

}  // namespace

BifResult erlang_md5_1(Process& p, Term* args) {
  Md5Job job;
  if (is_binary(args[0])) {
    u64 size = bitstring_bit_size(args[0]) / 8;
    if (size <= budget_of(p)) {
      AlignedBytes bytes(args[0]);
      p.bump_reductions(static_cast<i64>(size / kBytesPerReduction));
      job.take(bytes.data(), size);
      return job.finish(p);
    }
    Builder heap = p.reserve(kConsWords);
    args[0] = heap.cons(args[0], Term::nil());
  }
  return iolist_job(p, args, job, kBytesPerReduction);
}

BifResult erlang_md5_init_0(Process& p, Term* args) {
  Builder heap = p.reserve(binary_words(sizeof(Md5)));
  return context_binary(heap, Md5{});
}

BifResult erlang_md5_update_2(Process& p, Term* args) {
  Md5Consumer c;
  if (!context_arg(args[0], &c.md5)) return raise_badarg(p);
  LocalRoots<1> rest(p, args[1]);
  IoListStatus status = consume(p, &rest[0], c);
  if (status == IoListStatus::Bad) return raise_badarg(p);
  Builder heap = p.reserve(binary_words(sizeof(Md5)));
  Term context = context_binary(heap, c.md5);
  if (status == IoListStatus::Done) return context;
  return yield_again(p, {context, rest[0]});
}

BifResult erlang_md5_final_1(Process& p, Term* args) {
  Md5 md5;
  if (!context_arg(args[0], &md5)) return raise_badarg(p);
  return digest(p, md5);
}

}  // namespace lintel
