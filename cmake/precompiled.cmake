# Headers that most files include, parsed once for the build: those of libraries and, where nearly every file of a part
# of the project includes the same one of its own, that one too. Sources still include what they use; builds without
# precompiled headers (release, fuzz) prove it.
#
# sotto_headers(NAME [LIBRARIES ...] [OPTIONS ...] HEADERS <a> ...)   defines such a set
# sotto_precompile(TARGET [NAME])   compiles TARGET with the set sotto_NAME_headers (NAME: module); its options must be
#                                   the set's
option(SOTTO_PRECOMPILE "precompile headers of libraries (clang; the presets for development turn it on)" OFF)

if(SOTTO_PRECOMPILE)
  # One set serves libraries and programs: clang wants both to be position independent in the same way.
  set(CMAKE_CXX_COMPILE_OPTIONS_PIE ${CMAKE_CXX_COMPILE_OPTIONS_PIC})
endif()

function(sotto_headers name)
  if(NOT SOTTO_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "LIBRARIES;OPTIONS;HEADERS" ${ARGN})
  set(folder "${CMAKE_BINARY_DIR}/CMakeFiles/${name}.dir")
  list(TRANSFORM ARG_HEADERS PREPEND "#include " OUTPUT_VARIABLE includes)
  list(JOIN includes "\n" includes)
  file(CONFIGURE OUTPUT "${folder}/set.cpp" CONTENT "${includes}\n")
  add_library(${name} OBJECT "${folder}/set.cpp")
  target_link_libraries(${name} PRIVATE sotto_flags ${ARG_LIBRARIES})
  target_compile_options(${name} PRIVATE ${ARG_OPTIONS} "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  # The file names where it was made, so ccache must neither share it nor tell objects apart by it: it looks at the
  # sum beside it instead, of what the headers say (CCACHE_PCH_EXTSUM in CMakePresets.json).
  set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER "")
  set(sum "${folder}/cmake_pch.hxx.pch.sum")
  set(includes "$<TARGET_PROPERTY:${name},INCLUDE_DIRECTORIES>")
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
  add_custom_command(
    OUTPUT "${sum}"
    COMMAND "${CMAKE_CXX_COMPILER}" -std=c++23 ${flags} -E -P -dD
            "$<FILTER:$<TARGET_PROPERTY:${name},COMPILE_OPTIONS>,EXCLUDE,^SHELL:>"
            "-D$<JOIN:$<TARGET_PROPERTY:${name},COMPILE_DEFINITIONS>,;-D>"
            "$<$<BOOL:${includes}>:-I$<JOIN:${includes},;-I>>"
            "${folder}/set.cpp" -o set.i
    COMMAND sha256sum set.i > "${sum}"
    DEPENDS "${folder}/cmake_pch.hxx.pch"
    WORKING_DIRECTORY "${folder}"
    COMMAND_EXPAND_LISTS)
  add_custom_target(${name}_sum DEPENDS "${sum}")
endfunction()

# As CMake's REUSE_FROM, but by a path that is the same in every checkout: Ninja compiles in CMAKE_BINARY_DIR.
function(sotto_precompile target)
  if(NOT SOTTO_PRECOMPILE)
    return()
  endif()
  set(set ${ARGN} module)
  list(GET set 0 set)
  set(file "CMakeFiles/sotto_${set}_headers.dir/cmake_pch.hxx.pch")
  target_compile_options(${target} PRIVATE "SHELL:-include-pch ${file}")
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS "${CMAKE_BINARY_DIR}/${file}" "${CMAKE_BINARY_DIR}/${file}.sum")
endfunction()
