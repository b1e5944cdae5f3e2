/* What the fd, spawn and vanilla drivers get as third argument of `start`: the options of open_port
 * that concern the operating system. An addition to the public driver interface, in plain C; such a
 * driver defines ERL_SYS_DRV before it includes erl_driver.h. */
#pragma once
#include <stddef.h>

enum { ERTS_SPAWN_ANY = 0, ERTS_SPAWN_DRIVER = 1, ERTS_SPAWN_EXECUTABLE = 2 };

typedef struct SysDriverOpts_ {
  int ifd, ofd;          /* {fd, In, Out} */
  int packet_bytes;      /* 0 (a stream), 1, 2 or 4 */
  int read_write;        /* ERL_DRV_READ | ERL_DRV_WRITE: `in`, `out` */
  int use_stdio;         /* else descriptors 3 and 4 */
  int redir_stderr;      /* stderr_to_stdout */
  int exit_status;       /* report {exit_status, N} */
  int spawn_type;        /* ERTS_SPAWN_... */
  const char* wd;        /* {cd, Dir}, or NULL */
  char** envir;          /* "NAME=value", ended by NULL */
  char** argv;           /* {args, ...} and {arg0, ...}: ended by NULL; NULL: not given */
  size_t high_watermark; /* bytes queued that make the port busy ... */
  size_t low_watermark;  /* ... and no longer busy */
} SysDriverOpts;
