# Finds what tools/deps installed or built. Versions and reasons: docs/decisions/.
execute_process(
  COMMAND "${CMAKE_SOURCE_DIR}/tools/deps" --prefix
  OUTPUT_VARIABLE SOTTO_DEPS_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

find_package(Threads REQUIRED)
if(SOTTO_DEPS_PREFIX)
  if(NOT EXISTS "${SOTTO_DEPS_PREFIX}/lib/libsqlcipher.a")
    message(FATAL_ERROR "dependencies are missing from ${SOTTO_DEPS_PREFIX}; run tools/deps first")
  endif()
  set(OPENSSL_ROOT_DIR "${SOTTO_DEPS_PREFIX}")
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()
find_package(OpenSSL 3.5 REQUIRED)

add_library(sotto_sqlcipher INTERFACE)
if(SOTTO_DEPS_PREFIX)
  target_include_directories(sotto_sqlcipher SYSTEM INTERFACE "${SOTTO_DEPS_PREFIX}/include/sqlcipher")
  target_link_libraries(sotto_sqlcipher INTERFACE "${SOTTO_DEPS_PREFIX}/lib/libsqlcipher.a" OpenSSL::Crypto
                                                  Threads::Threads ${CMAKE_DL_LIBS} m)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(SQLCIPHER REQUIRED IMPORTED_TARGET sqlcipher) # its version here is SQLite's
  target_link_libraries(sotto_sqlcipher INTERFACE PkgConfig::SQLCIPHER)
endif()
# The codec API (sqlite3_key_v2) is declared only with this define.
target_compile_definitions(sotto_sqlcipher INTERFACE SQLITE_HAS_CODEC)

find_package(Boost 1.81 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(NCURSESW REQUIRED ncursesw) # its flags would take _XOPEN_SOURCE back to 600, so only what it links
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
find_package(RocksDB REQUIRED)
find_package(CURL REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(tomlplusplus REQUIRED)
if(SOTTO_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
