# The behaviour diff, for scripts/acceptance/engine.sh. Sourced by the acceptance. $results takes logs.

# Random pairs of profiles held against executing both; conditions turned back; and the comparisons of profiles that
# people reported, as tests of our own.
engine_diff() {
  local log=$results/diff.full.log status=0 cases
  build/dev/tests/unit/advise/advise_test --gtest_brief=1 | tee "$log" || status=1
  cases=$(tests/cli/diff.sh build/dev/whittle) || status=1
  printf '%s\n' "$cases"
  printf '%s; %s of comparisons\n' "$(sed -n 's/^\[  PASSED  \] //p' "$log")" "$(tail -1 <<< "$cases")"
  return "$status"
}
