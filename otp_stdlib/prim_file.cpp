// prim_file: files and directories for the module of that name, which file, filelib, the code server
// and everything else stand on.
//
// An open file belongs to the process that opened it and is closed when that process ends. Closing
// may block, and the down callback runs on an ordinary scheduler; so the callback only marks the
// file and asks the janitor process (named at load) to do it. A file is in one of four states:
//
//   Idle --operation--> Busy --done--> Idle
//   Idle --close or owner died--> Closed
//   Busy --owner died--> Doomed --done--> Closed (by the thread that was busy)
//
// The resource holds a reference to itself until the descriptor is closed, so that the collector
// never gets to close one.
#define STATIC_ERLANG_NIF 1
#include <dirent.h>
#include <erl_driver.h>
#include <erl_nif.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

#include "otp_stdlib/static_nifs.h"

namespace {

using Args = const ERL_NIF_TERM[];

enum FileState : int { kIdle, kBusy, kDoomed, kClosed };

struct File {
  std::atomic<int> state;
  int fd;
  ErlNifMonitor owner;
};

ErlNifResourceType* file_type;
ErlNifPid janitor;

#define PRIM_FILE_ATOMS(X)                                                                      \
  X(ok) X(error) X(close) X(eof) X(read) X(write) X(exclusive) X(append) X(sync) X(directory)   \
  X(skip_type_check) X(read_write) X(none) X(normal) X(random) X(sequential) X(will_need)       \
  X(dont_need) X(no_reuse) X(device) X(regular) X(symlink) X(other) X(file_info) X(bof) X(cur)
ERL_NIF_TERM am_continue;
#define X(name) ERL_NIF_TERM am_##name;
PRIM_FILE_ATOMS(X)
#undef X

ERL_NIF_TERM posix_error(ErlNifEnv* env, int error) {
  return enif_make_tuple2(env, am_error, enif_make_atom(env, erl_errno_id(error)));
}
ERL_NIF_TERM last_error(ErlNifEnv* env) { return posix_error(env, errno); }
ERL_NIF_TERM ok_or_errno(ErlNifEnv* env, int result) { return result < 0 ? last_error(env) : am_ok; }
ERL_NIF_TERM ok_pair(ErlNifEnv* env, ERL_NIF_TERM value) {
  return enif_make_tuple2(env, am_ok, value);
}

// A path argument: a binary with a NUL at its end (one or more) and none before.
struct Path {
  ErlNifBinary bytes;
  bool get(ErlNifEnv* env, ERL_NIF_TERM t) {
    if (!enif_inspect_binary(env, t, &bytes) || bytes.size == 0) return false;
    size_t length = strnlen(text(), bytes.size);
    if (length == bytes.size) return false;
    for (size_t i = length; i < bytes.size; i++) {
      if (bytes.data[i] != 0) return false;
    }
    return true;
  }
  const char* text() const { return reinterpret_cast<const char*>(bytes.data); }
};

// Runs `call` again as long as a signal interrupts it.
template <typename F>
auto uninterrupted(F call) {
  for (;;) {
    auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// Reads until `size` bytes came or the file ended. Returns the count, or -1 with errno.
ssize_t read_fully(int fd, unsigned char* to, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t n = uninterrupted([&] { return ::read(fd, to + done, size - done); });
    if (n < 0) return -1;
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return static_cast<ssize_t>(done);
}
ssize_t pread_fully(int fd, unsigned char* to, size_t size, off_t offset) {
  size_t done = 0;
  while (done < size) {
    ssize_t n = uninterrupted(
        [&] { return ::pread(fd, to + done, size - done, offset + static_cast<off_t>(done)); });
    if (n < 0) return -1;
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return static_cast<ssize_t>(done);
}

// Writes all of a vector; at offset, or at the file position when offset is negative.
bool write_fully(int fd, SysIOVec* slices, int count, off_t offset) {
  auto* v = reinterpret_cast<struct iovec*>(slices);
  static_assert(sizeof(SysIOVec) == sizeof(struct iovec));
  while (count > 0) {
    ssize_t n = uninterrupted([&] {
      int some = count < IOV_MAX ? count : IOV_MAX;
      return offset < 0 ? ::writev(fd, v, some) : ::pwritev(fd, v, some, offset);
    });
    if (n < 0) return false;
    if (offset >= 0) offset += n;
    while (count > 0 && static_cast<size_t>(n) >= v->iov_len) {
      n -= static_cast<ssize_t>(v->iov_len);
      v++;
      count--;
    }
    if (count > 0) {
      v->iov_base = static_cast<char*>(v->iov_base) + n;
      v->iov_len -= static_cast<size_t>(n);
    }
  }
  return true;
}

// ---- file handles ----

// Closes the descriptor of a file that is in state Closed and lets the collector have the rest.
int close_descriptor(File* f) {
  int fd = f->fd;
  f->fd = -1;
  enif_release_resource(f);
  return ::close(fd);  // never retried: the descriptor is gone even when it was interrupted
}

void finish_operation(File* f) {
  int expected = kBusy;
  if (f->state.compare_exchange_strong(expected, kIdle, std::memory_order_release)) return;
  // The owner died meanwhile. acq: sees what the down callback wrote.
  f->state.store(kClosed, std::memory_order_seq_cst);
  close_descriptor(f);
}

using FileOperation = ERL_NIF_TERM (*)(ErlNifEnv*, int fd, Args);

// A NIF whose first argument is a file; `operation` gets the others.
template <FileOperation operation>
ERL_NIF_TERM on_file(ErlNifEnv* env, int, Args argv) {
  void* object;
  if (!enif_get_resource(env, argv[0], file_type, &object)) return enif_make_badarg(env);
  auto* f = static_cast<File*>(object);
  int expected = kIdle;
  if (!f->state.compare_exchange_strong(expected, kBusy, std::memory_order_acquire)) {
    return posix_error(env, EINVAL);
  }
  ERL_NIF_TERM result = operation(env, f->fd, argv + 1);
  finish_operation(f);
  return result;
}

void owner_died(ErlNifEnv* env, void* object, ErlNifPid*, ErlNifMonitor*) {
  auto* f = static_cast<File*>(object);
  for (;;) {
    int state = kIdle;
    if (f->state.compare_exchange_strong(state, kClosed)) {
      ERL_NIF_TERM message = enif_make_tuple2(env, am_close, enif_make_resource(env, f));
      enif_send(env, &janitor, nullptr, message);
      return;
    }
    if (state != kBusy) return;
    if (f->state.compare_exchange_strong(state, kDoomed)) return;
  }
}

// Duplicating a file's descriptor for another library (socket's sendfile): enif_dynamic_resource_call
// with this request. The layout is the one that OTP's socket library uses.
struct DuplicateRequest {
  int operation;  // 0: duplicate
  int result;     // 0 or errno
  int handle;
};
void dynamic_call(ErlNifEnv*, void* object, void* data) {
  auto* f = static_cast<File*>(object);
  auto* request = static_cast<DuplicateRequest*>(data);
  if (request->operation != 0) {
    request->result = ENOTSUP;
    return;
  }
  int expected = kIdle;
  if (!f->state.compare_exchange_strong(expected, kBusy)) {
    request->result = EINVAL;
    return;
  }
  request->handle = ::dup(f->fd);
  request->result = request->handle < 0 ? errno : 0;
  finish_operation(f);
}

ERL_NIF_TERM new_file(ErlNifEnv* env, int fd) {
  auto* f = static_cast<File*>(enif_alloc_resource(file_type, sizeof(File)));
  new (&f->state) std::atomic<int>(kIdle);
  f->fd = fd;
  ErlNifPid self;
  enif_self(env, &self);
  if (enif_monitor_process(env, f, &self, &f->owner) != 0) {
    f->state.store(kClosed);
    close_descriptor(f);
    return posix_error(env, EINVAL);
  }
  return ok_pair(env, enif_make_resource(env, f));
}

// Open modes. `read` is the default; append and exclusive imply write.
struct Modes {
  bool read = false, write = false, exclusive = false, append = false, sync = false;
  bool directory = false, skip_type_check = false;
};

int open_flags(const Modes& m) {
  int flags = O_CLOEXEC;
  if (m.read && m.write) {
    flags |= O_RDWR | O_CREAT;
  } else if (m.write) {
    flags |= O_WRONLY | O_CREAT | (m.append ? 0 : O_TRUNC);
  } else {
    flags |= O_RDONLY;
  }
  if (m.append) flags |= O_APPEND;
  if (m.exclusive) flags |= O_EXCL;
  if (m.sync) flags |= O_SYNC;
  if (m.directory) flags |= O_DIRECTORY;
  return flags;
}

// Returns the descriptor or -1 with errno.
int open_path(const char* path, const Modes& modes) {
  int fd = uninterrupted([&] { return ::open(path, open_flags(modes), modes.directory ? 0777 : 0666); });
  if (fd < 0 || modes.skip_type_check || modes.directory) return fd;
  struct stat st;
  if (::fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
    ::close(fd);
    errno = EISDIR;
    return -1;
  }
  return fd;
}

ERL_NIF_TERM open_nif(ErlNifEnv* env, int, Args argv) {
  if (!enif_is_list(env, argv[1])) return enif_make_badarg(env);
  Modes modes;
  ERL_NIF_TERM head;
  for (ERL_NIF_TERM list = argv[1]; enif_get_list_cell(env, list, &head, &list);) {
    if (enif_is_identical(head, am_read)) modes.read = true;
    if (enif_is_identical(head, am_write)) modes.write = true;
    if (enif_is_identical(head, am_exclusive)) modes.exclusive = true;
    if (enif_is_identical(head, am_append)) modes.append = true;
    if (enif_is_identical(head, am_sync)) modes.sync = true;
    if (enif_is_identical(head, am_directory)) modes.directory = true;
    if (enif_is_identical(head, am_skip_type_check)) modes.skip_type_check = true;
  }
  if (modes.append || modes.exclusive) modes.write = true;
  if (!modes.write) modes.read = true;
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  int fd = open_path(path.text(), modes);
  return fd < 0 ? last_error(env) : new_file(env, fd);
}

ERL_NIF_TERM file_desc_to_ref_nif(ErlNifEnv* env, int, Args argv) {
  int fd;
  if (!enif_get_int(env, argv[0], &fd)) return enif_make_badarg(env);
  if (::fcntl(fd, F_GETFL) == -1 && errno == EBADF) return last_error(env);
  return new_file(env, fd);
}

ERL_NIF_TERM close_nif(ErlNifEnv* env, int, Args argv) {
  void* object;
  if (!enif_get_resource(env, argv[0], file_type, &object)) return enif_make_badarg(env);
  auto* f = static_cast<File*>(object);
  int expected = kIdle;
  if (!f->state.compare_exchange_strong(expected, kClosed)) return posix_error(env, EINVAL);
  enif_demonitor_process(env, f, &f->owner);
  return ok_or_errno(env, close_descriptor(f));
}

// The janitor's: a file that owner_died moved to Closed.
ERL_NIF_TERM delayed_close_nif(ErlNifEnv* env, int, Args argv) {
  void* object;
  if (!enif_get_resource(env, argv[0], file_type, &object)) return enif_make_badarg(env);
  close_descriptor(static_cast<File*>(object));
  return am_ok;
}

// {ok, Binary} of the first `got` bytes of `bin`, eof for none, or the error.
ERL_NIF_TERM read_result(ErlNifEnv* env, ErlNifBinary* bin, ssize_t got) {
  if (got <= 0) {
    ERL_NIF_TERM result = got == 0 ? am_eof : last_error(env);
    enif_release_binary(bin);
    return result;
  }
  if (static_cast<size_t>(got) < bin->size) enif_realloc_binary(bin, static_cast<size_t>(got));
  return ok_pair(env, enif_make_binary(env, bin));
}

ERL_NIF_TERM do_read(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 size;
  if (!enif_is_number(env, argv[0])) return enif_make_badarg(env);
  if (!enif_get_int64(env, argv[0], &size) || size < 0) return posix_error(env, EINVAL);
  ErlNifBinary bin;
  if (!enif_alloc_binary(static_cast<size_t>(size), &bin)) return posix_error(env, ENOMEM);
  return read_result(env, &bin, read_fully(fd, bin.data, bin.size));
}

ERL_NIF_TERM do_pread(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 offset, size;
  if (!enif_is_number(env, argv[0]) || !enif_is_number(env, argv[1])) return enif_make_badarg(env);
  if (!enif_get_int64(env, argv[0], &offset) || !enif_get_int64(env, argv[1], &size) ||
      offset < 0 || size < 0) {
    return posix_error(env, EINVAL);
  }
  ErlNifBinary bin;
  if (!enif_alloc_binary(static_cast<size_t>(size), &bin)) return posix_error(env, ENOMEM);
  return read_result(env, &bin, pread_fully(fd, bin.data, bin.size, offset));
}

// As many binaries as one call takes; the caller comes back with the rest.
constexpr size_t kSlicesPerWrite = 64;

ERL_NIF_TERM do_write(ErlNifEnv* env, int fd, Args argv) {
  ErlNifIOVec space;
  ErlNifIOVec* v = &space;
  ERL_NIF_TERM rest;
  if (!enif_inspect_iovec(env, kSlicesPerWrite, argv[0], &rest, &v)) return enif_make_badarg(env);
  if (!write_fully(fd, v->iov, v->iovcnt, -1)) return last_error(env);
  return enif_is_empty_list(env, rest) ? am_ok : enif_make_tuple2(env, am_continue, rest);
}

ERL_NIF_TERM do_pwrite(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 offset;
  ErlNifIOVec space;
  ErlNifIOVec* v = &space;
  ERL_NIF_TERM rest;
  if (!enif_is_number(env, argv[0]) ||
      !enif_inspect_iovec(env, kSlicesPerWrite, argv[1], &rest, &v)) {
    return enif_make_badarg(env);
  }
  if (!enif_get_int64(env, argv[0], &offset) || offset < 0) return posix_error(env, EINVAL);
  size_t size = v->size;
  if (!write_fully(fd, v->iov, v->iovcnt, offset)) return last_error(env);
  if (enif_is_empty_list(env, rest)) return am_ok;
  return enif_make_tuple3(env, am_continue, enif_make_uint64(env, size), rest);
}

ERL_NIF_TERM do_seek(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 offset;
  if (!enif_get_int64(env, argv[1], &offset)) return enif_make_badarg(env);
  int whence;
  if (enif_is_identical(argv[0], am_bof)) {
    whence = SEEK_SET;
  } else if (enif_is_identical(argv[0], am_cur)) {
    whence = SEEK_CUR;
  } else if (enif_is_identical(argv[0], am_eof)) {
    whence = SEEK_END;
  } else {
    return enif_make_badarg(env);
  }
  off_t position = ::lseek(fd, offset, whence);
  if (position < 0) return last_error(env);
  return ok_pair(env, enif_make_uint64(env, static_cast<ErlNifUInt64>(position)));
}

ERL_NIF_TERM do_sync(ErlNifEnv* env, int fd, Args argv) {
  int data_only;
  if (!enif_get_int(env, argv[0], &data_only)) return enif_make_badarg(env);
  return ok_or_errno(env, data_only ? ::fdatasync(fd) : ::fsync(fd));
}

ERL_NIF_TERM do_truncate(ErlNifEnv* env, int fd, Args) {
  off_t position = ::lseek(fd, 0, SEEK_CUR);
  if (position < 0) return last_error(env);
  return ok_or_errno(env, ::ftruncate(fd, position));
}

bool get_range(ErlNifEnv* env, Args argv, ErlNifSInt64* offset, ErlNifSInt64* length) {
  return enif_get_int64(env, argv[0], offset) && enif_get_int64(env, argv[1], length) &&
         *offset >= 0 && *length >= 0;
}

ERL_NIF_TERM do_allocate(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 offset, length;
  if (!enif_is_number(env, argv[0]) || !enif_is_number(env, argv[1])) return enif_make_badarg(env);
  if (!get_range(env, argv, &offset, &length)) return posix_error(env, EINVAL);
  if (uninterrupted([&] { return ::fallocate(fd, 0, offset, length); }) == 0) return am_ok;
  int error;
  do {
    error = ::posix_fallocate(fd, offset, length);
  } while (error == EINTR);
  return error == 0 ? am_ok : posix_error(env, error);
}

ERL_NIF_TERM do_advise(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 offset, length;
  if (!enif_is_number(env, argv[0]) || !enif_is_number(env, argv[1])) return enif_make_badarg(env);
  if (!get_range(env, argv, &offset, &length)) return posix_error(env, EINVAL);
  const struct {
    ERL_NIF_TERM atom;
    int advice;
  } known[] = {
      {am_normal, POSIX_FADV_NORMAL},         {am_random, POSIX_FADV_RANDOM},
      {am_sequential, POSIX_FADV_SEQUENTIAL}, {am_will_need, POSIX_FADV_WILLNEED},
      {am_dont_need, POSIX_FADV_DONTNEED},    {am_no_reuse, POSIX_FADV_NOREUSE},
  };
  for (auto& k : known) {
    if (enif_is_identical(argv[2], k.atom)) {
      return ok_or_errno(env, ::posix_fadvise(fd, offset, length, k.advice));
    }
  }
  return posix_error(env, EINVAL);
}

// Dets: a block is <<Size:32, Pointer:32>> at Offset, its data is at Pointer.
ERL_NIF_TERM do_ipread(ErlNifEnv* env, int fd, Args argv) {
  ErlNifSInt64 offset, limit;
  if (!enif_is_number(env, argv[0]) || !enif_is_number(env, argv[1])) return enif_make_badarg(env);
  if (!enif_get_int64(env, argv[0], &offset) || !enif_get_int64(env, argv[1], &limit) ||
      offset < 0 || limit >= (ErlNifSInt64{1} << 31)) {
    return posix_error(env, EINVAL);
  }
  unsigned char header[8];
  ssize_t got = pread_fully(fd, header, sizeof header, offset);
  if (got < 0) return last_error(env);
  if (got < static_cast<ssize_t>(sizeof header)) return am_eof;
  auto big_endian = [](const unsigned char* p) {
    return static_cast<unsigned>(p[0]) << 24 | static_cast<unsigned>(p[1]) << 16 |
           static_cast<unsigned>(p[2]) << 8 | p[3];
  };
  unsigned size = big_endian(header);
  unsigned pointer = big_endian(header + 4);
  if (static_cast<ErlNifSInt64>(size) > limit) return am_eof;
  ErlNifBinary data;
  if (!enif_alloc_binary(size, &data)) return posix_error(env, ENOMEM);
  got = pread_fully(fd, data.data, size, pointer);
  if (got < 0) {
    ERL_NIF_TERM error = last_error(env);
    enif_release_binary(&data);
    return error;
  }
  ERL_NIF_TERM bytes = am_eof;
  if (got > 0) {
    if (static_cast<size_t>(got) < data.size) enif_realloc_binary(&data, static_cast<size_t>(got));
    bytes = enif_make_binary(env, &data);
  } else {
    enif_release_binary(&data);
  }
  return ok_pair(env, enif_make_tuple3(env, enif_make_uint(env, size), enif_make_uint(env, pointer),
                                       bytes));
}

// The descriptor's bytes, as prim_inet:sendfile wants it.
ERL_NIF_TERM do_get_handle(ErlNifEnv* env, int fd, Args) {
  ERL_NIF_TERM handle;
  std::memcpy(enif_make_new_binary(env, sizeof fd, &handle), &fd, sizeof fd);
  return handle;
}

// ---- file information ----

// #file_info{} of kernel's file.hrl; times in seconds since 1970, not before the year 1902.
constexpr ErlNifSInt64 kEarliest = -2145916800;

ERL_NIF_TERM make_file_info(ErlNifEnv* env, const struct stat& st, bool readable, bool writable) {
  ERL_NIF_TERM type = am_other;
  if (S_ISREG(st.st_mode)) type = am_regular;
  if (S_ISDIR(st.st_mode)) type = am_directory;
  if (S_ISLNK(st.st_mode)) type = am_symlink;
  if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) type = am_device;
  ERL_NIF_TERM access = readable ? (writable ? am_read_write : am_read)
                                 : (writable ? am_write : am_none);
  auto time = [&](time_t t) { return enif_make_int64(env, t < kEarliest ? kEarliest : t); };
  auto number = [&](auto n) { return enif_make_uint(env, static_cast<unsigned>(n)); };
  return enif_make_tuple(env, 14, am_file_info,
                         enif_make_uint64(env, static_cast<ErlNifUInt64>(st.st_size)), type, access,
                         time(st.st_atime), time(st.st_mtime), time(st.st_ctime),
                         number(st.st_mode), number(st.st_nlink), number(st.st_dev),
                         number(st.st_rdev), number(st.st_ino), number(st.st_uid),
                         number(st.st_gid));
}

ERL_NIF_TERM read_info_nif(ErlNifEnv* env, int, Args argv) {
  int follow;
  if (!enif_get_int(env, argv[1], &follow)) return enif_make_badarg(env);
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  struct stat st;
  if ((follow ? ::stat(path.text(), &st) : ::lstat(path.text(), &st)) < 0) return last_error(env);
  return make_file_info(env, st, ::access(path.text(), R_OK) == 0,
                        ::access(path.text(), W_OK) == 0);
}

ERL_NIF_TERM do_read_handle_info(ErlNifEnv* env, int fd, Args) {
  struct stat st;
  if (::fstat(fd, &st) < 0) return last_error(env);
  // The permission class that applies to us: owner, group or other.
  unsigned shift = st.st_uid == ::geteuid() ? 6 : st.st_gid == ::getegid() ? 3 : 0;
  unsigned bits = st.st_mode >> shift;
  return make_file_info(env, st, (bits & 4) != 0, (bits & 2) != 0);
}

ERL_NIF_TERM set_permissions_nif(ErlNifEnv* env, int, Args argv) {
  unsigned mode;
  if (!enif_get_uint(env, argv[1], &mode)) return enif_make_badarg(env);
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  if (::chmod(path.text(), mode & 06777) == 0) return am_ok;
  return ok_or_errno(env, ::chmod(path.text(), mode & 0777));  // perhaps only the set-id bits are refused
}

ERL_NIF_TERM set_owner_nif(ErlNifEnv* env, int, Args argv) {
  int uid, gid;
  if (!enif_get_int(env, argv[1], &uid) || !enif_get_int(env, argv[2], &gid)) {
    return enif_make_badarg(env);
  }
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  return ok_or_errno(env, ::chown(path.text(), static_cast<uid_t>(uid), static_cast<gid_t>(gid)));
}

ERL_NIF_TERM set_time_nif(ErlNifEnv* env, int, Args argv) {
  ErlNifSInt64 accessed, modified, created;
  if (!enif_get_int64(env, argv[1], &accessed) || !enif_get_int64(env, argv[2], &modified) ||
      !enif_get_int64(env, argv[3], &created)) {
    return enif_make_badarg(env);
  }
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  struct utimbuf times = {accessed, modified};
  return ok_or_errno(env, ::utime(path.text(), &times));
}

// ---- directories and names ----

// Grows a buffer until fill(buffer, size) fits: it returns the length, or -1 with errno ERANGE for
// too small.
template <typename F>
ERL_NIF_TERM name_result(ErlNifEnv* env, F fill) {
  ErlNifBinary bin;
  if (!enif_alloc_binary(256, &bin)) return posix_error(env, ENOMEM);
  for (;;) {
    ssize_t length = fill(reinterpret_cast<char*>(bin.data), bin.size);
    if (length >= 0) {
      enif_realloc_binary(&bin, static_cast<size_t>(length));
      return ok_pair(env, enif_make_binary(env, &bin));
    }
    int error = errno;
    if (error != ERANGE || !enif_realloc_binary(&bin, bin.size * 2)) {
      enif_release_binary(&bin);
      return posix_error(env, error);
    }
  }
}

ERL_NIF_TERM read_link_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  return name_result(env, [&](char* buffer, size_t size) -> ssize_t {
    ssize_t n = ::readlink(path.text(), buffer, size);
    if (n < static_cast<ssize_t>(size)) return n;
    errno = ERANGE;
    return -1;
  });
}

ERL_NIF_TERM get_cwd_nif(ErlNifEnv* env, int, Args) {
  return name_result(env, [](char* buffer, size_t size) -> ssize_t {
    return ::getcwd(buffer, size) == nullptr ? -1 : static_cast<ssize_t>(std::strlen(buffer));
  });
}

ERL_NIF_TERM list_dir_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  DIR* dir = ::opendir(path.text());
  if (dir == nullptr) return last_error(env);
  ERL_NIF_TERM names = enif_make_list(env, 0);
  while (struct dirent* entry = ::readdir(dir)) {
    const char* name = entry->d_name;
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
    ERL_NIF_TERM term;
    size_t length = std::strlen(name);
    std::memcpy(enif_make_new_binary(env, length, &term), name, length);
    names = enif_make_list_cell(env, term, names);
  }
  ::closedir(dir);
  return ok_pair(env, names);
}

ERL_NIF_TERM rename_nif(ErlNifEnv* env, int, Args argv) {
  Path from, to;
  if (!from.get(env, argv[0]) || !to.get(env, argv[1])) return posix_error(env, EINVAL);
  if (::rename(from.text(), to.text()) == 0) return am_ok;
  if (errno == ENOTEMPTY) return posix_error(env, EEXIST);
  if (std::strcmp(from.text(), "/") == 0) return posix_error(env, EINVAL);
  return last_error(env);
}

ERL_NIF_TERM make_hard_link_nif(ErlNifEnv* env, int, Args argv) {
  Path from, to;
  if (!from.get(env, argv[0]) || !to.get(env, argv[1])) return posix_error(env, EINVAL);
  return ok_or_errno(env, ::link(from.text(), to.text()));
}

ERL_NIF_TERM make_soft_link_nif(ErlNifEnv* env, int, Args argv) {
  Path from, to;
  if (!from.get(env, argv[0]) || !to.get(env, argv[1])) return posix_error(env, EINVAL);
  return ok_or_errno(env, ::symlink(from.text(), to.text()));
}

ERL_NIF_TERM make_dir_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  return ok_or_errno(env, ::mkdir(path.text(), 0777));
}

ERL_NIF_TERM del_file_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  if (::unlink(path.text()) == 0) return am_ok;
  return posix_error(env, errno == EISDIR ? EPERM : errno);  // POSIX says EPERM for a directory
}

ERL_NIF_TERM del_dir_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  if (::rmdir(path.text()) == 0) return am_ok;
  int error = errno == ENOTEMPTY ? EEXIST : errno;
  struct stat there, here;
  if (error == EEXIST && ::stat(path.text(), &there) == 0 && ::stat(".", &here) == 0 &&
      there.st_ino == here.st_ino && there.st_dev == here.st_dev) {
    error = EINVAL;  // the current directory
  }
  return posix_error(env, error);
}

ERL_NIF_TERM set_cwd_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  return ok_or_errno(env, ::chdir(path.text()));
}

// Windows has a current directory per drive and short names; here is neither.
ERL_NIF_TERM get_device_cwd_nif(ErlNifEnv* env, int, Args argv) {
  int device;
  if (!enif_get_int(env, argv[0], &device)) return enif_make_badarg(env);
  return posix_error(env, ENOTSUP);
}
ERL_NIF_TERM altname_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  return posix_error(env, path.get(env, argv[0]) ? ENOTSUP : EINVAL);
}

// The whole file: of the size that it says it has, or, where it says 0 (as /proc does), to the end.
ERL_NIF_TERM read_file_nif(ErlNifEnv* env, int, Args argv) {
  Path path;
  if (!path.get(env, argv[0])) return posix_error(env, EINVAL);
  Modes modes;
  modes.read = true;
  int fd = open_path(path.text(), modes);
  if (fd < 0) return last_error(env);
  struct stat st;
  bool is_sized = ::fstat(fd, &st) == 0 && st.st_size > 0;
  size_t size = is_sized ? static_cast<size_t>(st.st_size) : 16384;
  ErlNifBinary bin;
  size_t got = 0;
  int error = 0;
  if (!enif_alloc_binary(size, &bin)) {
    ::close(fd);
    return posix_error(env, ENOMEM);
  }
  for (;;) {
    ssize_t n = read_fully(fd, bin.data + got, bin.size - got);
    if (n < 0) {
      error = errno;
      break;
    }
    got += static_cast<size_t>(n);
    if (is_sized || got < bin.size) break;
    enif_realloc_binary(&bin, got * 2);
  }
  ::close(fd);
  if (error != 0) {
    enif_release_binary(&bin);
    return posix_error(env, error);
  }
  if (got < bin.size) enif_realloc_binary(&bin, got);
  return ok_pair(env, enif_make_binary(env, &bin));
}

// ---- library ----

int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM janitor_pid) {
  if (!enif_get_local_pid(env, janitor_pid, &janitor)) return 1;
#define X(name) am_##name = enif_make_atom(env, #name);
  PRIM_FILE_ATOMS(X)
#undef X
  am_continue = enif_make_atom(env, "continue");
  ErlNifResourceTypeInit callbacks{};
  callbacks.down = owner_died;
  callbacks.dyncall = dynamic_call;
  callbacks.members = 4;
  file_type = enif_init_resource_type(env, "efile", &callbacks, ERL_NIF_RT_CREATE, nullptr);
  *priv_data = nullptr;
  return file_type == nullptr;
}

int upgrade(ErlNifEnv* env, void** priv_data, void** old_priv_data, ERL_NIF_TERM info) {
  if (*old_priv_data != nullptr) return -1;
  return load(env, priv_data, info);
}

constexpr unsigned kDirty = ERL_NIF_DIRTY_JOB_IO_BOUND;

ErlNifFunc functions[] = {
    {"open_nif", 2, open_nif, kDirty},
    {"close_nif", 1, close_nif, kDirty},
    {"read_nif", 2, on_file<do_read>, kDirty},
    {"write_nif", 2, on_file<do_write>, kDirty},
    {"pread_nif", 3, on_file<do_pread>, kDirty},
    {"pwrite_nif", 3, on_file<do_pwrite>, kDirty},
    {"seek_nif", 3, on_file<do_seek>, kDirty},
    {"sync_nif", 2, on_file<do_sync>, kDirty},
    {"truncate_nif", 1, on_file<do_truncate>, kDirty},
    {"allocate_nif", 3, on_file<do_allocate>, kDirty},
    {"advise_nif", 4, on_file<do_advise>, kDirty},
    {"read_handle_info_nif", 1, on_file<do_read_handle_info>, kDirty},
    {"make_hard_link_nif", 2, make_hard_link_nif, kDirty},
    {"make_soft_link_nif", 2, make_soft_link_nif, kDirty},
    {"rename_nif", 2, rename_nif, kDirty},
    {"read_info_nif", 2, read_info_nif, kDirty},
    {"set_permissions_nif", 2, set_permissions_nif, kDirty},
    {"set_owner_nif", 3, set_owner_nif, kDirty},
    {"set_time_nif", 4, set_time_nif, kDirty},
    {"read_link_nif", 1, read_link_nif, kDirty},
    {"list_dir_nif", 1, list_dir_nif, kDirty},
    {"make_dir_nif", 1, make_dir_nif, kDirty},
    {"del_file_nif", 1, del_file_nif, kDirty},
    {"del_dir_nif", 1, del_dir_nif, kDirty},
    {"get_device_cwd_nif", 1, get_device_cwd_nif, kDirty},
    {"set_cwd_nif", 1, set_cwd_nif, kDirty},
    {"get_cwd_nif", 0, get_cwd_nif, kDirty},
    {"ipread_s32bu_p32bu_nif", 3, on_file<do_ipread>, kDirty},
    {"read_file_nif", 1, read_file_nif, kDirty},
    {"get_handle_nif", 1, on_file<do_get_handle>, 0},
    {"delayed_close_nif", 1, delayed_close_nif, kDirty},
    {"altname_nif", 1, altname_nif, kDirty},
    {"file_desc_to_ref_nif", 1, file_desc_to_ref_nif, kDirty},
};

}  // namespace

ERL_NIF_INIT(prim_file, functions, load, nullptr, upgrade, nullptr)
