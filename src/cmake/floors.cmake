# dpk_floors(FILE): makes an object library of each floor that FILE lists, lowest first, from the
# sources below src/NAME that no dpk_hot has taken. Sets floors to the names.
#
# No function has a large buffer on its stack. Workers' stacks may be of 64 KiB (OMP_STACKSIZE), and
# so may that of the program (ulimit -s).
function(dpk_floors file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} lines)
  set(names "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^[a-z]+" name "${line}")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/${name}/*.c)
    list(REMOVE_ITEM sources ${hot_sources})
    add_library(${name} OBJECT ${sources})
    target_include_directories(${name} PRIVATE src)
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    if(DPK_SANITIZE)
      target_compile_definitions(${name} PRIVATE DPK_SANITIZED)
    elseif(name MATCHES "^(backends|engine|executor|formats|workers)$")
      target_compile_options(${name} PRIVATE -Wframe-larger-than=10240)
    else()
      target_compile_options(${name} PRIVATE -Wframe-larger-than=32768)
    endif()
    target_link_libraries(${name} PRIVATE dpk_public dpk_levels dpk_warnings)
    list(APPEND names ${name})
  endforeach()
  set(floors ${names} PARENT_SCOPE)
endfunction()
