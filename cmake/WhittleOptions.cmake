# Compiler settings that every target shares.
option(WHITTLE_BUILD_TESTS "build the tests and benchmarks" ON)
option(WHITTLE_BUILD_BENCHMARKS "build the benchmarks without the tests" OFF)
option(WHITTLE_BUILD_FUZZERS "build the libFuzzer targets (needs clang)" OFF)
option(WHITTLE_SANITIZE "address and undefined behaviour sanitizers" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON)  # TRY() is a statement expression
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")  # tests run millions of verdicts: unoptimized code would dominate

add_library(whittle_options INTERFACE)
target_compile_options(whittle_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wundef -Wimplicit-fallthrough)
if(WHITTLE_BUILD_TESTS OR WHITTLE_BUILD_FUZZERS)  # a compiler's new opinion must not keep users from building
  target_compile_options(whittle_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these inside <expected>, <vector> and <string> at -O2.
  target_compile_options(whittle_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12's own std::stable_sort uses what C++23 deprecates.
  target_compile_options(whittle_options INTERFACE -Wno-deprecated-declarations)
endif()
target_include_directories(whittle_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(WHITTLE_BUILD_FUZZERS)  # without it the fuzzers are blind to the libraries that they test
  target_compile_options(whittle_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(WHITTLE_SANITIZE)
  # Asking at each access whether a pointer is null or misaligned is a third of what g++ takes to compile. Tests leave that out, since
  # AddressSanitizer sees what is really read; the fuzzers (clang) have it.
  set(is_gcc $<CXX_COMPILER_ID:GNU>)
  target_compile_options(whittle_options INTERFACE
    -fsanitize=address,undefined $<${is_gcc}:-fno-sanitize=null,alignment>
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(whittle_options INTERFACE -fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(fmt REQUIRED)
# What users run has fmt inside, since each shared library delays every start; it would bring the C++ library back too.
set(WHITTLE_FMT fmt::fmt)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_library(whittle_fmt STATIC src/base/fmt/static.cc)
  target_include_directories(whittle_fmt SYSTEM PUBLIC $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
  set(WHITTLE_FMT whittle_fmt)
endif()
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
