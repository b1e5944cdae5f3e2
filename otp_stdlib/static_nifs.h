// Entry points of the NIF libraries that are part of the executable. Each is an ordinary library:
// it sees nothing of the VM but the public headers. tools/ registers them at start-up.
#pragma once
#include <erl_nif.h>

extern "C" {
ErlNifEntry* prim_file_nif_init(void);
ErlNifEntry* prim_buffer_nif_init(void);
ErlNifEntry* zlib_nif_init(void);
ErlNifEntry* prim_socket_nif_init(void);
ErlNifEntry* prim_net_nif_init(void);
}
