# Fuzzers for a time, for the acceptance. Sourced; source common.sh first.

# fuzz_for SECONDS FUZZER...: builds them and runs each for that long, two at a time. FUZZER is a name of fuzz/CMakeLists.txt, or
# import=FORMAT for one importer alone. Prints a line each and the figure; a finding is a file that libFuzzer leaves behind.
fuzz_for() {
  local seconds=$1 folder=$here/build/fuzz-run fuzzer runs=0 done_runs findings
  shift
  rm -rf "$folder"
  mkdir -p "$folder/found"
  fuzz_build "$@" || return 1
  printf '%s\n' "$@" | xargs -P 2 -I{} bash -c '. scripts/lib/fuzz.sh; fuzz_one "$@"' _ "$folder" "$seconds" {}
  for fuzzer in "$@"; do
    done_runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$folder/$fuzzer.log")
    echo "$fuzzer: ${done_runs:-ended early: $(tail -3 "$folder/$fuzzer.log")} runs"
    [ -n "$done_runs" ] && runs=$((runs + 1))
  done
  findings=$(find "$folder/found" -type f | wc -l)
  echo "$runs of $# fuzzers ran for $seconds s, $findings findings ($folder/found)"
  [ "$runs" = $# ] && [ "$findings" = 0 ]
}

fuzz_build() {
  local targets
  mapfile -t targets < <(printf 'fuzz_%s\n' "${@%%=*}" | sort -u)
  if ! { cmake --preset fuzz && cmake --build --preset fuzz --target "${targets[@]}"; } > build/fuzz.log 2>&1; then
    echo "the build failed: build/fuzz.log"
    return 1
  fi
}

# fuzz_one FOLDER SECONDS FUZZER
fuzz_one() {
  local folder=$1 seconds=$2 name=${3%%=*} options
  options=(-max_total_time="$seconds" -timeout=20 -report_slow_units=20 -rss_limit_mb=2048 -artifact_prefix="$folder/found/$3-")
  [ ! -e "fuzz/$name.dict" ] || options+=(-dict="fuzz/$name.dict")
  mkdir -p "$folder/$3"
  case $3 in *=*) export WHITTLE_FUZZ_FORMAT=${3#*=} ;; esac
  "build/fuzz/fuzz/fuzz_$name" "${options[@]}" "$folder/$3" "fuzz/corpus/$name" > "$folder/$3.log" 2>&1
}
