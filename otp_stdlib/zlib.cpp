// zlib: streams of the zlib library for the module of that name.
//
// A stream belongs to one process (its controller) and may be handed on. Input is queued first and
// then worked off in chunks: each call eats at most InputChunk bytes and gives at most OutputChunk,
// and says `continue` or `finished`; the Erlang side loops.
#define STATIC_ERLANG_NIF 1
#include <erl_nif.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "otp_stdlib/static_nifs.h"

namespace {

using Args = const ERL_NIF_TERM[];

enum class Mode { None, Deflate, Inflate, Closed };

// What inflate does with input after the end of a stream; numbers as zlib.erl passes them.
enum AfterEnd { kError = 0, kReset = 1, kCut = 2 };

struct Stream {
  z_stream z;
  Mode mode;
  int after_end;
  bool ended;       // Z_STREAM_END was seen
  bool is_raw;      // no header: zlib keeps no checksum, so we do
  uLong input_crc;  // of plain bytes, raw deflate
  uLong output_crc; // of plain bytes, raw inflate
  int chunk_size;   // of the old inflateChunk
  ErlNifMutex* controller_lock;
  ErlNifPid controller;
  ErlNifIOQueue* input;
  ErlNifEnv* stash;  // null: empty
  ERL_NIF_TERM stash_term;
};

ErlNifResourceType* stream_type;

#define ZLIB_ATOMS(X)                                                                         \
  X(ok) X(error) X(finished) X(empty) X(stream_end) X(stream_error) X(data_error) X(mem_error) \
  X(buf_error) X(version_error) X(unknown_error) X(need_dictionary) X(not_initialized)         \
  X(already_initialized) X(not_on_controlling_process)
#define X(name) ERL_NIF_TERM am_##name;
ZLIB_ATOMS(X)
#undef X
ERL_NIF_TERM am_continue;

void* allocate(void*, uInt count, uInt size) { return enif_alloc(size_t{count} * size); }
void release(void*, void* block) { enif_free(block); }

void drop_stash(Stream* s) {
  if (s->stash != nullptr) enif_free_env(s->stash);
  s->stash = nullptr;
}

void end_codec(Stream* s) {
  if (s->mode == Mode::Deflate) deflateEnd(&s->z);
  if (s->mode == Mode::Inflate) inflateEnd(&s->z);
}

void destroy(ErlNifEnv*, void* object) {
  auto* s = static_cast<Stream*>(object);
  end_codec(s);
  drop_stash(s);
  enif_ioq_destroy(s->input);
  enif_mutex_destroy(s->controller_lock);
}

void reset_input(Stream* s) {
  enif_ioq_deq(s->input, enif_ioq_size(s->input), nullptr);
  drop_stash(s);
}

// Values for codes that callers match on; exceptions for those that are the caller's fault.
ERL_NIF_TERM code_result(ErlNifEnv* env, int code) {
  switch (code) {
    case Z_OK: return am_ok;
    case Z_STREAM_END: return am_stream_end;
    case Z_ERRNO: return enif_make_int(env, errno);
    case Z_STREAM_ERROR: return enif_raise_exception(env, am_stream_error);
    case Z_DATA_ERROR: return enif_raise_exception(env, am_data_error);
    case Z_MEM_ERROR: return am_mem_error;
    case Z_BUF_ERROR: return am_buf_error;
    case Z_VERSION_ERROR: return am_version_error;
    default: return am_unknown_error;
  }
}

// ---- what every function checks first ----

using StreamFunction = ERL_NIF_TERM (*)(ErlNifEnv*, Stream*, Args);

bool is_controller(ErlNifEnv* env, Stream* s) {
  ErlNifPid self;
  enif_self(env, &self);
  enif_mutex_lock(s->controller_lock);
  bool same = enif_compare_pids(&self, &s->controller) == 0;
  enif_mutex_unlock(s->controller_lock);
  return same;
}

template <StreamFunction f>
ERL_NIF_TERM on_stream(ErlNifEnv* env, int, Args argv) {
  void* object;
  if (!enif_get_resource(env, argv[0], stream_type, &object)) return enif_make_badarg(env);
  auto* s = static_cast<Stream*>(object);
  if (!is_controller(env, s)) return enif_raise_exception(env, am_not_on_controlling_process);
  return f(env, s, argv + 1);
}

template <Mode mode, StreamFunction f>
ERL_NIF_TERM in_mode(ErlNifEnv* env, Stream* s, Args argv) {
  if (s->mode != mode) return enif_raise_exception(env, am_not_initialized);
  return f(env, s, argv);
}

// ---- opening, closing ----

ERL_NIF_TERM open_nif(ErlNifEnv* env, int, Args) {
  auto* s = static_cast<Stream*>(enif_alloc_resource(stream_type, sizeof(Stream)));
  std::memset(static_cast<void*>(s), 0, sizeof *s);
  s->z.zalloc = allocate;
  s->z.zfree = release;
  s->z.data_type = Z_BINARY;
  s->after_end = kCut;
  s->chunk_size = 4000;
  s->controller_lock = enif_mutex_create(const_cast<char*>("zlib_controller"));
  s->input = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
  enif_self(env, &s->controller);
  ERL_NIF_TERM t = enif_make_resource(env, s);
  enif_release_resource(s);
  return t;
}

ERL_NIF_TERM close(ErlNifEnv* env, Stream* s, Args) {
  if (s->mode == Mode::Closed) return enif_raise_exception(env, am_not_initialized);
  end_codec(s);
  drop_stash(s);
  s->mode = Mode::Closed;
  return am_ok;
}

ERL_NIF_TERM set_controller(ErlNifEnv* env, Stream* s, Args argv) {
  ErlNifPid pid;
  if (!enif_get_local_pid(env, argv[0], &pid)) return enif_make_badarg(env);
  enif_mutex_lock(s->controller_lock);
  s->controller = pid;
  enif_mutex_unlock(s->controller_lock);
  return am_ok;
}

void start_codec(Stream* s, Mode mode, int window_bits) {
  s->mode = mode;
  s->ended = false;
  s->is_raw = window_bits < 0;
  s->input_crc = s->output_crc = crc32(0, nullptr, 0);
}

// ---- the work ----

// One step of `codec` (deflate or inflate).
ERL_NIF_TERM step(ErlNifEnv* env, Stream* s, int (*codec)(z_stream*, int), Args argv) {
  int input_limit, output_limit, flush;
  if (!enif_get_int(env, argv[0], &input_limit) || !enif_get_int(env, argv[1], &output_limit) ||
      !enif_get_int(env, argv[2], &flush) || input_limit <= 0 || output_limit <= 0) {
    return enif_make_badarg(env);
  }
  ErlNifBinary out;
  if (!enif_alloc_binary(static_cast<size_t>(output_limit), &out)) return am_mem_error;
  z_stream& z = s->z;
  z.next_out = out.data;
  z.avail_out = static_cast<uInt>(out.size);

  int slices;
  const SysIOVec* v = enif_ioq_peek(s->input, &slices);
  size_t limit = static_cast<size_t>(input_limit);
  size_t eaten = 0;
  int code = Z_OK;
  for (int i = 0; i < slices && code == Z_OK && eaten < limit; i++) {
    size_t size = std::min(v[i].iov_len, limit - eaten);
    z.next_in = reinterpret_cast<Bytef*>(v[i].iov_base);
    z.avail_in = static_cast<uInt>(size);
    code = codec(&z, Z_NO_FLUSH);
    size_t used = size - z.avail_in;
    if (s->is_raw && s->mode == Mode::Deflate) {
      s->input_crc = crc32(s->input_crc, reinterpret_cast<Bytef*>(v[i].iov_base),
                           static_cast<uInt>(used));
    }
    eaten += used;
    if (used < size) break;  // the output is full
    if (enif_consume_timeslice(env, std::max<int>(1, static_cast<int>(100 * used / limit)))) break;
  }
  size_t left;
  enif_ioq_deq(s->input, eaten, &left);
  if (code == Z_OK && left == 0 && z.avail_out > 0) {
    // All input is in. Ask for what zlib holds back even without a flush: an earlier call may have
    // stopped for want of room.
    z.next_in = nullptr;
    z.avail_in = 0;
    code = codec(&z, flush);
  }
  size_t made = out.size - z.avail_out;
  if (code < 0 && code != Z_BUF_ERROR) {
    enif_release_binary(&out);
    return code_result(env, code);
  }
  if (code == Z_STREAM_END) s->ended = true;
  if (s->is_raw && s->mode == Mode::Inflate) {
    s->output_crc = crc32(s->output_crc, out.data, static_cast<uInt>(made));
  }
  if (eaten == 0 && made == 0 && left != 0 && code != Z_NEED_DICT) {
    // No way forward. Good input never gets here.
    enif_release_binary(&out);
    return code_result(env, Z_DATA_ERROR);
  }
  bool is_full = made == out.size;
  ERL_NIF_TERM output = enif_make_list(env, 0);
  if (made == 0) {
    enif_release_binary(&out);
  } else {
    if (!is_full) enif_realloc_binary(&out, made);
    output = enif_make_list1(env, enif_make_binary(env, &out));
  }
  if (left == 0 && !is_full) return enif_make_tuple2(env, am_finished, output);
  if (code != Z_NEED_DICT) return enif_make_tuple2(env, am_continue, output);
  return enif_make_tuple3(env, am_need_dictionary, enif_make_int(env, static_cast<int>(z.adler)),
                          output);
}

ERL_NIF_TERM enqueue(ErlNifEnv* env, Stream* s, Args argv) {
  if (s->mode != Mode::Deflate && s->mode != Mode::Inflate) {
    return enif_raise_exception(env, am_not_initialized);
  }
  ErlNifIOVec space;
  ErlNifIOVec* v = &space;
  ERL_NIF_TERM rest;
  if (!enif_inspect_iovec(env, 256, argv[0], &rest, &v)) return enif_make_badarg(env);
  enif_ioq_enqv(s->input, v, 0);
  return enif_is_empty_list(env, rest) ? am_ok : enif_make_tuple2(env, am_continue, rest);
}

// ---- deflate ----

ERL_NIF_TERM deflate_init(ErlNifEnv* env, Stream* s, Args argv) {
  int level, method, window_bits, memory_level, strategy;
  if (!enif_get_int(env, argv[0], &level) || !enif_get_int(env, argv[1], &method) ||
      !enif_get_int(env, argv[2], &window_bits) || !enif_get_int(env, argv[3], &memory_level) ||
      !enif_get_int(env, argv[4], &strategy)) {
    return enif_make_badarg(env);
  }
  if (s->mode != Mode::None) return enif_raise_exception(env, am_already_initialized);
  int code = deflateInit2(&s->z, level, method, window_bits, memory_level, strategy);
  if (code == Z_OK) start_codec(s, Mode::Deflate, window_bits);
  return code_result(env, code);
}

ERL_NIF_TERM deflate_set_dictionary(ErlNifEnv* env, Stream* s, Args argv) {
  ErlNifBinary bin;
  if (!enif_inspect_iolist_as_binary(env, argv[0], &bin)) return enif_make_badarg(env);
  int code = deflateSetDictionary(&s->z, bin.data, static_cast<uInt>(bin.size));
  if (code != Z_OK) return code_result(env, code);
  uLong sum = s->is_raw ? adler32(0, bin.data, static_cast<uInt>(bin.size)) : s->z.adler;
  return enif_make_int(env, static_cast<int>(sum));
}

ERL_NIF_TERM deflate_reset(ErlNifEnv* env, Stream* s, Args) {
  int code = deflateReset(&s->z);
  s->input_crc = crc32(0, nullptr, 0);
  s->ended = false;
  reset_input(s);
  return code_result(env, code);
}

ERL_NIF_TERM deflate_end(ErlNifEnv* env, Stream* s, Args) {
  int code = deflateEnd(&s->z);
  if (code == Z_OK && enif_ioq_size(s->input) > 0) code = Z_DATA_ERROR;
  reset_input(s);
  s->mode = Mode::None;
  return code_result(env, code);
}

// The Erlang side has flushed the stream, so changing the parameters writes nothing; a byte of room
// tells whether that is so, and keeps zlib from complaining about there being none.
ERL_NIF_TERM deflate_params(ErlNifEnv* env, Stream* s, Args argv) {
  int level, strategy;
  if (!enif_get_int(env, argv[0], &level) || !enif_get_int(env, argv[1], &strategy)) {
    return enif_make_badarg(env);
  }
  Bytef room;
  s->z.next_out = &room;
  s->z.avail_out = 1;
  int code = deflateParams(&s->z, level, strategy);
  return code_result(env, s->z.avail_out == 0 ? Z_STREAM_ERROR : code);
}

ERL_NIF_TERM deflate_step(ErlNifEnv* env, Stream* s, Args argv) {
  return step(env, s, deflate, argv);
}

// ---- inflate ----

ERL_NIF_TERM inflate_init(ErlNifEnv* env, Stream* s, Args argv) {
  int window_bits, after_end;
  if (!enif_get_int(env, argv[0], &window_bits) || !enif_get_int(env, argv[1], &after_end)) {
    return enif_make_badarg(env);
  }
  if (s->mode != Mode::None) return enif_raise_exception(env, am_already_initialized);
  int code = inflateInit2(&s->z, window_bits);
  if (code == Z_OK) {
    start_codec(s, Mode::Inflate, window_bits);
    s->after_end = after_end;
  }
  return code_result(env, code);
}

ERL_NIF_TERM inflate_set_dictionary(ErlNifEnv* env, Stream* s, Args argv) {
  ErlNifBinary bin;
  if (!enif_inspect_iolist_as_binary(env, argv[0], &bin)) return enif_make_badarg(env);
  return code_result(env, inflateSetDictionary(&s->z, bin.data, static_cast<uInt>(bin.size)));
}

ERL_NIF_TERM inflate_get_dictionary(ErlNifEnv* env, Stream* s, Args) {
  constexpr size_t kLargestDictionary = 32768;
  ErlNifBinary bin;
  enif_alloc_binary(kLargestDictionary, &bin);
  uInt size = 0;
  int code = inflateGetDictionary(&s->z, bin.data, &size);
  if (code < 0) {
    enif_release_binary(&bin);
    return code_result(env, code);
  }
  enif_realloc_binary(&bin, size);
  return enif_make_binary(env, &bin);
}

ERL_NIF_TERM inflate_reset(ErlNifEnv* env, Stream* s, Args) {
  int code = inflateReset(&s->z);
  s->output_crc = crc32(0, nullptr, 0);
  s->ended = false;
  reset_input(s);
  return code_result(env, code);
}

ERL_NIF_TERM inflate_end(ErlNifEnv* env, Stream* s, Args) {
  int code = inflateEnd(&s->z);
  if (code == Z_OK && (!s->ended || enif_ioq_size(s->input) > 0)) code = Z_DATA_ERROR;
  reset_input(s);
  s->mode = Mode::None;
  return code_result(env, code);
}

ERL_NIF_TERM inflate_step(ErlNifEnv* env, Stream* s, Args argv) {
  if (s->ended && enif_ioq_size(s->input) > 0) {
    if (s->after_end == kError) return code_result(env, Z_DATA_ERROR);
    if (s->after_end == kReset) {
      int code = inflateReset(&s->z);
      if (code != Z_OK) return code_result(env, code);
      s->ended = false;
    } else {
      reset_input(s);
    }
  }
  return step(env, s, inflate, argv);
}

// ---- the rest ----

ERL_NIF_TERM running_crc32(ErlNifEnv* env, Stream* s, Args) {
  if (s->mode == Mode::Deflate) return enif_make_ulong(env, s->input_crc);
  if (s->mode == Mode::Inflate) return enif_make_ulong(env, s->output_crc);
  return enif_raise_exception(env, am_not_initialized);
}

// One term kept from call to call: what a deflateParams flushed, or a pending dictionary request.
ERL_NIF_TERM get_stash(ErlNifEnv* env, Stream* s, Args) {
  if (s->stash == nullptr) return am_empty;
  return enif_make_tuple2(env, am_ok, enif_make_copy(env, s->stash_term));
}
ERL_NIF_TERM set_stash(ErlNifEnv* env, Stream* s, Args argv) {
  if (s->stash != nullptr) return enif_raise_exception(env, am_error);
  s->stash = enif_alloc_env();
  s->stash_term = enif_make_copy(s->stash, argv[0]);
  return am_ok;
}
ERL_NIF_TERM clear_stash(ErlNifEnv* env, Stream* s, Args) {
  if (s->stash == nullptr) return enif_raise_exception(env, am_error);
  drop_stash(s);
  return am_ok;
}

ERL_NIF_TERM get_chunk_size(ErlNifEnv* env, Stream* s, Args) {
  return enif_make_int(env, s->chunk_size);
}
ERL_NIF_TERM set_chunk_size(ErlNifEnv* env, Stream* s, Args argv) {
  return enif_get_int(env, argv[0], &s->chunk_size) ? am_ok : enif_make_badarg(env);
}

int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM) {
#define X(name) am_##name = enif_make_atom(env, #name);
  ZLIB_ATOMS(X)
#undef X
  am_continue = enif_make_atom(env, "continue");
  stream_type = enif_open_resource_type(env, nullptr, "gc_zlib", destroy, ERL_NIF_RT_CREATE, nullptr);
  *priv_data = nullptr;
  return stream_type == nullptr;
}

int upgrade(ErlNifEnv* env, void** priv_data, void** old_priv_data, ERL_NIF_TERM info) {
  return *old_priv_data != nullptr ? -1 : load(env, priv_data, info);
}

constexpr Mode kDeflate = Mode::Deflate;
constexpr Mode kInflate = Mode::Inflate;

ErlNifFunc functions[] = {
    {"open_nif", 0, open_nif, 0},
    {"close_nif", 1, on_stream<close>, 0},
    {"set_controller_nif", 2, on_stream<set_controller>, 0},
    {"deflateInit_nif", 6, on_stream<deflate_init>, 0},
    {"deflateSetDictionary_nif", 2, on_stream<in_mode<kDeflate, deflate_set_dictionary>>, 0},
    {"deflateReset_nif", 1, on_stream<in_mode<kDeflate, deflate_reset>>, 0},
    {"deflateEnd_nif", 1, on_stream<in_mode<kDeflate, deflate_end>>, 0},
    {"deflateParams_nif", 3, on_stream<in_mode<kDeflate, deflate_params>>, 0},
    {"deflate_nif", 4, on_stream<in_mode<kDeflate, deflate_step>>, 0},
    {"inflateInit_nif", 3, on_stream<inflate_init>, 0},
    {"inflateSetDictionary_nif", 2, on_stream<in_mode<kInflate, inflate_set_dictionary>>, 0},
    {"inflateGetDictionary_nif", 1, on_stream<in_mode<kInflate, inflate_get_dictionary>>, 0},
    {"inflateReset_nif", 1, on_stream<in_mode<kInflate, inflate_reset>>, 0},
    {"inflateEnd_nif", 1, on_stream<in_mode<kInflate, inflate_end>>, 0},
    {"inflate_nif", 4, on_stream<in_mode<kInflate, inflate_step>>, 0},
    {"crc32_nif", 1, on_stream<running_crc32>, 0},
    {"getStash_nif", 1, on_stream<get_stash>, 0},
    {"clearStash_nif", 1, on_stream<clear_stash>, 0},
    {"setStash_nif", 2, on_stream<set_stash>, 0},
    {"getBufSize_nif", 1, on_stream<get_chunk_size>, 0},
    {"setBufSize_nif", 2, on_stream<set_chunk_size>, 0},
    {"enqueue_nif", 2, on_stream<enqueue>, 0},
};

}  // namespace

ERL_NIF_INIT(zlib, functions, load, nullptr, upgrade, nullptr)
