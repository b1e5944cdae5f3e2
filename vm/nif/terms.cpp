// enif_is_*, enif_get_* and enif_make_* for everything but binaries, maps and resources.
#include <cstring>

#include "vm/nif/env.h"
#include "vm/nif/utf8.h"
#include "vm/term/atom.h"

using namespace lintel;

namespace {

// Value of an integer of at most 64 bits as magnitude and sign; false for anything else.
bool integer_parts(Term t, bool* negative, u64* magnitude) {
  if (t.is_small()) {
    i64 v = t.small_value();
    *negative = v < 0;
    *magnitude = v < 0 ? u64{0} - static_cast<u64>(v) : static_cast<u64>(v);
    return true;
  }
  if (!t.is_big() || big_limb_count(t) != 1) return false;
  *negative = big_is_negative(t);
  *magnitude = big_limbs(t)[0];
  return true;
}

bool get_signed(Term t, i64 low, i64 high, i64* out) {
  bool negative;
  u64 magnitude;
  if (!integer_parts(t, &negative, &magnitude)) return false;
  i64 value;
  if (negative) {
    if (magnitude > u64{1} << 63) return false;
    value = static_cast<i64>(u64{0} - magnitude);
  } else {
    if (magnitude > static_cast<u64>(INT64_MAX)) return false;
    value = static_cast<i64>(magnitude);
  }
  if (value < low || value > high) return false;
  *out = value;
  return true;
}

bool get_unsigned(Term t, u64 high, u64* out) {
  bool negative;
  u64 magnitude;
  if (!integer_parts(t, &negative, &magnitude) || (negative && magnitude != 0)) return false;
  if (magnitude > high) return false;
  *out = magnitude;
  return true;
}

Term make_string(ErlNifEnv* env, const char* text, size_t length) {
  Builder b = env->reserve(length * kConsWords);
  Term list = Term::nil();
  for (size_t i = length; i > 0; i--) {
    list = b.cons(Term::small(static_cast<unsigned char>(text[i - 1])), list);
  }
  return list;
}

}  // namespace

extern "C" {

// ---- kinds ----
int enif_is_atom(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_atom(); }
int enif_is_binary(ErlNifEnv*, ERL_NIF_TERM t) { return is_binary(to_term(t)); }
int enif_is_ref(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_ref(); }
int enif_is_fun(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_fun(); }
int enif_is_pid(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_pid(); }
int enif_is_port(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_port(); }
int enif_is_empty_list(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_nil(); }
int enif_is_list(ErlNifEnv*, ERL_NIF_TERM t) {
  return to_term(t).is_list() || to_term(t).is_nil();
}
int enif_is_tuple(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_tuple(); }
int enif_is_map(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_map(); }
int enif_is_number(ErlNifEnv*, ERL_NIF_TERM t) { return to_term(t).is_number(); }

ErlNifTermType enif_term_type(ErlNifEnv*, ERL_NIF_TERM term) {
  Term t = to_term(term);
  if (t.is_atom()) return ERL_NIF_TERM_TYPE_ATOM;
  if (t.is_integer()) return ERL_NIF_TERM_TYPE_INTEGER;
  if (t.is_list() || t.is_nil()) return ERL_NIF_TERM_TYPE_LIST;
  if (t.is_tuple()) return ERL_NIF_TERM_TYPE_TUPLE;
  if (t.is_bitstring()) return ERL_NIF_TERM_TYPE_BITSTRING;
  if (t.is_float()) return ERL_NIF_TERM_TYPE_FLOAT;
  if (t.is_map()) return ERL_NIF_TERM_TYPE_MAP;
  if (t.is_pid()) return ERL_NIF_TERM_TYPE_PID;
  if (t.is_port()) return ERL_NIF_TERM_TYPE_PORT;
  if (t.is_ref()) return ERL_NIF_TERM_TYPE_REFERENCE;
  if (t.is_fun()) return ERL_NIF_TERM_TYPE_FUN;
  VM_PANIC("enif_term_type: not a term: %#lx", term);
}

// ---- integers and floats ----
int enif_get_int(ErlNifEnv*, ERL_NIF_TERM t, int* out) {
  i64 v;
  if (!get_signed(to_term(t), INT32_MIN, INT32_MAX, &v)) return 0;
  *out = static_cast<int>(v);
  return 1;
}
int enif_get_uint(ErlNifEnv*, ERL_NIF_TERM t, unsigned* out) {
  u64 v;
  if (!get_unsigned(to_term(t), UINT32_MAX, &v)) return 0;
  *out = static_cast<unsigned>(v);
  return 1;
}
int enif_get_long(ErlNifEnv*, ERL_NIF_TERM t, long* out) {
  return get_signed(to_term(t), INT64_MIN, INT64_MAX, out);
}
int enif_get_ulong(ErlNifEnv*, ERL_NIF_TERM t, unsigned long* out) {
  return get_unsigned(to_term(t), UINT64_MAX, out);
}
int enif_get_double(ErlNifEnv*, ERL_NIF_TERM t, double* out) {
  if (!to_term(t).is_float()) return 0;
  *out = float_value(to_term(t));
  return 1;
}
ERL_NIF_TERM enif_make_int(ErlNifEnv*, int v) { return from_term(Term::small(v)); }
ERL_NIF_TERM enif_make_uint(ErlNifEnv*, unsigned v) { return from_term(Term::small(v)); }
ERL_NIF_TERM enif_make_long(ErlNifEnv* env, long v) {
  if (Term::fits_small(v)) return from_term(Term::small(v));
  return from_term(env->reserve(kIntegerWords).integer(v));
}
ERL_NIF_TERM enif_make_ulong(ErlNifEnv* env, unsigned long v) {
  if (v <= static_cast<u64>(kSmallMax)) return from_term(Term::small(static_cast<i64>(v)));
  return from_term(env->reserve(kIntegerWords).unsigned_integer(v));
}
ERL_NIF_TERM enif_make_double(ErlNifEnv* env, double d) {
  u64 bits;
  std::memcpy(&bits, &d, sizeof bits);
  if ((bits >> 52 & 0x7ff) == 0x7ff) return enif_make_badarg(env);  // no infinities, no NaN
  return from_term(env->reserve(kFloatWords).floating(d));
}

// ---- atoms: the API's only encoding is Latin-1 ----
ERL_NIF_TERM enif_make_atom_len(ErlNifEnv* env, const char* name, size_t length) {
  if (length > kMaxAtomChars) return enif_make_badarg(env);
  Term atom = atom_intern_latin1({name, length});
  if (atom.is_none()) return enif_make_badarg(env);
  return from_term(atom);
}
ERL_NIF_TERM enif_make_atom(ErlNifEnv* env, const char* name) {
  return enif_make_atom_len(env, name, std::strlen(name));
}
int enif_make_existing_atom_len(ErlNifEnv*, const char* name, size_t length, ERL_NIF_TERM* out,
                                ErlNifCharEncoding encoding) {
  if (encoding != ERL_NIF_LATIN1 || length > kMaxAtomChars) return 0;
  char utf8[kMaxAtomChars * 2];
  Term atom = atom_find({utf8, utf8_from_latin1({name, length}, utf8)});
  if (atom.is_none()) return 0;
  *out = from_term(atom);
  return 1;
}
int enif_make_existing_atom(ErlNifEnv* env, const char* name, ERL_NIF_TERM* out,
                            ErlNifCharEncoding encoding) {
  return enif_make_existing_atom_len(env, name, std::strlen(name), out, encoding);
}
int enif_get_atom_length(ErlNifEnv*, ERL_NIF_TERM t, unsigned* out, ErlNifCharEncoding encoding) {
  Term atom = to_term(t);
  if (encoding != ERL_NIF_LATIN1 || !atom.is_atom() || !atom_is_latin1(atom)) return 0;
  *out = atom_char_count(atom);
  return 1;
}
int enif_get_atom(ErlNifEnv*, ERL_NIF_TERM t, char* buffer, unsigned size,
                  ErlNifCharEncoding encoding) {
  Term atom = to_term(t);
  if (encoding != ERL_NIF_LATIN1 || !atom.is_atom() || !atom_is_latin1(atom)) return 0;
  u32 chars = atom_char_count(atom);
  if (chars >= size) return 0;
  latin1_from_utf8(atom_name(atom), buffer);
  buffer[chars] = '\0';
  return static_cast<int>(chars) + 1;
}

// ---- lists ----
int enif_get_list_cell(ErlNifEnv*, ERL_NIF_TERM t, ERL_NIF_TERM* head, ERL_NIF_TERM* tail) {
  if (!to_term(t).is_list()) return 0;
  *head = from_term(to_term(t).head());
  *tail = from_term(to_term(t).tail());
  return 1;
}
int enif_get_list_length(ErlNifEnv*, ERL_NIF_TERM t, unsigned* out) {
  Term list = to_term(t);
  unsigned n = 0;
  for (; list.is_list(); list = list.tail()) n++;
  if (!list.is_nil()) return 0;
  *out = n;
  return 1;
}
// Writes a NUL-terminated string. Returns its size with the NUL, -size when it was cut, or 0 when
// the term is no list of characters.
int enif_get_string(ErlNifEnv*, ERL_NIF_TERM t, char* buffer, unsigned size,
                    ErlNifCharEncoding encoding) {
  if (encoding != ERL_NIF_LATIN1 || size < 1) return 0;
  Term list = to_term(t);
  unsigned n = 0;
  for (; list.is_list(); list = list.tail()) {
    Term c = list.head();
    if (!c.is_small() || c.small_value() < 0 || c.small_value() > 255) {
      buffer[n] = '\0';
      return 0;
    }
    if (n == size - 1) {
      buffer[n] = '\0';
      return -static_cast<int>(size);
    }
    buffer[n++] = static_cast<char>(c.small_value());
  }
  buffer[n] = '\0';
  return list.is_nil() ? static_cast<int>(n) + 1 : 0;
}
ERL_NIF_TERM enif_make_list_cell(ErlNifEnv* env, ERL_NIF_TERM head, ERL_NIF_TERM tail) {
  return from_term(env->reserve(kConsWords).cons(to_term(head), to_term(tail)));
}
ERL_NIF_TERM enif_make_list_from_array(ErlNifEnv* env, const ERL_NIF_TERM items[], unsigned n) {
  Builder b = env->reserve(n * kConsWords);
  Term list = Term::nil();
  for (unsigned i = n; i > 0; i--) list = b.cons(to_term(items[i - 1]), list);
  return from_term(list);
}
ERL_NIF_TERM enif_make_list(ErlNifEnv* env, unsigned n, ...) {
  if (n == 0) return from_term(Term::nil());
  Builder b = env->reserve(n * kConsWords);
  va_list args;
  va_start(args, n);
  Term* cells = b.alloc(n * kConsWords);
  for (unsigned i = 0; i < n; i++) {
    cells[2 * i] = to_term(va_arg(args, ERL_NIF_TERM));
    cells[2 * i + 1] = i + 1 < n ? Term::list(cells + 2 * (i + 1)) : Term::nil();
  }
  va_end(args);
  return from_term(Term::list(cells));
}
int enif_make_reverse_list(ErlNifEnv* env, ERL_NIF_TERM t, ERL_NIF_TERM* out) {
  Term list = to_term(t);
  Term result = Term::nil();
  for (; list.is_list(); list = list.tail()) {
    result = env->reserve(kConsWords).cons(list.head(), result);
  }
  if (!list.is_nil()) return 0;
  *out = from_term(result);
  return 1;
}
ERL_NIF_TERM enif_make_string_len(ErlNifEnv* env, const char* text, size_t length,
                                  ErlNifCharEncoding) {
  return from_term(make_string(env, text, length));
}
ERL_NIF_TERM enif_make_string(ErlNifEnv* env, const char* text, ErlNifCharEncoding) {
  return from_term(make_string(env, text, std::strlen(text)));
}

// ---- tuples ----
int enif_get_tuple(ErlNifEnv*, ERL_NIF_TERM t, int* arity, const ERL_NIF_TERM** elements) {
  if (!to_term(t).is_tuple()) return 0;
  *arity = static_cast<int>(tuple_arity(to_term(t)));
  *elements = reinterpret_cast<const ERL_NIF_TERM*>(tuple_elements(to_term(t)));
  return 1;
}
ERL_NIF_TERM enif_make_tuple_from_array(ErlNifEnv* env, const ERL_NIF_TERM items[], unsigned n) {
  Term* elements;
  Term t = env->reserve(tuple_words(n)).tuple_uninitialized(n, &elements);
  for (unsigned i = 0; i < n; i++) elements[i] = to_term(items[i]);
  return from_term(t);
}
ERL_NIF_TERM enif_make_tuple(ErlNifEnv* env, unsigned n, ...) {
  Term* elements;
  Term t = env->reserve(tuple_words(n)).tuple_uninitialized(n, &elements);
  va_list args;
  va_start(args, n);
  for (unsigned i = 0; i < n; i++) elements[i] = to_term(va_arg(args, ERL_NIF_TERM));
  va_end(args);
  return from_term(t);
}

// ---- exceptions ----
ERL_NIF_TERM enif_make_badarg(ErlNifEnv* env) {
  return enif_raise_exception(env, from_term(am::badarg));
}
ERL_NIF_TERM enif_raise_exception(ErlNifEnv* env, ERL_NIF_TERM reason) {
  env->is_raised = true;
  env->exception = to_term(reason);
  return kNifException;
}
int enif_has_pending_exception(ErlNifEnv* env, ERL_NIF_TERM* reason) {
  if (!env->is_raised) return 0;
  if (reason != nullptr) *reason = from_term(env->exception);
  return 1;
}
int enif_is_exception(ErlNifEnv* env, ERL_NIF_TERM t) {
  return env->is_raised && t == kNifException;
}

}  // extern "C"
