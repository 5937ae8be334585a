# The warnings all of dpk is free of, with gcc and with clang.
add_library(dpk_warnings INTERFACE)
target_compile_options(dpk_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wcast-qual -Wwrite-strings -Wundef
  -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wconversion -Wno-sign-conversion)
if(DPK_WERROR)
  target_compile_options(dpk_warnings INTERFACE -Werror)
endif()
