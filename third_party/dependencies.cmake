# Finds the Debian packages that Lintel stands on; a missing one is named, all at once.
# Versions, licences and reasons are in third_party/README.md.
set(lintel_missing)
add_library(lintel_deps INTERFACE)

function(lintel_need package header library)
  find_path(${package}_INCLUDE ${header} PATH_SUFFIXES ${ARGN})
  find_library(${package}_LIBRARY NAMES ${library})
  if(${package}_INCLUDE AND ${package}_LIBRARY)
    target_include_directories(lintel_deps SYSTEM INTERFACE ${${package}_INCLUDE})
    target_link_libraries(lintel_deps INTERFACE ${${package}_LIBRARY})
  else()
    set(lintel_missing ${lintel_missing} ${package} PARENT_SCOPE)
  endif()
endfunction()

lintel_need(libasmjit-dev asmjit/asmjit.h asmjit)
lintel_need(libmimalloc-dev mimalloc.h mimalloc mimalloc-2.0 mimalloc-2.1)
lintel_need(libuv1-dev uv.h uv)
lintel_need(zlib1g-dev zlib.h z)
lintel_need(libgmp-dev gmp.h gmp)
lintel_need(libpcre2-dev pcre2.h pcre2-8)

find_package(GTest QUIET)
if(NOT GTest_FOUND)
  list(APPEND lintel_missing libgtest-dev)
endif()

# The public NIF and driver headers of an installed OTP.
file(GLOB otp_include_dirs /usr/lib/erlang/usr/include)
find_path(LINTEL_OTP_INCLUDE erl_nif.h HINTS ${otp_include_dirs} $ENV{ROOTDIR}/usr/include)
if(NOT LINTEL_OTP_INCLUDE)
  list(APPEND lintel_missing erlang-dev)
else()
  target_include_directories(lintel_deps SYSTEM INTERFACE ${LINTEL_OTP_INCLUDE})
endif()

if(lintel_missing)
  string(JOIN " " names ${lintel_missing})
  message(FATAL_ERROR "Debian packages are missing. Install them with:\n  apt-get install ${names}")
endif()

find_package(Threads REQUIRED)
target_link_libraries(lintel_deps INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)
