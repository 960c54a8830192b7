# NUDGE_LEVELS: the instruction sets that the arithmetic is compiled for; the library picks one when a context is made.
# NUDGE_LEVEL_FLAGS_<level>: what the compiler is told for it.
# NUDGE_FUSED_LEVELS: those with a fused multiply-add, for the native engine.
# NUDGE_BF16_KERNELS: the compiler knows the instructions for bf16, AVX512_BF16 and AMX.
# On everything but x86-64 there is one level, and NUDGE_SINGLE_LEVEL is defined.

check_c_source_compiles("
#if !defined __x86_64__
#error another CPU
#endif
int main(void) { return 0; }" NUDGE_ON_X86_64)

check_c_source_compiles("
#if !defined __aarch64__
#error another CPU
#endif
int main(void) { return 0; }" NUDGE_ON_AARCH64)

set(NUDGE_LEVELS base)
set(NUDGE_FUSED_LEVELS "")
set(NUDGE_LEVEL_FLAGS_base "")
if(NUDGE_ON_X86_64)
  check_c_compiler_flag(-march=x86-64-v4 NUDGE_COMPILER_KNOWS_LEVELS)
  if(NOT NUDGE_COMPILER_KNOWS_LEVELS)
    message(FATAL_ERROR "${CMAKE_C_COMPILER} does not know -march=x86-64-v4: gcc 11 or clang 12, or newer, is needed")
  endif()
  list(APPEND NUDGE_LEVELS v3 v4)
  set(NUDGE_FUSED_LEVELS v3 v4)
  check_c_compiler_flag("-mavx512bf16 -mamx-tile -mamx-bf16" NUDGE_BF16_KERNELS)
  set(NUDGE_LEVEL_FLAGS_v3 -march=x86-64-v3)
  set(NUDGE_LEVEL_FLAGS_v4 -march=x86-64-v4)
else()
  add_compile_definitions(NUDGE_SINGLE_LEVEL)
  if(NUDGE_ON_AARCH64)
    set(NUDGE_FUSED_LEVELS base)
  endif()
endif()

# NUDGE_COMPILER_FUSES: the vectoriser, with the flags that the user gave (-march=native), fuses products and sums in spite
# of -ffp-contract=off. gcc 12.2 does so where differences and sums alternate. What is compiled once is then not
# vectorised; that the arithmetic has no such place is seen by tests/bits.
set(NUDGE_COMPILER_FUSES OFF)
if(NOT CMAKE_CROSSCOMPILING)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${build_type}}")
  execute_process(
    COMMAND ${CMAKE_C_COMPILER} ${flags} -ffp-contract=off -S -o - ${CMAKE_CURRENT_LIST_DIR}/fuses.c
    OUTPUT_VARIABLE assembly ERROR_QUIET)
  if(assembly MATCHES "[ \t]v?fn?m(add|sub|acc|sac|la|ls)")
    set(NUDGE_COMPILER_FUSES ON)
    message(STATUS "${CMAKE_C_COMPILER} fuses products and sums against its orders: less is vectorised")
  endif()
endif()
