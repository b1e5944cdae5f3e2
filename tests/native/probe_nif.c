/* A library that tries most of erl_nif.h. probe_nif.erl calls it and prints what comes back; the test
 * compares the text that two virtual machines print. */
#include <erl_nif.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  int number;
  int fds[2];
  ErlNifPid owner;
  ErlNifMonitor monitor;
} Thing;

static ErlNifResourceType* thing_type;

static ERL_NIF_TERM atom(ErlNifEnv* env, const char* name) { return enif_make_atom(env, name); }
static ERL_NIF_TERM boolean(ErlNifEnv* env, int b) { return atom(env, b ? "true" : "false"); }

static void tell(ErlNifEnv* env, ErlNifPid* to, const char* what, int number) {
  ErlNifEnv* msg = enif_alloc_env();
  ERL_NIF_TERM t = enif_make_tuple2(msg, enif_make_atom(msg, what), enif_make_int(msg, number));
  enif_send(env, to, msg, t);
  enif_free_env(msg);
}

static void thing_dtor(ErlNifEnv* env, void* obj) {
  Thing* t = obj;
  tell(env, &t->owner, "destroyed", t->number);
}
static void thing_stop(ErlNifEnv* env, void* obj, ErlNifEvent event, int direct) {
  Thing* t = obj;
  tell(env, &t->owner, direct ? "stopped_directly" : "stopped", t->number);
  close(event);
}
static void thing_down(ErlNifEnv* env, void* obj, ErlNifPid* pid, ErlNifMonitor* mon) {
  Thing* t = obj;
  tell(env, &t->owner, "watched_died", enif_compare_monitors(mon, &t->monitor) == 0);
}

static int load(ErlNifEnv* env, void** priv, ERL_NIF_TERM info) {
  ErlNifResourceTypeInit init = {thing_dtor, thing_stop, thing_down, 3, NULL};
  int* data = enif_alloc(sizeof *data);
  if (!enif_get_int(env, info, data)) return 1;
  *priv = data;
  thing_type = enif_init_resource_type(env, "thing", &init, ERL_NIF_RT_CREATE, NULL);
  return thing_type == NULL;
}
static int upgrade(ErlNifEnv* env, void** priv, void** old, ERL_NIF_TERM info) {
  ErlNifResourceTypeInit init = {thing_dtor, thing_stop, thing_down, 3, NULL};
  *priv = *old;
  *old = NULL;
  **(int**)priv += 1000;
  thing_type = enif_init_resource_type(env, "thing", &init, ERL_NIF_RT_TAKEOVER, NULL);
  return thing_type == NULL;
}
static void unload(ErlNifEnv* env, void* priv) { enif_free(priv); }

static ERL_NIF_TERM priv_number(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  return enif_make_int(env, *(int*)enif_priv_data(env));
}

/* What a term is, by all the questions that there are. */
static ERL_NIF_TERM classify(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ERL_NIF_TERM t = argv[0], list = enif_make_list(env, 0);
#define ASK(f) if (f(env, t)) list = enif_make_list_cell(env, atom(env, #f), list)
  ASK(enif_is_atom); ASK(enif_is_binary); ASK(enif_is_empty_list); ASK(enif_is_fun);
  ASK(enif_is_list); ASK(enif_is_map); ASK(enif_is_number); ASK(enif_is_pid); ASK(enif_is_port);
  ASK(enif_is_ref); ASK(enif_is_tuple);
  return enif_make_tuple2(env, enif_make_int(env, enif_term_type(env, t)), list);
}

static ERL_NIF_TERM numbers(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  int i = 0; unsigned u = 0; long l = 0; unsigned long ul = 0; double d = 0;
  ERL_NIF_TERM r[5];
  r[0] = enif_get_int(env, argv[0], &i) ? enif_make_int(env, i) : atom(env, "no");
  r[1] = enif_get_uint(env, argv[0], &u) ? enif_make_uint(env, u) : atom(env, "no");
  r[2] = enif_get_long(env, argv[0], &l) ? enif_make_long(env, l) : atom(env, "no");
  r[3] = enif_get_ulong(env, argv[0], &ul) ? enif_make_ulong(env, ul) : atom(env, "no");
  r[4] = enif_get_double(env, argv[0], &d) ? enif_make_double(env, d * 2) : atom(env, "no");
  return enif_make_tuple_from_array(env, r, 5);
}

static ERL_NIF_TERM atoms(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  char text[300];
  unsigned length = 0;
  int n = enif_get_atom(env, argv[0], text, sizeof text, ERL_NIF_LATIN1);
  int ok = enif_get_atom_length(env, argv[0], &length, ERL_NIF_LATIN1);
  ERL_NIF_TERM again = atom(env, "none");
  if (n > 0) enif_make_existing_atom(env, text, &again, ERL_NIF_LATIN1);
  return enif_make_tuple4(env, enif_make_int(env, n), enif_make_int(env, ok),
                          enif_make_uint(env, length), again);
}

static ERL_NIF_TERM strings(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  char text[8];
  memset(text, 'x', sizeof text);
  int n = enif_get_string(env, argv[0], text, sizeof text, ERL_NIF_LATIN1);
  unsigned length = 99;
  int ok = enif_get_list_length(env, argv[0], &length);
  ERL_NIF_TERM reversed = atom(env, "improper");
  enif_make_reverse_list(env, argv[0], &reversed);
  return enif_make_tuple5(env, enif_make_int(env, n),
                          n != 0 ? enif_make_string(env, text, ERL_NIF_LATIN1) : atom(env, "none"),
                          enif_make_int(env, ok), enif_make_uint(env, length), reversed);
}

static ERL_NIF_TERM binaries(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifBinary in, out;
  ERL_NIF_TERM fresh, sub;
  if (!enif_inspect_iolist_as_binary(env, argv[0], &in)) return enif_make_badarg(env);
  enif_alloc_binary(in.size, &out);
  memcpy(out.data, in.data, in.size);
  enif_realloc_binary(&out, in.size + 3);
  memcpy(out.data + in.size, "end", 3);
  memcpy(enif_make_new_binary(env, 5, &fresh), "fresh", 5);
  ERL_NIF_TERM whole = enif_make_binary(env, &out);
  sub = enif_make_sub_binary(env, whole, in.size, 3);
  return enif_make_tuple3(env, whole, sub, fresh);
}

static ERL_NIF_TERM vectors(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifIOVec space, *v = &space;
  ERL_NIF_TERM tail, head;
  if (!enif_inspect_iovec(env, 3, argv[0], &tail, &v)) return enif_make_badarg(env);
  ErlNifIOQueue* q = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
  enif_ioq_enqv(q, v, 1);
  size_t size = enif_ioq_size(q), left = 0;
  enif_ioq_deq(q, 1, &left);
  int has_head = enif_ioq_peek_head(env, q, NULL, &head);
  enif_ioq_destroy(q);
  return enif_make_tuple5(env, enif_make_uint64(env, v->size), enif_make_uint64(env, size),
                          enif_make_uint64(env, left), has_head ? head : atom(env, "empty"), tail);
}

static ERL_NIF_TERM maps(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ERL_NIF_TERM map = argv[0], value = atom(env, "absent"), put, removed, updated = atom(env, "absent");
  ERL_NIF_TERM pairs = enif_make_list(env, 0), k, v;
  ErlNifMapIterator it;
  size_t size;
  enif_get_map_size(env, map, &size);
  enif_make_map_put(env, map, argv[1], atom(env, "put"), &put);
  enif_get_map_value(env, map, argv[1], &value);
  enif_make_map_remove(env, map, argv[1], &removed);
  if (!enif_make_map_update(env, map, argv[1], atom(env, "updated"), &updated)) updated = atom(env, "absent");
  enif_map_iterator_create(env, map, &it, ERL_NIF_MAP_ITERATOR_LAST);
  while (enif_map_iterator_get_pair(env, &it, &k, &v)) {
    pairs = enif_make_list_cell(env, enif_make_tuple2(env, k, v), pairs);
    enif_map_iterator_prev(env, &it);
  }
  int at_head = enif_map_iterator_is_head(env, &it);
  enif_map_iterator_destroy(env, &it);
  return enif_make_tuple7(env, enif_make_uint64(env, size), value, put, removed, updated, pairs,
                          boolean(env, at_head));
}

static ERL_NIF_TERM from_arrays(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ERL_NIF_TERM keys[100], values[100], map;
  unsigned n;
  if (!enif_get_uint(env, argv[0], &n) || n > 100) return enif_make_badarg(env);
  for (unsigned i = 0; i < n; i++) {
    keys[i] = enif_make_uint(env, i * 7 % 100);
    values[i] = enif_make_uint(env, i);
  }
  if (argv[1] == atom(env, "true") && n > 1) keys[1] = keys[0];
  if (!enif_make_map_from_arrays(env, keys, values, n, &map)) return atom(env, "duplicate");
  return map;
}

static ERL_NIF_TERM comparing(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  int c = enif_compare(argv[0], argv[1]);
  return enif_make_tuple3(env, enif_make_int(env, c < 0 ? -1 : c > 0),
                          boolean(env, enif_is_identical(argv[0], argv[1])),
                          enif_make_uint64(env, enif_hash(ERL_NIF_PHASH2, argv[0], 0)));
}

static ERL_NIF_TERM external(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifBinary bin;
  ERL_NIF_TERM back = atom(env, "none");
  if (!enif_term_to_binary(env, argv[0], &bin)) return enif_make_badarg(env);
  size_t used = enif_binary_to_term(env, bin.data, bin.size, &back, 0);
  int all = used == bin.size;
  return enif_make_tuple3(env, enif_make_binary(env, &bin), boolean(env, all), back);
}

static ERL_NIF_TERM raise_it(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ERL_NIF_TERM r = enif_raise_exception(env, argv[0]), reason;
  if (!enif_is_exception(env, r) || !enif_has_pending_exception(env, &reason)) return atom(env, "broken");
  return r;
}
static ERL_NIF_TERM bad(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  return enif_make_badarg(env);
}

static ERL_NIF_TERM formatted(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  char text[200];
  int n = enif_snprintf(text, sizeof text, "%T|%5d|%-5s|%lx|%c|%.2f|%%|%lu", argv[0], -42, "ab", 255L, 'z',
                        1.5, 7ul);
  return enif_make_tuple2(env, enif_make_int(env, n), enif_make_string(env, text, ERL_NIF_LATIN1));
}

/* ---- scheduling ---- */
static ERL_NIF_TERM countdown(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  int n, sum;
  if (!enif_get_int(env, argv[0], &n) || !enif_get_int(env, argv[1], &sum)) return enif_make_badarg(env);
  if (n == 0) return enif_make_tuple2(env, enif_make_int(env, sum), enif_make_int(env, enif_thread_type()));
  ERL_NIF_TERM next[] = {enif_make_int(env, n - 1), enif_make_int(env, sum + n)};
  int flags = n % 3 == 0 ? ERL_NIF_DIRTY_JOB_CPU_BOUND : n % 3 == 1 ? ERL_NIF_DIRTY_JOB_IO_BOUND : 0;
  enif_consume_timeslice(env, 10);
  return enif_schedule_nif(env, "countdown", flags, countdown, 2, next);
}
static ERL_NIF_TERM thread_type(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  return enif_make_int(env, enif_thread_type());
}
static ERL_NIF_TERM dirty_build(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ERL_NIF_TERM list = argv[0];
  for (int i = 0; i < 5000; i++) {
    list = enif_make_list_cell(env, enif_make_tuple2(env, enif_make_int(env, i), argv[0]), list);
  }
  return enif_make_tuple2(env, enif_make_int(env, enif_thread_type()), list);
}

/* ---- resources ---- */
static ERL_NIF_TERM new_thing(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = enif_alloc_resource(thing_type, sizeof *t);
  memset(t, 0, sizeof *t);
  t->fds[0] = t->fds[1] = -1;
  enif_self(env, &t->owner);
  if (!enif_get_int(env, argv[0], &t->number)) t->number = -1;
  ERL_NIF_TERM term = enif_make_resource(env, t);
  enif_release_resource(t);
  return term;
}
static Thing* thing(ErlNifEnv* env, ERL_NIF_TERM t) {
  void* obj;
  return enif_get_resource(env, t, thing_type, &obj) ? obj : NULL;
}
static ERL_NIF_TERM thing_number(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = thing(env, argv[0]);
  return t == NULL ? enif_make_badarg(env) : enif_make_int(env, t->number);
}
static ERL_NIF_TERM thing_binary(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = thing(env, argv[0]);
  return enif_make_resource_binary(env, t, "static bytes of a resource that are longer than sixty-four bytes, so they stay", 77);
}
static ERL_NIF_TERM watch(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = thing(env, argv[0]);
  ErlNifPid pid;
  if (!enif_get_local_pid(env, argv[1], &pid)) return enif_make_badarg(env);
  return enif_make_int(env, enif_monitor_process(env, t, &pid, &t->monitor));
}
static ERL_NIF_TERM unwatch(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = thing(env, argv[0]);
  return enif_make_int(env, enif_demonitor_process(env, t, &t->monitor) == 0);
}

/* ---- select ---- */
static ERL_NIF_TERM open_pipe(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  return enif_make_int(env, pipe(thing(env, argv[0])->fds));
}
static ERL_NIF_TERM write_pipe(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  return enif_make_int(env, write(thing(env, argv[0])->fds[1], "x", 1));
}
static ERL_NIF_TERM read_pipe(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  char c;
  return enif_make_int(env, read(thing(env, argv[0])->fds[0], &c, 1));
}
static ERL_NIF_TERM select_pipe(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = thing(env, argv[0]);
  int which, mode;
  enif_get_int(env, argv[1], &which);
  enif_get_int(env, argv[2], &mode);
  return enif_make_int(env, enif_select(env, t->fds[which], mode, t, NULL, argv[3]));
}
static ERL_NIF_TERM select_custom(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Thing* t = thing(env, argv[0]);
  ErlNifEnv* msg = enif_alloc_env();
  ERL_NIF_TERM m = enif_make_copy(msg, argv[1]);
  int r = enif_select_read(env, t->fds[0], t, NULL, m, msg);
  enif_free_env(msg);
  return enif_make_int(env, r);
}

/* ---- threads ---- */
typedef struct {
  ErlNifPid to;
  ErlNifEnv* env;
  ERL_NIF_TERM message;
} Job;
static void* thread_main(void* arg) {
  Job* job = arg;
  enif_send(NULL, &job->to, job->env, job->message);
  enif_free_env(job->env);
  enif_free(job);
  return (void*)17;
}
static ERL_NIF_TERM from_thread(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  Job* job = enif_alloc(sizeof *job);
  ErlNifTid tid;
  void* result = NULL;
  enif_self(env, &job->to);
  job->env = enif_alloc_env();
  job->message = enif_make_tuple2(job->env, enif_make_atom(job->env, "from_thread"),
                                  enif_make_copy(job->env, argv[0]));
  if (enif_thread_create("probe", &tid, thread_main, job, NULL) != 0) return atom(env, "failed");
  enif_thread_join(tid, &result);
  return enif_make_int(env, (int)(intptr_t)result);
}
static ERL_NIF_TERM send_to(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifPid pid;
  if (!enif_get_local_pid(env, argv[0], &pid)) return enif_make_badarg(env);
  return enif_make_int(env, enif_send(env, &pid, NULL, argv[1]));
}
static ERL_NIF_TERM whereis_name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifPid pid;
  if (!enif_whereis_pid(env, argv[0], &pid)) return atom(env, "nobody");
  return enif_make_tuple2(env, enif_make_pid(env, &pid), boolean(env, enif_is_process_alive(env, &pid)));
}
static ERL_NIF_TERM times(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifTime a = enif_monotonic_time(ERL_NIF_USEC), b = enif_monotonic_time(ERL_NIF_USEC);
  return enif_make_tuple3(env, boolean(env, a <= b),
                          enif_make_int64(env, enif_convert_time_unit(-1, ERL_NIF_MSEC, ERL_NIF_SEC)),
                          enif_make_int64(env, enif_convert_time_unit(3, ERL_NIF_SEC, ERL_NIF_NSEC)));
}
static ERL_NIF_TERM locks(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
  ErlNifMutex* m = enif_mutex_create("m");
  ErlNifRWLock* l = enif_rwlock_create("l");
  ErlNifTSDKey key;
  enif_mutex_lock(m);
  int busy = enif_mutex_trylock(m) != 0;
  enif_mutex_unlock(m);
  enif_rwlock_rlock(l);
  int refused = enif_rwlock_tryrwlock(l) != 0;
  enif_rwlock_runlock(l);
  enif_tsd_key_create("k", &key);
  enif_tsd_set(key, m);
  int kept = enif_tsd_get(key) == m;
  enif_tsd_key_destroy(key);
  ERL_NIF_TERM r = enif_make_tuple4(env, boolean(env, busy), boolean(env, refused), boolean(env, kept),
                                    enif_make_string(env, enif_mutex_name(m), ERL_NIF_LATIN1));
  enif_mutex_destroy(m);
  enif_rwlock_destroy(l);
  return r;
}

static ErlNifFunc functions[] = {
    {"priv_number", 0, priv_number}, {"classify", 1, classify}, {"numbers", 1, numbers},
    {"atoms", 1, atoms}, {"strings", 1, strings}, {"binaries", 1, binaries}, {"vectors", 1, vectors},
    {"maps", 2, maps}, {"from_arrays", 2, from_arrays}, {"comparing", 2, comparing},
    {"external", 1, external}, {"raise_it", 1, raise_it}, {"bad", 1, bad}, {"formatted", 1, formatted},
    {"countdown", 2, countdown}, {"thread_type", 0, thread_type},
    {"thread_type_cpu", 0, thread_type, ERL_NIF_DIRTY_JOB_CPU_BOUND},
    {"thread_type_io", 0, thread_type, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"dirty_build", 1, dirty_build, ERL_NIF_DIRTY_JOB_CPU_BOUND}, {"new_thing", 1, new_thing},
    {"thing_number", 1, thing_number}, {"thing_binary", 1, thing_binary}, {"watch", 2, watch},
    {"unwatch", 1, unwatch}, {"open_pipe", 1, open_pipe}, {"write_pipe", 1, write_pipe},
    {"read_pipe", 1, read_pipe}, {"select_pipe", 4, select_pipe}, {"select_custom", 2, select_custom},
    {"from_thread", 1, from_thread}, {"send_to", 2, send_to}, {"whereis_name", 1, whereis_name},
    {"times", 0, times}, {"locks", 0, locks},
};

ERL_NIF_INIT(probe_nif, functions, load, NULL, upgrade, unload)
