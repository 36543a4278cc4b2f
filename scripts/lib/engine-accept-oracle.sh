# The judges of the compiler, for scripts/acceptance/engine.sh: the oracle, libseccomp, the running kernel, and filters read
# back from containers. The same programs that ctest runs, in full size. $results takes logs.

oracle_tests=build/dev/tests/oracle
live_tests=build/dev/tests/live

# WHITTLE_ORACLE_CORPUS may name a folder of profiles to compare besides those of the project.
oracle_meaning() {
  local log=$results/oracle.full.log
  WHITTLE_ORACLE_VERDICTS=${WHITTLE_ORACLE_VERDICTS:-20000000} WHITTLE_ORACLE_TARGETS=300 \
    "$oracle_tests/oracle_test" --gtest_filter='Oracle.*' > "$log" 2>&1
  local status=$?
  grep -E '^(oracle|profiles|reached by no call)' "$log"
  grep -E '^(oracle|profiles):' "$log" | cut -d';' -f1-3 | tr '\n' ' '
  echo
  return "$status"
}

oracle_libseccomp() {
  local log=$results/libseccomp.full.log
  WHITTLE_ORACLE_DOCUMENTS=2500 "$oracle_tests/oracle_test" --gtest_filter='*Libseccomp*' > "$log" 2>&1
  local status=$?
  awk '/^libseccomp, / {gsub(",", "", $2); documents += $3; refused += $7; late += $10; verdicts += $(NF - 1); n++}
    END {printf "%d architectures, %d documents (%d refused by both, %d without an answer in time), %d verdicts\n",
      n, documents, refused, late, verdicts}' "$log"
  return "$status"
}

oracle_kernel() {
  local log=$results/kernel.full.log
  WHITTLE_KERNEL_CASES=20000 "$live_tests/filter_answers_test" > "$log" 2>&1
  local status=$?
  ! grep -q SKIPPED "$log" || status=1
  grep '^kernel:' "$log" | sed 's/^kernel: //' | paste -sd';'
  return "$status"
}

oracle_installed() {
  local log=$results/installed.full.log folder=/tmp/whittle-accept-oracle status
  engine_up "$folder" && engine_busybox
  "$live_tests/filter_installed_test" > "$log" 2>&1
  status=$?
  engine_down "$folder"
  ! grep -q SKIPPED "$log" || status=1
  grep '^installed:' "$log" | tail -1
  return "$status"
}
