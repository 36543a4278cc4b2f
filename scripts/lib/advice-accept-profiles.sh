# Acceptance of what needs no container, for scripts/acceptance/advice.sh: cases, lint, round trips, explain, CI. $results takes
# logs; WHITTLE is the program. WHITTLE_CORPUS may name folders of profiles.

# advice_ctest LOG REGEX: tests of the dev build by name; false if one fails or is skipped, or if there is none.
advice_ctest() {
  local log=$results/$1.full.log status=0
  ctest --test-dir build/dev --output-on-failure -R "$2" > "$log" 2>&1 || status=1
  ! grep -qE 'Skipped|No tests were found' "$log" || status=1
  grep -E ' Test +#|Skipped' "$log"
  return "$status"
}

# Every table and test of imports, lint, exports and manifests, as the unit tests and the program answer them.
advice_cases() {
  local status=0
  advice_ctest cases \
    '^(import_test|lint_test|manifest_test|export_test|evidence_test|optimize_test|advise_test|cli_(import|lint|lint_.*|convert|explain|profile|recommend|cases|counts|verify_baseline)|fuzz_replay_(import|lint|manifest|cluster|yaml|profile))$' ||
    status=1
  printf '%s; %s inputs of logs and policies, %s profiles and manifests for lint, %s pages of rules\n' \
    "$(ctest_passed "$results/cases.full.log")" "$(cat tests/cases/import/*.txt | grep -c '^@@ case ')" \
    "$(cat tests/cases/lint/*.txt | grep -c '^case: ')" "$(find docs/lint -name '*.md' | wc -l)"
  return "$status"
}

# Engines' defaults, the catalogue, profiles that generate makes of recorded and random workloads.
advice_quiet() {
  local log=$results/quiet.full.log status=0
  WHITTLE_QUIET_ROUNDS=${WHITTLE_QUIET_ROUNDS:-10000} build/dev/tests/unit/lint/lint_test \
    --gtest_filter='Quiet*:*Page*' | tee "$log" || status=1
  advice_quiet_program || status=1
  printf '%s; %s rules, each with a page and its two examples (%s)\n' \
    "$(sed -n 's/^quiet: //p' "$log" | paste -sd';')" "$("$WHITTLE" lint --rules | grep -c .)" \
    "$(sed -n 's/^\[  PASSED  \] //p' "$log")"
  return "$status"
}

# The program itself, as a user asks it: each of the catalogue for docker and podman, and made flat for the nodes of Kubernetes.
advice_quiet_program() {
  local name loader runtime file=$results/quiet.json status=0
  for name in $("$WHITTLE" profile list | cut -d' ' -f1); do
    advice_no_error "$name" || status=1
    for runtime in runc crun; do
      for loader in docker podman; do
        # Each engine's own is for that engine.
        case $name/$loader in podman-default/docker | docker-default/podman) continue ;; esac
        advice_no_error "$name" --loader $loader --runtime $runtime || status=1
      done
      "$WHITTLE" convert "$name" --to oci -o "$file" --loader docker --runtime $runtime --cap default 2> "$results/quiet.txt" &&
        advice_no_error "$file" --loader oci --runtime $runtime || status=1
    done
  done
  return "$status"
}

# advice_no_error PROFILE FLAGS...
advice_no_error() {
  "$WHITTLE" lint "$@" > "$results/quiet.txt" 2>&1 && return 0
  echo "FAULT: lint $*"
  cat "$results/quiet.txt"
  return 1
}

# Written, read as the format's reader does, and proven; in the library for random profiles and many targets, and by the program.
advice_round_trips() {
  local log=$results/round-trips.full.log status=0
  WHITTLE_ROUND_TRIPS=${WHITTLE_ROUND_TRIPS:-2000} build/dev/tests/unit/export/export_test | tee "$log" || status=1
  advice_trips_by_program | tee "$results/trips.txt" || status=1
  ! grep -q FAULT "$results/trips.txt" || status=1
  printf '%s; by the program: %s\n' "$(sed -n 's/^round trips: //p' "$log")" "$(tail -1 "$results/trips.txt")"
  return "$status"
}

# Every profile, to each format that prove reads, and back; on the ground of what was said to be lost.
advice_trips_by_program() {
  local profiles=() profile loader format back lossy=0 impossible=0 out=$results/trip target
  local -A equal=()
  mapfile -t profiles < <("$WHITTLE" profile list | cut -d' ' -f1; ls tests/cases/profiles/*.json
    tr : '\n' <<< "${WHITTLE_CORPUS:-}" | while read -r folder; do [ -z "$folder" ] || ls "$folder"/*.json; done)
  for profile in "${profiles[@]}"; do
    for loader in docker podman oci; do
      for format in docker oci spo raw; do
        target=(--runtime runc --arch x86_64 --cap default)
        if ! "$WHITTLE" convert "$profile" --to $format -o "$out" --loader $loader "${target[@]}" 2> "$out.err"; then
          grep -q '^error: ' "$out.err" && impossible=$((impossible + 1)) || echo "FAULT: convert $profile --to $format: no error"
          continue
        fi
        # What was made is read where it is meant for.
        rm -f "$out.before"
        if ! "$WHITTLE" convert "$profile" --to raw -o "$out.before" --loader $loader "${target[@]}" 2> "$out.raw.err"; then
          echo "FAULT: $profile ($loader) as $format: made, and not raw: $(head -3 "$out.raw.err")"
          continue
        fi
        case $format in docker) back=docker ;; *) back=oci ;; esac
        if "$WHITTLE" prove "$out.before" "$out" --loader $back "${target[@]}" > "$out.proof" 2>&1; then
          equal[$format]=$((${equal[$format]:-0} + 1))
          ! grep -qE '^lost: (looser|tighter|other)' "$out.err" || echo "FAULT: $profile ($loader) as $format: equal, and said to lose"
        else
          lossy=$((lossy + 1))
          grep -q '^lost: ' "$out.err" || echo "FAULT: $profile ($loader) as $format: $(head -3 "$out.proof")"
        fi
      done
    done
  done
  # A format that refuses all, or loses of each, is none that was tried.
  for format in docker oci spo raw; do
    [ "${equal[$format]:-0}" -gt 0 ] || echo "FAULT: no profile is the same as $format"
  done
  echo "${#profiles[@]} profiles, $((${equal[docker]:-0} + ${equal[oci]:-0} + ${equal[spo]:-0} + ${equal[raw]:-0})) proven equal, $lossy differ as is said, $impossible not possible"
}

# Parts and sums, as text and JSON, with the certainty of every flaw.
advice_explain() {
  local files=()
  mapfile -t files < <(ls tests/cases/profiles/*.json
    tr : '\n' <<< "${WHITTLE_CORPUS:-}" | while read -r folder; do [ -z "$folder" ] || ls "$folder"/*.json; done)
  tests/cli/score_adds_up.py "$WHITTLE" "${files[@]}"
}

advice_ci() {
  local status=0
  advice_ctest ci '^deploy_' || status=1
  ctest_passed "$results/ci.full.log"
  echo
  return "$status"
}
