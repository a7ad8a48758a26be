# sotto_module(NAME [SOURCES a.cpp ...] [DEPS module ...] [LIBRARIES external ...] [HEADERS set])
#   defines the static library sotto_NAME (alias sotto::NAME), header-only when SOURCES is empty. HEADERS client:
#   compiled with sotto_client_headers instead of sotto_module_headers; the same for tests and fuzzers.
# sotto_test(NAME SOURCES a_test.cpp ... [DEPS target ...] [LABEL label] [HEADERS set] [COST seconds] [OPTIMISED])
#   defines a GoogleTest program NAME and registers it with ctest as one test. Its sources are compiled for quick
#   builds; OPTIMISED compiles them as the modules are, for tests of what the optimiser makes of headers. COST: what it
#   takes sanitized, if that is long; a ctest that has not run here before starts with the longest.
# Test sources stand beside the code they test.
include(CMakeParseArguments)

# How many seconds a test of whole programs or of the simulator may take on a busy machine; sanitized ones are slower by
# an order of magnitude.
set(SOTTO_LONGEST_TEST 900)
if(SOTTO_SANITIZERS)
  set(SOTTO_LONGEST_TEST 3600)
endif()

set(standard_headers
    <algorithm> <array> <bit> <chrono> <compare> <cstddef> <cstdint> <cstring> <deque> <expected> <filesystem>
    <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant>
    <vector>)
set(protobuf_headers
    <google/protobuf/arena.h> <google/protobuf/arenastring.h> <google/protobuf/generated_enum_reflection.h>
    <google/protobuf/generated_message_reflection.h> <google/protobuf/generated_message_util.h>
    <google/protobuf/io/coded_stream.h> <google/protobuf/message.h> <google/protobuf/metadata_lite.h>
    <google/protobuf/repeated_field.h> <google/protobuf/unknown_field_set.h>)
sotto_headers(sotto_module_headers HEADERS ${standard_headers} ${protobuf_headers})
# Nearly everything that uses the client includes this one, and with it what half of the modules declare.
set(client_headers ${standard_headers} ${protobuf_headers} <client/core/work.h>)
sotto_headers(sotto_client_headers LIBRARIES sotto::client HEADERS ${client_headers})
if(SOTTO_TESTS)
  sotto_headers(sotto_client_test_headers LIBRARIES sotto::client GTest::gtest OPTIONS -O0
                HEADERS ${client_headers} <fstream> <gtest/gtest.h>)
  sotto_headers(sotto_test_headers LIBRARIES GTest::gtest OPTIONS -O0
                HEADERS ${standard_headers} ${protobuf_headers} <fstream> <gtest/gtest.h>)
endif()

if(SOTTO_TESTS)
  add_library(sotto_test_paths STATIC "${CMAKE_SOURCE_DIR}/tests/paths/paths.cpp")
  target_include_directories(sotto_test_paths PUBLIC "${CMAKE_SOURCE_DIR}/tests")
  target_compile_definitions(sotto_test_paths PRIVATE SOTTO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_library(sotto_fuzz_replay OBJECT "${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
  target_link_libraries(sotto_fuzz_replay PRIVATE sotto_flags)
endif()

# What ./check builds under the sanitizers: unit tests, hostile actors and corpus replays. Without them it builds all else.
add_custom_target(sanitized_tests)
add_custom_target(other_tests)

function(sotto_sanitized)
  add_dependencies(sanitized_tests ${ARGN})
  set_property(GLOBAL APPEND PROPERTY SOTTO_SANITIZED ${ARGN})
endfunction()

# Makes other_tests depend on every target below `folder` that is not a sanitized one. To be called last.
function(sotto_collect_other_tests folder)
  get_property(sanitized GLOBAL PROPERTY SOTTO_SANITIZED)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  get_property(below DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(NOT type MATCHES "^(INTERFACE_LIBRARY|UTILITY)$" AND NOT target IN_LIST sanitized)
      add_dependencies(other_tests ${target})
    endif()
  endforeach()
  foreach(each IN LISTS below)
    sotto_collect_other_tests("${each}")
  endforeach()
endfunction()

# What tests/fuzz/run builds.
add_custom_target(fuzzers)

function(sotto_module name)
  cmake_parse_arguments(ARG "" "HEADERS" "SOURCES;DEPS;LIBRARIES" ${ARGN})
  list(TRANSFORM ARG_DEPS PREPEND "sotto::")
  if(ARG_SOURCES)
    add_library(sotto_${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(sotto_${name} PRIVATE sotto_flags)
    sotto_precompile(sotto_${name} ${ARG_HEADERS})
  else()
    add_library(sotto_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(sotto::${name} ALIAS sotto_${name})
  target_include_directories(sotto_${name} ${scope} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(sotto_${name} ${scope} ${ARG_DEPS} ${ARG_LIBRARIES})
endfunction()

function(sotto_test name)
  if(NOT SOTTO_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "OPTIMISED" "LABEL;HEADERS;COST" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE sotto_flags ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main
                                        rapidcheck sotto_test_paths)
  if(ARG_OPTIMISED)
    sotto_precompile(${name} ${ARG_HEADERS})
  else()
    target_compile_options(${name} PRIVATE -O0)
    string(JOIN _ set ${ARG_HEADERS} test)
    sotto_precompile(${name} ${set})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600 COST 0${ARG_COST})
  if(ARG_LABEL MATCHES "^(unit|hostile)$")
    sotto_sanitized(${name})
  endif()
endfunction()

# sotto_fuzz(NAME SOURCES x_fuzz.cpp [DEPS ...] [COST ...]): a libFuzzer target in fuzz builds; in every test build the same
# source replays its seed corpus (tests/fuzz/corpus/NAME) as an ordinary test.
function(sotto_fuzz name)
  cmake_parse_arguments(ARG "" "HEADERS;COST" "SOURCES;DEPS" ${ARGN})
  if(SOTTO_FUZZ)
    add_executable(${name} ${ARG_SOURCES})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
    target_link_libraries(${name} PRIVATE sotto_flags ${ARG_DEPS})
  elseif(SOTTO_TESTS)
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE sotto_flags sotto_fuzz_replay ${ARG_DEPS})
    sotto_precompile(${name} ${ARG_HEADERS})
    add_test(NAME ${name} COMMAND ${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    set_tests_properties(${name} PROPERTIES LABELS fuzz COST 0${ARG_COST})
    sotto_sanitized(${name})
  endif()
endfunction()
