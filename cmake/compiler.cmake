# Compiler requirements and the flags every target of ours gets. Third-party headers are included as SYSTEM.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# docs/decisions/0002-compiler.md: g++ 12 double-frees aggregate temporaries inside co_await expressions.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines that Sotto uses. "
                      "Use clang 19 (cmake --preset dev) or g++ 14 or newer.")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "clang ${CMAKE_CXX_COMPILER_VERSION} is too old: Sotto needs clang 19 or newer.")
endif()

option(SOTTO_WARNINGS_AS_ERRORS "treat warnings as errors (the presets turn it on)" OFF)
option(SOTTO_RECORD_ERRORS "let programs note which errors occur in tests, for tools/errors.py, and seal profiles cheaply there" OFF)
set(SOTTO_SANITIZERS "" CACHE STRING "comma separated -fsanitize= list, for example address,undefined")

add_library(sotto_flags INTERFACE)
target_compile_options(sotto_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(sotto_flags INTERFACE -Wthread-safety -Wno-missing-designated-field-initializers)
endif()
if(SOTTO_WARNINGS_AS_ERRORS)
  target_compile_options(sotto_flags INTERFACE -Werror)
endif()
if(SOTTO_SANITIZERS)
  add_compile_options(-fsanitize=${SOTTO_SANITIZERS} -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${SOTTO_SANITIZERS})
else()
  add_compile_definitions($<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)
# src/result/record.h, src/client/store/key_file.h
if(SOTTO_RECORD_ERRORS)
  add_compile_definitions(SOTTO_RECORD_ERRORS)
endif()

# --exclude-libs: our static OpenSSL must not export symbols that a system library's libcrypto would bind to
# (docs/decisions/0003-openssl.md; tests/vectors/exported_symbols checks it).
# Not with sanitizers: their runtimes are archives whose malloc the shared libraries must find.
if(NOT SOTTO_SANITIZERS)
  add_link_options(-Wl,--exclude-libs,ALL)
endif()
add_link_options(-Wl,-z,relro,-z,now)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
