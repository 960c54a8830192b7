# How every C file of the tree is compiled, the tests included.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
if(NOT NUDGE_CORE_ONLY)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON) # the same objects go into the shared library
endif()

add_compile_options(-Wall -Wextra -Wconversion -Wshadow)
# Whole-number constants are enumerators here, and stand in formulas like any number.
check_c_compiler_flag(-Wenum-float-conversion NUDGE_HAS_ENUM_FLOAT_WARNING)
if(NUDGE_HAS_ENUM_FLOAT_WARNING)
  add_compile_options(-Wno-enum-float-conversion)
endif()

# The arithmetic is what the source says: no fused multiply-add of the compiler's choosing, so that f32 gives the same
# bits everywhere. Nobody reads errno after sqrt or catches floating-point traps, and either promise would keep loops
# from being vectorised.
add_compile_options(-ffp-contract=off -fno-math-errno -fno-trapping-math)

# Newer compilers than these warn about more, which must not stop anyone from building an older nudge.
if(NUDGE_WERROR)
  if((CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_C_COMPILER_VERSION VERSION_LESS 15) OR
     (CMAKE_C_COMPILER_ID STREQUAL Clang AND CMAKE_C_COMPILER_VERSION VERSION_LESS 20))
    add_compile_options(-Werror)
  else()
    message(STATUS "NUDGE_WERROR: ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} is newer than the compilers the "
                   "project is checked with; its warnings stay warnings")
  endif()
endif()

if(NUDGE_SANITIZE)
  add_compile_options(-fsanitize=${NUDGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${NUDGE_SANITIZE})
endif()
if(NUDGE_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
