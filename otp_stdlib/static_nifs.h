// Entry points of the NIF libraries that are part of the executable. Each is an ordinary library:
// it sees nothing of the VM but the public headers. The composition root registers them at start-up.
//
// prim_socket and prim_net have none: their modules are left out of the preloaded ones, as in a
// stock VM built without the socket module, and raise notsup when somebody calls them all the same.
#pragma once
#include <erl_nif.h>

#define OTP_STATIC_NIFS(X) X(erl_tracer) X(prim_buffer) X(prim_file) X(zlib)

extern "C" {
#define X(module) ErlNifEntry* module##_nif_init(void);
OTP_STATIC_NIFS(X)
#undef X
}
