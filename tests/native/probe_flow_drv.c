/* A driver over a pipe to itself: queues that are written as the pipe takes them and flushed when the
 * port is closed, busy ports, threads and locks, ports made by a port; see probe_flow_drv.erl. */
#include <erl_driver.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct {
  ErlDrvPort port;
  ErlDrvPort told; /* the port whose owner hears of it */
  int fds[2];
  int blocked; /* the pipe is full, for the driver's part of it */
  long read;
  ErlDrvTermData owner;
} Data;

static ErlDrvTermData mother; /* the first port: one that is open when others end */

static ErlDrvTermData atom(const char* s) { return driver_mk_atom((char*)s); }

static void tell(Data* d, const char* what, long number) {
  ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("told"), ERL_DRV_ATOM, atom(what), ERL_DRV_INT,
                           (ErlDrvTermData)number, ERL_DRV_TUPLE, 3};
  erl_drv_output_term(driver_mk_port(d->told), spec, sizeof spec / sizeof spec[0]);
}
static ErlDrvEvent event(int fd) { return (ErlDrvEvent)(long)fd; }

static Data* make(ErlDrvPort port) {
  Data* d = driver_alloc(sizeof *d);
  memset(d, 0, sizeof *d);
  d->port = d->told = port;
  d->owner = driver_connected(port);
  if (mother == 0) mother = driver_mk_port(port);
  if (pipe(d->fds) != 0) return NULL;
  fcntl(d->fds[0], F_SETFL, O_NONBLOCK);
  fcntl(d->fds[1], F_SETFL, O_NONBLOCK);
  return d;
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  if (strstr(command, "later")) {
    Data* d = make(port);
    erl_drv_init_ack(port, (ErlDrvData)d);
    return (ErlDrvData)d;
  }
  return (ErlDrvData)make(port);
}

static void stop(ErlDrvData data) {
  Data* d = (Data*)data;
  ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("stopped"), ERL_DRV_INT, (ErlDrvTermData)driver_sizeq(d->port),
                           ERL_DRV_TUPLE, 2};
  erl_drv_send_term(mother, d->owner, spec, 6);
  driver_select(d->port, event(d->fds[0]), ERL_DRV_USE, 0);
  driver_select(d->port, event(d->fds[1]), ERL_DRV_USE, 0);
  memset(d, 0x55, sizeof *d); /* who uses it after this is found out */
  driver_free(d);
}
static void stop_select(ErlDrvEvent e, void* reserved) { close((int)(long)e); }

/* ---- threads ---- */

typedef struct {
  ErlDrvMutex* mutex;
  ErlDrvCond* cond;
  ErlDrvRWLock* rw;
  ErlDrvTSDKey key;
  int turn, sum, tsd;
} Shared;

static void* worker(void* arg) {
  Shared* s = arg;
  erl_drv_tsd_set(s->key, s);
  for (int i = 0; i < 100; i++) {
    erl_drv_rwlock_rwlock(s->rw);
    s->sum++;
    erl_drv_rwlock_rwunlock(s->rw);
  }
  erl_drv_mutex_lock(s->mutex);
  while (s->turn == 0) erl_drv_cond_wait(s->cond, s->mutex);
  s->turn++;
  s->tsd += erl_drv_tsd_get(s->key) == s;
  erl_drv_cond_broadcast(s->cond);
  erl_drv_mutex_unlock(s->mutex);
  return arg;
}

static void threads(Data* d) {
  Shared s = {0};
  ErlDrvTid ids[3];
  void* result;
  int ok = 0;
  s.mutex = erl_drv_mutex_create("probe mutex");
  s.cond = erl_drv_cond_create("probe cond");
  s.rw = erl_drv_rwlock_create("probe rw");
  tell(d, "key", erl_drv_tsd_key_create("probe key", &s.key));
  tell(d, "trylock", erl_drv_mutex_trylock(s.mutex));
  ErlDrvThreadOpts* options = erl_drv_thread_opts_create("probe options");
  for (int i = 0; i < 3; i++) erl_drv_thread_create("probe worker", &ids[i], worker, &s, i ? NULL : options);
  erl_drv_thread_opts_destroy(options);
  s.turn = 1;
  erl_drv_cond_signal(s.cond);
  while (s.turn < 4) erl_drv_cond_wait(s.cond, s.mutex);
  erl_drv_mutex_unlock(s.mutex);
  for (int i = 0; i < 3; i++) ok += erl_drv_thread_join(ids[i], &result) == 0 && result == &s;
  tell(d, "joined", ok);
  erl_drv_rwlock_rlock(s.rw);
  tell(d, "sum", s.sum);
  tell(d, "tryrwlock", erl_drv_rwlock_tryrlock(s.rw));
  erl_drv_rwlock_runlock(s.rw);
  erl_drv_rwlock_runlock(s.rw);
  tell(d, "tsd", s.tsd);
  tell(d, "names", !strcmp(erl_drv_mutex_name(s.mutex), "probe mutex") && !strcmp(erl_drv_cond_name(s.cond), "probe cond") &&
                       !strcmp(erl_drv_rwlock_name(s.rw), "probe rw"));
  tell(d, "self", erl_drv_equal_tids(erl_drv_thread_self(), erl_drv_thread_self()) != 0);
  erl_drv_tsd_key_destroy(s.key);
  erl_drv_mutex_destroy(s.mutex);
  erl_drv_cond_destroy(s.cond);
  erl_drv_rwlock_destroy(s.rw);
}

static void data_lock(Data* d) {
  ErlDrvPDL lock = driver_pdl_create(d->port);
  tell(d, "pdl", lock != NULL);
  tell(d, "refs", driver_pdl_get_refc(lock));
  driver_pdl_lock(lock);
  tell(d, "locked refs", driver_pdl_get_refc(lock));
  driver_pdl_unlock(lock);
  tell(d, "inc", driver_pdl_inc_refc(lock));
  tell(d, "dec", driver_pdl_dec_refc(lock));
  tell(d, "again", driver_pdl_create(d->port) != NULL);
}

/* ---- async: jobs of one key run in order ---- */

static void nothing(void* p) {}
static void ready_async(ErlDrvData data, ErlDrvThreadData t) {
  tell((Data*)data, "done", (long)t);
}

/* ---- output ---- */

static void outputv(ErlDrvData data, ErlIOVec* v) {
  Data* d = (Data*)data;
  char text[64];
  size_t n = driver_vec_to_buf(v, text, sizeof text - 1);
  unsigned long left = 99;
  text[n] = 0;
  if (!strcmp(text, "threads")) threads(d);
  else if (!strcmp(text, "pdl")) data_lock(d);
  else if (!strcmp(text, "async")) {
    unsigned key = driver_async_port_key(d->port);
    for (long i = 1; i <= 5; i++) driver_async(d->port, &key, nothing, (void*)i, NULL);
  } else if (!strcmp(text, "timers")) {
    driver_set_timer(d->port, 100000);
    driver_read_timer(d->port, &left);
    tell(d, "left", left > 50000 && left <= 100000);
    driver_set_timer(d->port, 0);
  } else if (!strcmp(text, "time")) {
    ErlDrvTime a = erl_drv_monotonic_time(ERL_DRV_NSEC);
    tell(d, "time", erl_drv_monotonic_time(ERL_DRV_NSEC) >= a);
    tell(d, "convert", erl_drv_convert_time_unit(-1, ERL_DRV_MSEC, ERL_DRV_SEC));
    tell(d, "bad", erl_drv_time_offset((ErlDrvTimeUnit)77) == ERL_DRV_TIME_ERROR);
  } else if (!strcmp(text, "read")) driver_select(d->port, event(d->fds[0]), ERL_DRV_READ | ERL_DRV_USE, 1);
  else if (!strcmp(text, "deafen")) driver_select(d->port, event(d->fds[0]), ERL_DRV_READ, 0);
  else if (!strcmp(text, "exit")) driver_exit(d->port, 0);
  else if (!strcmp(text, "exit_posix")) driver_exit(d->port, ENOENT);
  else if (!strcmp(text, "child")) {
    /* The new port is ours to use until this callback ends. */
    Data* e = make(d->port);
    ErlDrvPort p = driver_create_port(d->port, driver_connected(d->port), "probe child", (ErlDrvData)e);
    e->port = e->told = p;
    tell(d, "select", driver_select(p, event(e->fds[0]), ERL_DRV_READ | ERL_DRV_USE, 1));
    tell(d, "enqueue", driver_enq(p, "abc", 3));
    tell(d, "queued", driver_sizeq(p));
    driver_select(p, event(e->fds[1]), ERL_DRV_WRITE | ERL_DRV_USE, 1);
    ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("child"), ERL_DRV_PORT, driver_mk_port(p), ERL_DRV_TUPLE, 2};
    erl_drv_output_term(driver_mk_port(d->port), spec, 6);
  } else if (!strcmp(text, "limits")) {
    ErlDrvSizeT low = 100, high = 200;
    erl_drv_busy_msgq_limits(d->port, &low, &high);
    low = high = ERL_DRV_BUSY_MSGQ_READ_ONLY;
    erl_drv_busy_msgq_limits(d->port, &low, &high);
    tell(d, "limits", low * 1000 + high);
  } else {
    driver_enqv(d->port, v, 0);
    if (driver_sizeq(d->port) >= 250000) set_busy_port(d->port, 1);
    driver_select(d->port, event(d->fds[1]), ERL_DRV_WRITE | ERL_DRV_USE, 1);
  }
}

static void ready_output(ErlDrvData data, ErlDrvEvent e) {
  Data* d = (Data*)data;
  int count;
  SysIOVec* q = driver_peekq(d->port, &count);
  if (q == NULL) {
    driver_select(d->port, e, ERL_DRV_WRITE, 0);
    set_busy_port(d->port, 0);
    return;
  }
  long n = writev((int)(long)e, (void*)q, count > 16 ? 16 : count);
  if (n < 0) return;
  driver_deq(d->port, n);
  /* When the port is being closed and this was the last of it, it must still be here. */
  if (driver_sizeq(d->port) == 0) {
    driver_select(d->port, event(d->fds[1]), ERL_DRV_WRITE, 0);
    d->blocked = 0;
    set_busy_port(d->port, 0);
  }
}

static void ready_input(ErlDrvData data, ErlDrvEvent e) {
  Data* d = (Data*)data;
  char buffer[70000];
  long n = read((int)(long)e, buffer, sizeof buffer);
  if (n <= 0) return;
  long before = d->read;
  d->read += n;
  if (buffer[n - 1] == '!') tell(d, "read", d->read);
  if (before == 0 && buffer[0] == 'x') {
    driver_failure_atom(d->port, "told_to");
    return;
  }
}

static void flush(ErlDrvData data) {
  Data* d = (Data*)data;
  ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("flushing"), ERL_DRV_INT, (ErlDrvTermData)driver_sizeq(d->port),
                           ERL_DRV_TUPLE, 2};
  erl_drv_send_term(mother, d->owner, spec, 6);
  driver_select(d->port, event(d->fds[0]), ERL_DRV_READ | ERL_DRV_USE, 1);
}
static void timeout(ErlDrvData data) {
  Data* d = (Data*)data;
  unsigned long left = 99;
  driver_read_timer(d->port, &left);
  tell(d, "timeout", left);
}
static ErlDrvSSizeT control(ErlDrvData data, unsigned cmd, char* buf, ErlDrvSizeT len, char** rbuf, ErlDrvSizeT rlen) {
  Data* d = (Data*)data;
  switch (cmd) {
    case 1: set_busy_port(d->port, 1); return 0;
    case 2: set_busy_port(d->port, 0); return 0;
    case 3: driver_failure_atom(d->port, "in_control"); (*rbuf)[0] = 'r'; return 1;
    default: return -1;
  }
}

static ErlDrvEntry entry = {
    .start = start, .stop = stop, .ready_input = ready_input, .ready_output = ready_output,
    .driver_name = "probe_flow_drv", .control = control, .timeout = timeout, .outputv = outputv,
    .ready_async = ready_async, .flush = flush, .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION, .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_SOFT_BUSY, .stop_select = stop_select};
DRIVER_INIT(probe_flow_drv) { return &entry; }
