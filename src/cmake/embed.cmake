# dpk_embed(FILE SYMBOL SOURCE): writes a C file that defines SYMBOL, a table of FILE's lines ending
# with NULL: one literal may not be as long as a page. Sets SOURCE to the C file.
function(dpk_embed file symbol source)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  string(REGEX REPLACE "([\\\"])" "\\\\\\1" text "${text}")
  string(REGEX REPLACE "([^\n]*)\n" "    \"\\1\",\n" text "${text}")
  set(generated ${CMAKE_BINARY_DIR}/embed/${symbol}.c)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"#include <stddef.h>

extern const char *const @symbol@[];
const char *const @symbol@[] = {
@text@    NULL,
};
")
  set(${source} ${generated} PARENT_SCOPE)
endfunction()
