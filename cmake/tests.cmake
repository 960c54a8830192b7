# NUDGE_WITH_TESTS: whether the tests are built, from NUDGE_TESTS and what there is.
if(NOT NUDGE_CORE_ONLY AND NOT NUDGE_TESTS STREQUAL OFF)
  pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
endif()

if(NUDGE_TESTS STREQUAL AUTO)
  set(NUDGE_WITH_TESTS OFF)
  if(PROJECT_IS_TOP_LEVEL AND (CMOCKA_FOUND OR NUDGE_CORE_ONLY))
    set(NUDGE_WITH_TESTS ON)
  elseif(PROJECT_IS_TOP_LEVEL)
    message(STATUS "The tests are left out: cmocka (Debian: libcmocka-dev) is missing")
  endif()
elseif(NUDGE_TESTS AND NOT CMOCKA_FOUND AND NOT NUDGE_CORE_ONLY)
  message(FATAL_ERROR "NUDGE_TESTS=ON needs cmocka (Debian: libcmocka-dev)")
else()
  set(NUDGE_WITH_TESTS ${NUDGE_TESTS})
endif()

# Under the sanitizers, too, memory that cannot be had is NULL and not the end.
set(sanitizer_environment ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
                          LSAN_OPTIONS=print_suppressions=0:suppressions=${PROJECT_SOURCE_DIR}/tests/leaks.txt
                          TSAN_OPTIONS=halt_on_error=1:allocator_may_return_null=1)

# nudge_add_test(NAME LABEL label TIMEOUT seconds COMMAND command...)
# Runs the command in an empty folder of its own, with the environment described in tests/in-scratch.sh. Exit status 77
# means skipped.
function(nudge_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL;TIMEOUT" "COMMAND")
  if(NUDGE_SANITIZE OR NUDGE_COVERAGE)
    math(EXPR test_TIMEOUT "${test_TIMEOUT} * 5")
  endif()
  add_test(NAME ${name}
           COMMAND ${PROJECT_SOURCE_DIR}/tests/in-scratch.sh ${PROJECT_BINARY_DIR}/scratch/${name} ${test_COMMAND})
  set_tests_properties(${name} PROPERTIES
    LABELS ${test_LABEL}
    TIMEOUT ${test_TIMEOUT}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "NUDGE=${PROJECT_BINARY_DIR}/nudge;NUDGE_SOURCE=${PROJECT_SOURCE_DIR};${sanitizer_environment}")
endfunction()
