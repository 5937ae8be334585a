# dpk_collect(KIND FOLDER HEADER TABLE): lists the .c files of FOLDER and writes a C file with a
# table of their descriptors, named dpk_KIND_NAME after the file NAME.c. A file whose name has an
# underscore is a helper of the file named by what stands before it, and has no descriptor.
# Sets KIND_sources (the files) and KIND_registry (the table).
function(dpk_collect kind folder header table)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
  set(DPK_FOLDER ${kind}s)
  set(DPK_HEADER ${header})
  set(DPK_TABLE "${table}")
  set(DPK_DECLARATIONS "")
  set(DPK_ROWS "")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    if(NOT name MATCHES "_")
      string(APPEND DPK_DECLARATIONS "extern const dpk_${kind} dpk_${kind}_${name};\n")
      string(APPEND DPK_ROWS "    &dpk_${kind}_${name},\n")
    endif()
  endforeach()
  string(APPEND DPK_ROWS "    NULL,\n")
  set(registry ${CMAKE_BINARY_DIR}/registry/${kind}s.c)
  configure_file(${PROJECT_SOURCE_DIR}/src/cmake/registry.c.in ${registry} @ONLY)
  set(${kind}_sources ${sources} PARENT_SCOPE)
  set(${kind}_registry ${registry} PARENT_SCOPE)
endfunction()
