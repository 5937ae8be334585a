# libdpk: the static library, which the program is made of, too; the shared one; and what an installed
# tree needs for others to build with it. libdpk_objects is what is in it, libdpk_needs what it links
# with.
include(CMakePackageConfigHelpers)

add_library(dpk_static STATIC ${libdpk_objects})
add_library(dpk_shared SHARED ${libdpk_objects})
set(libdpk_targets dpk_static dpk_shared)
foreach(target IN LISTS libdpk_targets)
  target_include_directories(${target} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(dpk_static PROPERTIES OUTPUT_NAME dpk EXPORT_NAME dpk_static)
set_target_properties(dpk_shared PROPERTIES OUTPUT_NAME dpk EXPORT_NAME dpk
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

# Names, for those who link the installed static library.
set(libdpk_names png z xxhash pthread m ${CMAKE_DL_LIBS})
foreach(optional IN ITEMS ISAL LIBDEFLATE HWLOC)
  if(${optional}_FOUND)
    list(APPEND libdpk_names ${${optional}_LIBRARIES})
  endif()
endforeach()

set(openmp_static "")
set(openmp_shared "")
if(OpenMP_C_FOUND)
  # clang's runtime by its file: another compiler's -fopenmp would link another runtime.
  if(CMAKE_C_COMPILER_ID MATCHES "Clang" AND OpenMP_omp_LIBRARY)
    list(APPEND libdpk_names ${OpenMP_omp_LIBRARY})
  else()
    list(APPEND libdpk_names -fopenmp)
  endif()
  set(openmp_shared OpenMP::OpenMP_C)
  set(openmp_static OpenMP::OpenMP_C)
  # In the program gcc's runtime is static, if it can be, so that it reads its settings after ours.
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libgomp.a
                  OUTPUT_VARIABLE libgomp OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND IS_ABSOLUTE "${libgomp}")
    set(openmp_static ${libgomp} Threads::Threads ${CMAKE_DL_LIBS})
    target_link_options(dpk_static INTERFACE
      $<BUILD_INTERFACE:LINKER:--exclude-libs,libgomp.a>)
  endif()
endif()
foreach(need IN LISTS libdpk_needs openmp_static ITEMS dpk_public)
  target_link_libraries(dpk_static PUBLIC $<BUILD_INTERFACE:${need}>)
endforeach()
target_link_libraries(dpk_static INTERFACE "$<INSTALL_INTERFACE:${libdpk_names}>")
target_link_libraries(dpk_shared PRIVATE dpk_public ${libdpk_needs} ${openmp_shared})
if(NOT DPK_SANITIZE AND NOT DPK_FUZZ)
  target_link_options(dpk_shared PRIVATE LINKER:--no-undefined LINKER:--exclude-libs,ALL)
endif()

# Folders are relative to where these files lie, so that an installed tree can be moved.
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/dpk)
foreach(folder IN ITEMS PREFIX FULL_LIBDIR FULL_INCLUDEDIR)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_${folder}
    BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE pc_${folder})
endforeach()
list(TRANSFORM libdpk_names REPLACE "^([^-/].*)" "-l\\1" OUTPUT_VARIABLE libdpk_private)
list(JOIN libdpk_private " " libdpk_private)
foreach(file IN ITEMS dpk.pc dpk-plugin.pc dpkConfig.cmake)
  configure_file(src/cmake/${file}.in ${file} @ONLY)
endforeach()
write_basic_package_version_file(${CMAKE_BINARY_DIR}/dpkConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

install(TARGETS ${libdpk_targets} EXPORT dpk)
install(EXPORT dpk NAMESPACE dpk:: FILE dpkTargets.cmake DESTINATION ${package_folder})
install(DIRECTORY include/dpk DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_BINARY_DIR}/dpk.pc ${CMAKE_BINARY_DIR}/dpk-plugin.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_BINARY_DIR}/dpkConfig.cmake ${CMAKE_BINARY_DIR}/dpkConfigVersion.cmake
        DESTINATION ${package_folder})
