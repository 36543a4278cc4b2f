# Acceptance of the document: verdicts through the program, bad input, fuzzers and what their corpora reach.
# Sourced by scripts/acceptance/engine.sh.

engine_cases() {
  build/dev/tests/unit/filter/filter_test --gtest_filter='*Cases*' &&
    build/dev/tests/unit/filter/document_test && tests/cli/cases.py "$WHITTLE" tests/cases/*.txt
}

# Goal: a second of CPU time and the bound on memory that the program is run under.
engine_bad_input() { tests/cli/bad_profile.py "$WHITTLE" --full --seconds 1; }

engine_coverage() { scripts/coverage; }

# FUZZ_SECONDS for each fuzzer (default ten minutes).
engine_fuzz() { fuzz_for "${FUZZ_SECONDS:-600}" json profile filter prove; }
