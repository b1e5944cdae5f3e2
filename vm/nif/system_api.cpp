// Time, environment variables, shared objects, system information and the external format for NIFs.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <cstring>
#include <string>

#include "vm/base/alloc.h"
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"
#include "vm/io/environment.h"
#include "vm/io/system_info.h"
#include "vm/nif/env.h"
#include "vm/sched/clock.h"
#include "vm/term/atom.h"

using namespace lintel;

namespace {

// Units a second; 0 for a bad unit.
i64 unit_rate(ErlNifTimeUnit unit) {
  switch (unit) {
    case ERL_NIF_SEC: return 1;
    case ERL_NIF_MSEC: return 1000;
    case ERL_NIF_USEC: return 1000000;
    case ERL_NIF_NSEC: return 1000000000;
  }
  return 0;
}

i64 floor_div(i128 a, i128 b) {
  i128 q = a / b;
  return static_cast<i64>(a % b < 0 ? q - 1 : q);
}

ErlNifTime from_ns(i64 ns, ErlNifTimeUnit unit) {
  return enif_convert_time_unit(ns, ERL_NIF_NSEC, unit);
}

// {MegaSecs, Secs, MicroSecs}
ERL_NIF_TERM timestamp(ErlNifEnv* env, i64 us) {
  i64 s = us / 1000000;
  return from_term(env->reserve(tuple_words(3)).tuple(
      {Term::small(s / 1000000), Term::small(s % 1000000), Term::small(us % 1000000)}));
}

}  // namespace

extern "C" {

// ---- time ----
ErlNifTime enif_convert_time_unit(ErlNifTime value, ErlNifTimeUnit from, ErlNifTimeUnit to) {
  i64 from_rate = unit_rate(from);
  i64 to_rate = unit_rate(to);
  if (from_rate == 0 || to_rate == 0) return ERL_NIF_TIME_ERROR;
  return floor_div(static_cast<i128>(value) * to_rate, from_rate);
}
ErlNifTime enif_monotonic_time(ErlNifTimeUnit unit) { return from_ns(erlang_monotonic_ns(), unit); }
ErlNifTime enif_time_offset(ErlNifTimeUnit unit) { return from_ns(erlang_time_offset_ns(), unit); }
ERL_NIF_TERM enif_now_time(ErlNifEnv* env) { return timestamp(env, clock_now_us()); }
ERL_NIF_TERM enif_cpu_time(ErlNifEnv* env) {
  timespec t;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) return enif_make_badarg(env);
  return timestamp(env, t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

// ---- environment variables ----
// 0: done; 1: no such variable; -1: *size was too small and is now what is needed.
int enif_getenv(const char* key, char* value, size_t* size) {
  return environment_get(key, value, size);
}

// ---- shared objects ----
// The name comes without ".so", as erlang:load_nif/2's.
void* enif_dlopen(const char* file, void (*on_error)(void*, const char*), void* argument) {
  void* handle = dlopen((std::string(file) + ".so").c_str(), RTLD_NOW);
  if (handle == nullptr && on_error != nullptr) on_error(argument, dlerror());
  return handle;
}
void* enif_dlsym(void* handle, const char* symbol, void (*on_error)(void*, const char*),
                 void* argument) {
  void* address = dlsym(handle, symbol);
  if (address == nullptr && on_error != nullptr) on_error(argument, dlerror());
  return address;
}

void enif_system_info(ErlNifSysInfo* out, size_t size) { system_info_fill(out, size); }

// ---- external format ----
int enif_term_to_binary(ErlNifEnv*, ERL_NIF_TERM t, ErlNifBinary* bin) {
  EtfEncoder encoder(to_term(t));
  encoder.put_version();
  i64 budget = INT64_MAX;
  if (encoder.step(budget) != EtfEncoder::Status::Done) return 0;
  bin->size = encoder.size();
  BinaryData* d = encoder.take_buffer();
  bin->data = d->bytes;
  bin->ref_bin = d;
  return 1;
}

// Bytes used, or 0.
size_t enif_binary_to_term(ErlNifEnv* env, const unsigned char* data, size_t size, ERL_NIF_TERM* out,
                           unsigned int options) {
  if ((options & ~static_cast<unsigned>(ERL_NIF_BIN2TERM_SAFE)) != 0) return 0;
  EtfDecodeOptions decode;
  decode.safe = (options & ERL_NIF_BIN2TERM_SAFE) != 0;
  auto payload = etf_open({data, size});
  if (!payload) return 0;
  auto need = etf_decoded_size(payload->bytes, decode);
  if (!need) return 0;
  auto decoded = etf_decode(payload->bytes, decode);
  if (!decoded) return 0;
  env->adopt(decoded->fragments);
  *out = from_term(decoded->term);
  return payload->used(need->bytes);
}

}  // extern "C"
