# Acceptance of the document: verdicts through the program, bad input, fuzzers and what their corpora reach.
# Sourced by scripts/acceptance/engine.sh.

engine_cases() {
  build/dev/tests/unit/filter/filter_test --gtest_filter='*Cases*' &&
    build/dev/tests/unit/filter/document_test && tests/cli/cases.py "$WHITTLE" tests/cases/*.txt
}

# Goal: a second of CPU time and the bound on memory that the program is run under.
engine_bad_input() { tests/cli/bad_profile.py "$WHITTLE" --full --seconds 1; }

engine_coverage() { scripts/coverage; }

# FUZZ_SECONDS for each fuzzer (default ten minutes), two at a time. A finding is a file that libFuzzer leaves behind.
engine_fuzz() {
  local fuzzers=(json profile filter prove) folder=$here/build/fuzz-run seconds=${FUZZ_SECONDS:-600} fuzzer
  rm -rf "$folder"
  mkdir -p "$folder/found"
  cmake --preset fuzz > build/fuzz.log 2>&1 || return 1
  cmake --build --preset fuzz --target "${fuzzers[@]/#/fuzz_}" >> build/fuzz.log 2>&1 || {
    echo "the build failed: build/fuzz.log"
    return 1
  }
  export folder seconds
  # shellcheck disable=SC2016
  printf '%s\n' "${fuzzers[@]}" | xargs -P 2 -I{} sh -c '
    mkdir -p "$folder/{}"
    options="-max_total_time=$seconds -timeout=20 -report_slow_units=20 -rss_limit_mb=2048 -artifact_prefix=$folder/found/{}-"
    [ ! -e fuzz/{}.dict ] || options="$options -dict=fuzz/{}.dict"
    build/fuzz/fuzz/fuzz_{} $options "$folder/{}" fuzz/corpus/{} > "$folder/{}.log" 2>&1'
  local runs=0 done_runs findings
  for fuzzer in "${fuzzers[@]}"; do
    done_runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$folder/$fuzzer.log")
    echo "$fuzzer: ${done_runs:-ended early: $(tail -3 "$folder/$fuzzer.log")} runs"
    [ -n "$done_runs" ] && runs=$((runs + 1))
  done
  findings=$(find "$folder/found" -type f | wc -l)
  echo "$runs of ${#fuzzers[@]} fuzzers ran for $seconds s, $findings findings ($folder/found)"
  [ "$runs" = ${#fuzzers[@]} ] && [ "$findings" = 0 ]
}
