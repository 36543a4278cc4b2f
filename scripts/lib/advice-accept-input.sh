# How fast imports are, and what hostile input does, for scripts/acceptance/advice.sh. $results takes logs; WHITTLE is the program.

advice_speed() {
  local log=$results/speed.full.log status=0
  build_preset bench
  build/bench/bench/import/import_bench | tee "$log" || status=1
  awk '/goal/ {sub(/  +goal/, " goal"); gsub(/  +/, " "); printf "%s%s", separator, $0; separator = "; "} END {print ""}' "$log"
  return "$status"
}

# Goal: a second of CPU time and a GiB for each, and never an answer that looks whole and is not.
advice_bad_input() { tests/cli/bad_advice.py "$WHITTLE" --full --seconds 1; }

# Each importer by itself, what reads profiles and manifests, and every other parser. ADVICE_FUZZERS: others.
advice_fuzz() {
  local fuzzers format
  read -ra fuzzers <<< "${ADVICE_FUZZERS:-}"
  if [ ${#fuzzers[@]} = 0 ]; then
    for format in $(advice_formats); do fuzzers+=("import=$format"); done
    mapfile -t -O ${#fuzzers[@]} fuzzers < <(sed -n 's/^whittle_fuzzer(\([a-z0-9_]*\) .*/\1/p' fuzz/CMakeLists.txt)
  fi
  fuzz_for "${FUZZ_SECONDS:-600}" "${fuzzers[@]}"
}

# The names of formats, as the table has them.
advice_formats() { sed -n 's/^ *Format{"\([a-z]*\)".*/\1/p' src/import/formats.cc; }
