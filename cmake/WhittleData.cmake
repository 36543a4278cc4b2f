# whittle_data(NAME SCRIPT DATA...)
# Runs `python3 SCRIPT DATA... OUT` at build time; OUT is build/data/NAME.inc. Facts stay readable tables
# under data/; the code gets arrays. Result: an interface library data_NAME that carries the include path.
find_program(PYTHON3 python3 REQUIRED)
set(DATA_DIR ${CMAKE_BINARY_DIR}/data)
file(MAKE_DIRECTORY ${DATA_DIR})

function(whittle_data name script)
  set(inputs)
  foreach(input IN LISTS ARGN)
    list(APPEND inputs ${CMAKE_SOURCE_DIR}/data/${input})
  endforeach()
  add_custom_command(OUTPUT ${DATA_DIR}/${name}.inc
    COMMAND ${PYTHON3} ${script} ${inputs} ${DATA_DIR}/${name}.inc
    DEPENDS ${script} ${inputs}
    COMMENT "table ${name}" VERBATIM)
  add_custom_target(data_${name}_table DEPENDS ${DATA_DIR}/${name}.inc)
  add_library(data_${name} INTERFACE)
  add_dependencies(data_${name} data_${name}_table)
  target_include_directories(data_${name} INTERFACE ${DATA_DIR})
endfunction()
