# The cases of evidence that others reported as faults, as tests of our own. Sourced by the acceptance.

# Every table, test program and script of them, on both runtimes; how many cases that were.
cases_of_evidence() {
  local folder=/tmp/whittle-accept-cases log=$results/cases.full.log status=0
  engine_up_crun "$folder"
  engine_busybox
  ctest --test-dir build/dev --output-on-failure \
    -R '^(import_test|evidence_test|optimize_test|fuzz_replay_import|cli_import|cli_verify_baseline|cli_same_bytes|record_cases)$' \
    | tee "$log" || status=1
  engine_down "$folder"
  grep -q 'Skipped' "$log" && status=1
  printf '%s cases in tables, %s; %s\n' "$(cat tests/cases/import/*.txt | grep -c '^@@ case ')" "$(ctest_passed "$log")" \
    "rotation, runtimes, names, refusals, unknown numbers, sameness, not being noticed"
  return "$status"
}

# "8 of 8 tests passed" of a ctest log.
ctest_passed() {
  awk '/ Test +#[0-9]+:/ {all++; if (/Passed/) good++} END {printf "%d of %d tests passed", good, all}' "$1"
}
