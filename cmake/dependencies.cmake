# What the library needs beyond the C library. All are imported targets, whose headers count as system headers.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)

# NUDGE_WITH_ONEDNN: the oneDNN engine is built. It needs oneDNN 2 and the OpenMP runtime that oneDNN itself uses, whatever
# the compiler here would use.
set(NUDGE_WITH_ONEDNN OFF)
if(NOT NUDGE_ONEDNN STREQUAL OFF AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(NUDGE_ONEDNN_LIBRARIES dnnl -l:libgomp.so.1)
  set(CMAKE_REQUIRED_LIBRARIES ${NUDGE_ONEDNN_LIBRARIES})
  unset(NUDGE_FOUND_ONEDNN CACHE) # what was missing may have been installed since, or the other way round
  check_c_source_compiles("
#include <oneapi/dnnl/dnnl.h>
#if DNNL_VERSION_MAJOR != 2
#error another interface
#endif
void omp_set_num_threads(int);
int main(void) { omp_set_num_threads(1); return !dnnl_version(); }" NUDGE_FOUND_ONEDNN)
  unset(CMAKE_REQUIRED_LIBRARIES)
  set(NUDGE_WITH_ONEDNN ${NUDGE_FOUND_ONEDNN})
endif()
if(NUDGE_ONEDNN STREQUAL ON AND NOT NUDGE_WITH_ONEDNN)
  message(FATAL_ERROR "NUDGE_ONEDNN=ON needs oneDNN 2 (Debian: libdnnl-dev) and libgomp, on x86-64")
endif()
if(NUDGE_WITH_ONEDNN)
  message(STATUS "Engines: portable, onednn")
else()
  message(STATUS "Engines: portable. For large networks oneDNN (Debian: libdnnl-dev) would be faster")
endif()

# NUDGE_WITH_PICTURES: the command draws. It needs cairo with its SVG, PDF and PNG surfaces.
set(NUDGE_WITH_PICTURES OFF)
if(NOT NUDGE_PICTURES STREQUAL OFF)
  pkg_check_modules(CAIRO IMPORTED_TARGET cairo>=1.16 cairo-svg cairo-pdf cairo-png)
  set(NUDGE_WITH_PICTURES ${CAIRO_FOUND})
endif()
if(NUDGE_PICTURES STREQUAL ON AND NOT NUDGE_WITH_PICTURES)
  message(FATAL_ERROR "NUDGE_PICTURES=ON needs cairo 1.16 or newer (Debian: libcairo2-dev)")
endif()
if(NOT NUDGE_WITH_PICTURES)
  message(STATUS "Pictures: none, as cairo (Debian: libcairo2-dev) is missing")
endif()

# NUDGE_WITH_PNG, NUDGE_WITH_JPEG: image files of this kind are read as data. PGM and PPM always are. The versions are those
# since which the calls are as they are used.
set(PNG_VERSION 1.6)
set(JPEG_VERSION 2) # of libjpeg-turbo; IJG's own is at 9
foreach(kind PNG JPEG)
  string(TOLOWER ${kind} name)
  set(NUDGE_WITH_${kind} OFF)
  if(NOT NUDGE_${kind} STREQUAL OFF)
    pkg_check_modules(LIB${kind} IMPORTED_TARGET lib${name}>=${${kind}_VERSION})
    if(LIB${kind}_FOUND)
      set(NUDGE_WITH_${kind} ON)
    endif()
  endif()
  if(NUDGE_${kind} STREQUAL ON AND NOT NUDGE_WITH_${kind})
    message(FATAL_ERROR "NUDGE_${kind}=ON needs lib${name} ${${kind}_VERSION} or newer (Debian: lib${name}-dev)")
  endif()
  if(NOT NUDGE_${kind} STREQUAL OFF AND NOT NUDGE_WITH_${kind})
    message(STATUS "Data: ${kind} files are not read, as lib${name} (Debian: lib${name}-dev) is missing")
  endif()
endforeach()

# NUDGE_WITH_SQLITE: tables in SQLite's files are read as data. The version is that since which a file's own schema can be kept
# from being trusted.
set(NUDGE_WITH_SQLITE OFF)
if(NOT NUDGE_SQLITE STREQUAL OFF)
  pkg_check_modules(SQLITE3 IMPORTED_TARGET sqlite3>=3.31)
  if(SQLITE3_FOUND)
    set(NUDGE_WITH_SQLITE ON)
  endif()
endif()
if(NUDGE_SQLITE STREQUAL ON AND NOT NUDGE_WITH_SQLITE)
  message(FATAL_ERROR "NUDGE_SQLITE=ON needs sqlite3 3.31 or newer (Debian: libsqlite3-dev)")
endif()
if(NOT NUDGE_SQLITE STREQUAL OFF AND NOT NUDGE_WITH_SQLITE)
  message(STATUS "Data: SQLite files are not read, as sqlite3 (Debian: libsqlite3-dev) is missing")
endif()
