// ram_file_drv: a file in memory, for file:open(Data, [ram, ...]).
//
// A command is an operation byte with big-endian arguments of 32 bits (64 for advise and allocate);
// the answer is a kind byte: ok, the name of an error, a number, or a number and data.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "otp_stdlib/static_drivers.h"

namespace {

enum Operation : unsigned char {
  kOpen = 1, kRead = 2, kSeek = 3, kWrite = 4, kSync = 9, kTruncate = 14, kReadAt = 17, kWriteAt = 18,
  kDataSync = 19, kGet = 30, kSize = 37, kAdvise = 38, kAllocate = 39,
};
enum Mode { kModeRead = 1, kModeWrite = 2 };
enum Answer : char { kOk = 0, kError = 1, kData = 2, kNumber = 3 };

struct RamFile {
  ErlDrvPort port;
  unsigned mode = 0;  // 0: not open yet
  std::string bytes;
  size_t position = 0;
};

RamFile* file(ErlDrvData data) { return reinterpret_cast<RamFile*>(data); }

uint32_t number_at(const char* p) {
  const auto* u = reinterpret_cast<const unsigned char*>(p);
  return static_cast<uint32_t>(u[0]) << 24 | static_cast<uint32_t>(u[1]) << 16 |
         static_cast<uint32_t>(u[2]) << 8 | u[3];
}

std::string header(Answer kind, size_t number) {
  std::string h(5, static_cast<char>(kind));
  for (int i = 0; i < 4; i++) h[static_cast<size_t>(i) + 1] = static_cast<char>(number >> (24 - 8 * i));
  return h;
}

void answer_ok(RamFile* f) {
  char kind = kOk;
  driver_output2(f->port, &kind, 1, nullptr, 0);
}
void answer_error(RamFile* f, int error) {
  std::string text = std::string(1, kError) + erl_errno_id(error);
  driver_output2(f->port, text.data(), text.size(), nullptr, 0);
}
void answer_number(RamFile* f, size_t n) {
  std::string h = header(kNumber, n);
  driver_output2(f->port, h.data(), h.size(), nullptr, 0);
}
void answer_data(RamFile* f, const char* bytes, size_t size) {
  std::string h = header(kData, size);
  ErlDrvBinary* bin = driver_alloc_binary(size);
  if (size != 0) std::memcpy(bin->orig_bytes, bytes, size);
  driver_output_binary(f->port, h.data(), h.size(), bin, 0, size);
  driver_free_binary(bin);
}

// Reads up to `size` bytes; nothing behind the end.
void read_at(RamFile* f, size_t at, int32_t size, bool moves) {
  if (!(f->mode & kModeRead)) return answer_error(f, EBADF);
  if (size < 0) return answer_error(f, EINVAL);
  size_t there = at < f->bytes.size() ? f->bytes.size() - at : 0;
  size_t n = std::min(static_cast<size_t>(size), there);
  if (moves) f->position = at + n;
  answer_data(f, f->bytes.data() + (n != 0 ? at : 0), n);
}

void write_at(RamFile* f, size_t at, const char* bytes, size_t size, bool moves) {
  if (!(f->mode & kModeWrite)) return answer_error(f, EBADF);
  if (at + size > f->bytes.size()) f->bytes.resize(at + size, '\0');
  if (size != 0) std::memcpy(f->bytes.data() + at, bytes, size);
  if (moves) f->position = at + size;
  answer_number(f, size);
}

void seek(RamFile* f, int32_t offset, uint32_t whence) {
  if (f->mode == 0) return answer_error(f, EBADF);
  int64_t base = whence == 0 ? 0
                 : whence == 1 ? static_cast<int64_t>(f->position)
                               : static_cast<int64_t>(f->bytes.size());
  if (whence > 2 || base + offset < 0) return answer_error(f, EINVAL);
  f->position = static_cast<size_t>(base + offset);
  answer_number(f, f->position);
}

ErlDrvData start(ErlDrvPort port, char*) {
  auto* f = new RamFile();
  f->port = port;
  return reinterpret_cast<ErlDrvData>(f);
}
void stop(ErlDrvData data) { delete file(data); }

void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  RamFile* f = file(data);
  if (size == 0) return;
  auto operation = static_cast<Operation>(bytes[0]);
  const char* p = bytes + 1;
  size_t rest = size - 1;
  auto has = [&](size_t n) {
    if (rest < n) answer_error(f, EINVAL);
    return rest >= n;
  };
  switch (operation) {
    case kOpen:
      if (!has(4)) return;
      f->mode = number_at(p);
      f->bytes.assign(p + 4, rest - 4);
      f->position = 0;
      return answer_number(f, 0);
    case kRead:
      if (has(4)) read_at(f, f->position, static_cast<int32_t>(number_at(p)), true);
      return;
    case kReadAt:
      if (!has(8)) return;
      if (static_cast<int32_t>(number_at(p)) < 0) return answer_error(f, EINVAL);
      return read_at(f, number_at(p), static_cast<int32_t>(number_at(p + 4)), false);
    case kWrite: return write_at(f, f->position, p, rest, true);
    case kWriteAt:
      if (!has(4)) return;
      if (static_cast<int32_t>(number_at(p)) < 0) return answer_error(f, EINVAL);
      return write_at(f, number_at(p), p + 4, rest - 4, false);
    case kSeek:
      if (has(8)) seek(f, static_cast<int32_t>(number_at(p)), number_at(p + 4));
      return;
    case kTruncate:
      if (!(f->mode & kModeWrite)) return answer_error(f, EACCES);
      f->bytes.resize(f->position, '\0');
      return answer_ok(f);
    case kGet: return answer_data(f, f->bytes.data(), f->bytes.size());
    case kSize: return answer_number(f, f->bytes.size());
    case kSync:
    case kDataSync:
    case kAdvise:
    case kAllocate: return f->mode == 0 ? answer_error(f, EBADF) : answer_ok(f);
  }
}

ErlDrvEntry make_entry() {
  ErlDrvEntry e{};
  e.start = reinterpret_cast<decltype(e.start)>(start);
  e.stop = stop;
  e.output = output;
  e.driver_name = const_cast<char*>("ram_file_drv");
  e.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  e.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  e.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  e.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  return e;
}

}  // namespace

extern "C" {
ErlDrvEntry ram_file_driver_entry = make_entry();
}
