# WebAssembly with WASI: clang, lld, wasi-libc and compiler-rt as Debian and Ubuntu install them.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_SYSROOT /usr)

# Older GNU ars make no index of WebAssembly objects: clang's own llvm-ar and llvm-ranlib (Debian: llvm).
foreach(tool ar ranlib)
  string(TOUPPER CMAKE_${tool} variable)
  execute_process(COMMAND clang -print-prog-name=llvm-${tool} OUTPUT_VARIABLE ${variable}
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
endforeach()

# The host's headers stand in the same /usr/include: only wasi-libc's may be seen.
set(CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem /usr/include/wasm32-wasi")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
