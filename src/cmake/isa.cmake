# What is compiled once for each ISA level of the processor's family: kernels, and hot helpers of
# other layers.
include(CheckCCompilerFlag)

set(DPK_ISA_LEVELS base)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  check_c_compiler_flag(-march=x86-64-v4 DPK_HAVE_ISA_LEVELS)
  if(DPK_HAVE_ISA_LEVELS)
    list(APPEND DPK_ISA_LEVELS v3 v4)
  endif()
endif()

# -O3 whatever the build type: an unoptimised kernel says nothing. No contraction of a*b+c behind
# the author's back: each ISA level must round alike. OpenMP for its simd directives only.
set(DPK_KERNEL_FLAGS -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fopenmp-simd)
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  # That a loop is not vectorised, as under a sanitizer, is no reason to complain.
  list(APPEND DPK_KERNEL_FLAGS -Wno-pass-failed)
endif()

# dpk_variant(TARGET LEVEL): makes an object library a variant for that level.
function(dpk_variant target level)
  target_link_libraries(${target} PRIVATE dpk_public dpk_warnings)
  target_compile_options(${target} PRIVATE ${DPK_KERNEL_FLAGS})
  if(NOT level STREQUAL base)
    target_compile_options(${target} PRIVATE -march=x86-64-${level})
    target_compile_definitions(${target} PRIVATE DPK_ISA_SUFFIX=_${level})
  endif()
endfunction()

# dpk_hot(FILE SOURCES OBJECTS INCLUDE folder… LEVELS level…): takes FILE out of the list SOURCES and adds
# its variants to the list OBJECTS, for those of the levels that there are.
function(dpk_hot file sources objects)
  cmake_parse_arguments(PARSE_ARGV 3 hot "" "" "INCLUDE;LEVELS")
  cmake_path(GET file STEM name)
  foreach(level IN LISTS hot_LEVELS)
    if(level IN_LIST DPK_ISA_LEVELS)
      add_library(${name}_${level} OBJECT ${file})
      dpk_variant(${name}_${level} ${level})
      target_include_directories(${name}_${level} PRIVATE ${hot_INCLUDE})
      list(APPEND ${objects} $<TARGET_OBJECTS:${name}_${level}>)
    endif()
  endforeach()
  list(REMOVE_ITEM ${sources} ${PROJECT_SOURCE_DIR}/${file})
  set(${sources} ${${sources}} PARENT_SCOPE)
  set(${objects} ${${objects}} PARENT_SCOPE)
endfunction()

# dpk_kernels(FOLDER): makes the object libraries kernels_base, kernels_v3, … and the table of all
# variants. Sets kernel_objects and kernel_registry.
function(dpk_kernels folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c ${folder}/scenarios/*.c)
  set(objects "")
  foreach(level IN LISTS DPK_ISA_LEVELS)
    add_library(kernels_${level} OBJECT ${sources})
    dpk_variant(kernels_${level} ${level})
    list(APPEND objects $<TARGET_OBJECTS:kernels_${level}>)
  endforeach()

  set(DPK_FOLDER kernels)
  set(DPK_HEADER registry.h)
  set(DPK_TABLE "dpk_kernel_row dpk_builtin_kernels")
  set(DPK_DECLARATIONS "")
  set(DPK_ROWS "")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    set(variants "")
    foreach(level IN LISTS DPK_ISA_LEVELS)
      set(symbol dpk_kernel_${name}_${level})
      string(REGEX REPLACE "_base$" "" symbol ${symbol})
      string(APPEND DPK_DECLARATIONS "extern const dpk_kernel ${symbol};\n")
      list(APPEND variants "&${symbol}")
    endforeach()
    list(JOIN variants ", " variants)
    string(APPEND DPK_ROWS "    { .variants = { ${variants} } },\n")
  endforeach()
  string(APPEND DPK_ROWS "    { .variants = { NULL } },\n")
  set(registry ${CMAKE_BINARY_DIR}/registry/kernels.c)
  configure_file(${PROJECT_SOURCE_DIR}/src/cmake/registry.c.in ${registry} @ONLY)
  set(kernel_objects ${objects} PARENT_SCOPE)
  set(kernel_registry ${registry} PARENT_SCOPE)
endfunction()
