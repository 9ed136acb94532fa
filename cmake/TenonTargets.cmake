# Compile options and the helpers that every folder's CMakeLists.txt uses.

set(TENON_WARNINGS -Wall -Wextra -Wshadow -Wpointer-arith -Wundef -Wno-unused-parameter)
if(TENON_WERROR)
  list(APPEND TENON_WARNINGS -Werror)
endif()
if(TENON_SANITIZE)
  add_compile_options(-fsanitize=${TENON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TENON_SANITIZE})
endif()

# tenon_c_options(TARGET): the language, visibility and warnings of Tenon's own C code.
function(tenon_c_options target)
  target_compile_options(${target} PRIVATE ${TENON_WARNINGS} $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  # Statuses name their source file: relative to the project, wherever it is built.
  target_compile_options(${target} PRIVATE -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
endfunction()

# tenon_unit_test(NAME SOURCES...): a cmocka program beside its sources, registered with ctest under its name.
function(tenon_unit_test name)
  if(NOT TENON_BUILD_TESTS)
    return()
  endif()
  add_executable(${name} ${ARGN} ${PROJECT_SOURCE_DIR}/src/base/testing/sanitizer_options.c)
  tenon_c_options(${name})
  target_link_libraries(${name} PRIVATE tenon_testing tenon_runtime cmocka)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# tenon_fuzzer(NAME SOURCES...): a libFuzzer target, built by the 'fuzz' preset into build/fuzz/fuzzers/.
function(tenon_fuzzer name)
  if(NOT TENON_BUILD_FUZZERS)
    return()
  endif()
  add_executable(${name} ${ARGN})
  tenon_c_options(${name})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE tenon_runtime)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzzers)
endfunction()

# tenon_compiler_options(TARGET): a part of the compiler: Tenon's options, and the headers and libraries of MLIR.
function(tenon_compiler_options target)
  tenon_c_options(${target})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  tenon_link_mlir(${target})
endfunction()
