/* A driver that tries most of erl_driver.h; see probe_drv.erl. Commands arrive by port_command (an
 * output of bytes) and by port_control. */
#include <erl_driver.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
  ErlDrvPort port;
  int fds[2];
  int ticks;
  ErlDrvMonitor monitor;
  char name[32];
} Data;

static ErlDrvTermData atom(const char* s) { return driver_mk_atom((char*)s); }
#define SEND(d, spec) erl_drv_output_term(driver_mk_port((d)->port), spec, sizeof(spec) / sizeof(spec[0]))

static void tell(Data* d, const char* what, long number) {
  ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("told"), ERL_DRV_ATOM, atom(what), ERL_DRV_INT,
                           (ErlDrvTermData)number, ERL_DRV_TUPLE, 3};
  SEND(d, spec);
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  if (strstr(command, "refuse_errno")) { extern int* __errno_location(void); *__errno_location() = 13; return ERL_DRV_ERROR_ERRNO; }
  if (strstr(command, "refuse_badarg")) return ERL_DRV_ERROR_BADARG;
  if (strstr(command, "refuse")) return ERL_DRV_ERROR_GENERAL;
  Data* d = driver_alloc(sizeof *d);
  memset(d, 0, sizeof *d);
  d->port = port;
  d->fds[0] = d->fds[1] = -1;
  snprintf(d->name, sizeof d->name, "%s", command);
  if (strstr(command, "binary")) set_port_control_flags(port, PORT_CONTROL_FLAG_BINARY);
  return (ErlDrvData)d;
}
static void stop(ErlDrvData data) {
  Data* d = (Data*)data;
  if (d->fds[0] >= 0) driver_select(d->port, (ErlDrvEvent)(long)d->fds[0], ERL_DRV_USE, 0);
  if (d->fds[1] >= 0) close(d->fds[1]);
  driver_free(d);
}
static void stop_select(ErlDrvEvent e, void* reserved) { close((int)(long)e); }

static void terms(Data* d) {
  ErlDrvSInt64 big = -(1ll << 62);
  ErlDrvUInt64 ubig = 1ull << 63;
  double f = 2.5;
  unsigned char ext[] = {131, 104, 2, 97, 1, 107, 0, 1, 120};
  ErlDrvBinary* bin = driver_alloc_binary(100);
  memset(bin->orig_bytes, 'b', 100);
  ErlDrvTermData spec[] = {
      ERL_DRV_NIL, ERL_DRV_ATOM, atom("atom"), ERL_DRV_INT, (ErlDrvTermData)-7, ERL_DRV_UINT, 7,
      ERL_DRV_PORT, driver_mk_port(d->port), ERL_DRV_BINARY, (ErlDrvTermData)bin, 90, 5,
      ERL_DRV_STRING, (ErlDrvTermData) "string", 6, ERL_DRV_NIL, ERL_DRV_STRING_CONS, (ErlDrvTermData) "cons", 4,
      ERL_DRV_PID, driver_connected(d->port), ERL_DRV_FLOAT, (ErlDrvTermData)&f, ERL_DRV_EXT2TERM,
      (ErlDrvTermData)ext, sizeof ext, ERL_DRV_BUF2BINARY, (ErlDrvTermData) "buffer", 6, ERL_DRV_INT64,
      (ErlDrvTermData)&big, ERL_DRV_UINT64, (ErlDrvTermData)&ubig, ERL_DRV_ATOM, atom("k"), ERL_DRV_INT, 1,
      ERL_DRV_MAP, 1, ERL_DRV_INT, 1, ERL_DRV_INT, 2, ERL_DRV_NIL, ERL_DRV_LIST, 3, ERL_DRV_TUPLE, 16};
  int r = SEND(d, spec);
  driver_free_binary(bin);
  tell(d, "sent", r);
  ErlDrvTermData broken[] = {ERL_DRV_TUPLE, 3};
  tell(d, "broken", SEND(d, broken));
}

static void async_work(void* p) { *(int*)p *= 2; }
static void ready_async(ErlDrvData data, ErlDrvThreadData t) {
  int* n = (int*)t;
  tell((Data*)data, "async", *n);
  driver_free(n);
}

static void outputv(ErlDrvData data, ErlIOVec* v) {
  Data* d = (Data*)data;
  char text[256];
  size_t n = driver_vec_to_buf(v, text, sizeof text - 1);
  text[n] = 0;
  if (!strcmp(text, "echo")) driver_output(d->port, "echoed", 6);
  else if (!strcmp(text, "echo2")) driver_output2(d->port, "HD", 2, "body", 4);
  else if (!strcmp(text, "echob")) {
    ErlDrvBinary* b = driver_alloc_binary(200);
    memset(b->orig_bytes, 'B', 200);
    driver_output_binary(d->port, "hd", 2, b, 50, 100);
    tell(d, "refs", driver_binary_get_refc(b));
    driver_free_binary(b);
  } else if (!strcmp(text, "echov")) driver_outputv(d->port, "h", 1, v, 1);
  else if (!strcmp(text, "terms")) terms(d);
  else if (!strcmp(text, "timer")) { driver_set_timer(d->port, 30); }
  else if (!strcmp(text, "cancel")) { driver_set_timer(d->port, 30); driver_cancel_timer(d->port); tell(d, "cancelled", 0); }
  else if (!strcmp(text, "async")) {
    int* p = driver_alloc(sizeof *p);
    *p = 21;
    driver_async(d->port, NULL, async_work, p, driver_free);
  } else if (!strcmp(text, "pipe")) {
    if (pipe(d->fds)) return;
    tell(d, "select", driver_select(d->port, (ErlDrvEvent)(long)d->fds[0], ERL_DRV_READ | ERL_DRV_USE, 1));
  } else if (!strcmp(text, "write")) tell(d, "wrote", write(d->fds[1], "xyz", 3));
  else if (!strcmp(text, "queue")) {
    driver_enq(d->port, "abc", 3);
    driver_pushq(d->port, "01", 2);
    driver_enqv(d->port, v, 2);
    int vs;
    SysIOVec* q = driver_peekq(d->port, &vs);
    tell(d, "vectors", vs > 0 && q != NULL);
    tell(d, "size", driver_sizeq(d->port));
    tell(d, "left", driver_deq(d->port, 3));
    char all[64];
    ErlIOVec pv;
    size_t total = driver_peekqv(d->port, &pv);
    driver_vec_to_buf(&pv, all, sizeof all);
    driver_output(d->port, all, total);
    driver_deq(d->port, total);
  } else if (!strcmp(text, "busy")) set_busy_port(d->port, 1);
  else if (!strcmp(text, "fail_eof")) driver_failure_eof(d->port);
  else if (!strcmp(text, "fail_atom")) driver_failure_atom(d->port, "because");
  else if (!strcmp(text, "fail_posix")) driver_failure_posix(d->port, 2);
  else if (!strcmp(text, "flags")) tell(d, "flags", get_port_flags(d->port));
  else if (!strcmp(text, "caller")) {
    ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("caller"), ERL_DRV_PID, driver_caller(d->port), ERL_DRV_TUPLE, 2};
    SEND(d, spec);
  } else if (!strcmp(text, "to_caller")) {
    ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("direct")};
    erl_drv_send_term(driver_mk_port(d->port), driver_caller(d->port), spec, 2);
  } else if (!strcmp(text, "new_port")) {
    Data* e = driver_alloc(sizeof *e);
    *e = *d;
    e->fds[0] = e->fds[1] = -1;
    e->port = driver_create_port(d->port, driver_connected(d->port), "made", (ErlDrvData)e);
    ErlDrvTermData spec[] = {ERL_DRV_ATOM, atom("new_port"), ERL_DRV_PORT, driver_mk_port(e->port), ERL_DRV_TUPLE, 2};
    SEND(d, spec);
  } else tell(d, text, n);
}
static void timeout(ErlDrvData data) { Data* d = (Data*)data; tell(d, "timeout", ++d->ticks); }
static void ready_input(ErlDrvData data, ErlDrvEvent e) {
  char buffer[16];
  tell((Data*)data, "input", read((int)(long)e, buffer, 1));
}
static ErlDrvSSizeT control(ErlDrvData data, unsigned cmd, char* buf, ErlDrvSizeT len, char** rbuf, ErlDrvSizeT rlen) {
  Data* d = (Data*)data;
  switch (cmd) {
    case 1: memcpy(*rbuf, buf, len); return len;
    case 2: { ErlDrvBinary* b = driver_alloc_binary(300); memset(b->orig_bytes, 'c', 300); *rbuf = (char*)b; return 300; }
    case 3: { char* r = driver_alloc(500); memset(r, 'd', 500); *rbuf = r; return 500; }
    case 4: set_busy_port(d->port, 0); return 0;
    case 5: { ErlDrvTermData pid = driver_caller(d->port); int r = driver_monitor_process(d->port, pid, &d->monitor); (*rbuf)[0] = r; return 1; }
    case 6: (*rbuf)[0] = driver_get_monitored_process(d->port, &d->monitor) == driver_caller(d->port);
            (*rbuf)[1] = driver_demonitor_process(d->port, &d->monitor); return 2;
    default: return -1;
  }
}
static ErlDrvSSizeT call(ErlDrvData data, unsigned cmd, char* buf, ErlDrvSizeT len, char** rbuf, ErlDrvSizeT rlen, unsigned* flags) {
  if (cmd != 9) return -1;
  char* r = driver_alloc(len + 8); /* {called, Term} */
  r[0] = (char)131; r[1] = 104; r[2] = 2; r[3] = 100; r[4] = 0; r[5] = 1; r[6] = 'c';
  memcpy(r + 7, buf + 1, len - 1);
  *rbuf = r;
  return len + 6;
}
static void process_exit(ErlDrvData data, ErlDrvMonitor* m) {
  Data* d = (Data*)data;
  tell(d, "process_exit", driver_compare_monitors(m, &d->monitor) == 0);
}

static ErlDrvEntry entry = {
    .start = start, .stop = stop, .ready_input = ready_input, .driver_name = "probe_drv",
    .control = control, .timeout = timeout, .outputv = outputv, .ready_async = ready_async, .call = call,
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER, .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_SOFT_BUSY, .process_exit = process_exit,
    .stop_select = stop_select};
DRIVER_INIT(probe_drv) { return &entry; }
