# whittle_bpf_object(NAME SOURCE)
# Compiles bpf/SOURCE with clang against this host's kernel types and turns it into a skeleton header
# NAME.skel.h. The object relocates itself (CO-RE) on other kernels; the types only have to be *a* kernel's.
# Result: an interface library bpf_NAME that carries the include path.
find_program(BPF_CLANG NAMES clang-19 clang REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin REQUIRED)
set(WHITTLE_BTF /sys/kernel/btf/vmlinux CACHE FILEPATH "kernel types that the BPF side is compiled against")
set(BPF_DIR ${CMAKE_BINARY_DIR}/bpf)
file(MAKE_DIRECTORY ${BPF_DIR})

add_custom_command(OUTPUT ${BPF_DIR}/vmlinux.h
  COMMAND ${BPFTOOL} btf dump file ${WHITTLE_BTF} format c > ${BPF_DIR}/vmlinux.h
  COMMENT "kernel types from ${WHITTLE_BTF}" VERBATIM)
add_custom_target(bpf_vmlinux DEPENDS ${BPF_DIR}/vmlinux.h)  # so that the rule is known in every folder

function(whittle_bpf_object name source)
  set(object ${BPF_DIR}/${name}.bpf.o)
  set(skeleton ${BPF_DIR}/${name}.skel.h)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bpf/*.h)
  add_custom_command(OUTPUT ${skeleton}
    COMMAND ${BPF_CLANG} -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Werror
            -I${BPF_DIR} -I${CMAKE_SOURCE_DIR}/bpf -c ${CMAKE_SOURCE_DIR}/bpf/${source} -o ${object}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${name} > ${skeleton}
    DEPENDS ${CMAKE_SOURCE_DIR}/bpf/${source} ${headers} ${BPF_DIR}/vmlinux.h
    COMMENT "BPF object ${name}" VERBATIM)
  add_custom_target(bpf_${name}_skeleton DEPENDS ${skeleton})
  add_dependencies(bpf_${name}_skeleton bpf_vmlinux)
  add_library(bpf_${name} INTERFACE)
  add_dependencies(bpf_${name} bpf_${name}_skeleton)
  target_include_directories(bpf_${name} SYSTEM INTERFACE ${BPF_DIR})
  target_include_directories(bpf_${name} INTERFACE ${CMAKE_SOURCE_DIR}/bpf)
endfunction()

# whittle::libbpf: what talks to the kernel about BPF objects. Archives, where all that it needs are there: each shared
# library costs every start of the program about as much as its own code does.
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf)
add_library(whittle_libbpf INTERFACE)
add_library(whittle::libbpf ALIAS whittle_libbpf)
set(LIBBPF_ARCHIVES "")
foreach(library IN LISTS LIBBPF_STATIC_LIBRARIES)
  find_library(WHITTLE_ARCHIVE_${library} NAMES lib${library}.a HINTS ${LIBBPF_STATIC_LIBRARY_DIRS})
  list(APPEND LIBBPF_ARCHIVES ${WHITTLE_ARCHIVE_${library}})
endforeach()
if("${LIBBPF_ARCHIVES}" MATCHES "NOTFOUND")
  target_link_libraries(whittle_libbpf INTERFACE PkgConfig::LIBBPF)
else()
  target_include_directories(whittle_libbpf SYSTEM INTERFACE ${LIBBPF_INCLUDE_DIRS})
  target_link_libraries(whittle_libbpf INTERFACE ${LIBBPF_ARCHIVES})
endif()
