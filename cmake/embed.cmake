# sotto_embed(SOURCE out.cpp FOLDER folder [DEPENDS file ...])
#   writes a source that holds the files of `folder` for agent/assets.h. The folder is listed when it is built, since names may
#   change with content: DEPENDS says what to look at (a stamp); without it the files that are there now.
function(sotto_embed)
  cmake_parse_arguments(ARG "" "SOURCE;FOLDER" "DEPENDS" ${ARGN})
  if(NOT ARG_DEPENDS)
    file(GLOB_RECURSE ARG_DEPENDS CONFIGURE_DEPENDS "${ARG_FOLDER}/*")
  endif()
  add_custom_command(
    OUTPUT "${ARG_SOURCE}"
    COMMAND /usr/bin/env python3 "${CMAKE_SOURCE_DIR}/tools/embed.py" "${ARG_FOLDER}" "${ARG_SOURCE}"
    DEPENDS "${CMAKE_SOURCE_DIR}/tools/embed.py" ${ARG_DEPENDS}
    VERBATIM)
endfunction()
