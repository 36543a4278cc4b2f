# whittle_precompile(TARGET HEADERS): parses the headers that most files share once for the whole build, which
# saves about half of its time. Off, every file shows that it includes what it uses, and ccache serves
# several checkouts.
option(WHITTLE_PRECOMPILE "precompile the headers that most files share" ON)

# Those of every library ("shared"), and with what tests ("tests") need as well.
set(whittle_headers_shared
  <algorithm> <array> <cstdint> <expected> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <vector> <fmt/core.h>)
set(whittle_headers_tests ${whittle_headers_shared} <gmock/gmock.h> <gtest/gtest.h>)

# Tests' own files run once for each time that they are compiled, and most of them run shortly: not to
# optimize them saves almost half of what they take to compile. What computes much for tests takes the headers
# of libraries.
set(whittle_options_tests $<$<CONFIG:Debug>:-O0>)

# Declares what whittle_precompile(... HEADERS) can name.
function(whittle_precompiled_headers headers)
  if(WHITTLE_PRECOMPILE)
    set(source ${CMAKE_BINARY_DIR}/generated/precompiled_${headers}.cc)
    file(WRITE ${source} "// Nothing but the headers.\n")
    add_library(precompiled_${headers} OBJECT ${source})
    target_link_libraries(precompiled_${headers} PRIVATE whittle_options ${WHITTLE_FMT} ${ARGN})
    target_compile_options(precompiled_${headers} PRIVATE ${whittle_options_${headers}})
    target_precompile_headers(precompiled_${headers} PRIVATE ${whittle_headers_${headers}})
  endif()
endfunction()

function(whittle_precompile target headers)
  target_compile_options(${target} PRIVATE ${whittle_options_${headers}})
  if(WHITTLE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM precompiled_${headers})
  endif()
endfunction()
