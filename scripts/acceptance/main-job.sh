# Acceptance of the main job (issue "Step 1"): sourced by scripts/accept.
. scripts/lib/servers.sh
. scripts/lib/main-job.sh
. scripts/lib/record-accept.sh

accept_build() {
  scripts/setup test && build_preset dev && build_preset release && build_preset asan
}

# The runner's last summary line of a ctest log.
ctest_summary() { grep -E '[0-9]+% tests passed' "$1" | tail -1; }

fresh_quickstart() {
  rm -rf "$results/fresh-root"
  scripts/fresh-root --keep "$(realpath -m "$results/fresh-root")" scripts/quickstart || return 1
  echo "exit 0 in a root without any of our packages"
}

fresh_test() {
  local log=$results/fresh-test.full.log
  scripts/fresh-root --keep "$(realpath -m "$results/fresh-root")" scripts/test 2>&1 | tee "$log" || return 1
  echo "exit 0; $(ctest_summary "$log")"
}

# nginx in Docker, the whole job; figures from the report.
nginx_in_docker() {
  OUT=$(realpath -m "$results/nginx")
  WHITTLE=$here/build/release/whittle
  local folder=/tmp/whittle-accept-docker status=0
  engine_up "$folder"
  mkdir -p "$OUT"
  main_job_container || status=1
  "$WHITTLE" report "$OUT/nginx.evidence.json" --profile "$OUT/profile.json" --json > "$OUT/report.json" || status=1
  engine_down "$folder"
  [ "$status" = 0 ] || return 1
  python3 - "$OUT" <<'PYTHON'
import json, sys
folder = sys.argv[1]
def load(name): return json.load(open(f"{folder}/{name}"))
enforced = load("enforced.evidence.json")
calls = [call for subject in enforced["subjects"] if subject["arrival"] == "workload"
         for seen in subject["calls"].values() for call in seen]
refused = sum(call["fate"] in ("denied", "killed") for call in calls)
confined = all(call["under_filter"] for call in calls)
watched = all(recording["refusals_watched"] for recording in enforced["recordings"].values())
attacks = {a["call"]: a["outcome"] for a in load("attacks.json")}
wanted = ["unshare", "mount", "keyctl", "ptrace", "bpf", "io_uring_setup"]
stopped = sum(attacks[call] == "refused" for call in wanted)
answers = len(open(f"{folder}/answers.after").readlines())
print(f"{answers} answers alike; {refused} refused (watched: {watched}, under the filter: {confined}, gaps: {len(enforced['gaps'])}, "
      f"{len(calls)} calls seen); attacks refused: {stopped} of {len(wanted)}")
sys.exit(not (watched and confined and calls and refused == 0 and not enforced["gaps"] and stopped == len(wanted)))
PYTHON
}

calls_compared() {
  python3 - "$results/nginx/report.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
made, default, ours = report["made"], report["docker_default"], report["profile"]["open"]
print(f"nginx made {made}; Docker's default leaves {default} open, ours {ours} ({report['docker_default_target']})")
sys.exit(ours >= default)
PYTHON
}

ground_truth() {
  record_test record_truth_test || return 1
  echo "200 sets exact: nothing missing, nothing extra, right ABI, right subject"
}

# Ours as runc installed it, read back from the container, against our simulation.
installed_filter() {
  local folder=/tmp/whittle-accept-docker status=0
  engine_up "$folder"
  WHITTLE_FULL=1 build/dev/tests/live/filter_installed_test || status=1
  engine_down "$folder"
  [ "$status" = 0 ] && echo "no verdict differs (0-600 on x86-64, i386, x32; several profiles; see log)"
}

bad_input() {
  local folder=/tmp/whittle-accept-docker status=0 log=$results/bad-input.full.log
  engine_up "$folder"
  { tests/cli/bad_input.sh build/dev/whittle && tests/cli/bad_host.sh build/dev/whittle; } | tee "$log" || status=1
  engine_down "$folder"
  echo "$(grep -oE '^[0-9]+ checks, [0-9]+ faults' "$log" | paste -sd';')"
  return "$status"
}

sanitizers() {
  local log=$results/sanitizers.full.log
  ctest --preset asan -LE live | tee "$log" || return 1
  echo "ASan and UBSan: $(ctest_summary "$log")"
}

line build       "dev, release and sanitizer builds"                      "no warning"                         accept_build
line quickstart  "quickstart from nothing, in a fresh debootstrap root"   "exit 0"                             fresh_quickstart
line test        "tests from nothing, in the same root"                   "exit 0"                             fresh_test
line nginx       "nginx in Docker: same load, same answers; attacked"     "0 refused; 6 of 6 attacks refused"  nginx_in_docker
line compared    "Docker's default and ours by number of allowed calls"   "fewer"                              calls_compared
line truth       "generated random sets of calls, recorded"               "200 of 200 exact"                   ground_truth
line installed   "the filter that runc installed against our simulation"  "0 differences"                      installed_filter
line bench       "cost of a recorded call, as a ratio to an empty program" "target <= 1.07, bystander <= 1.03" record_cost
line bad-input   "bad input: one line, what to do, the documented code"   "0 faults"                           bad_input
line sanitizers  "unit tests and fuzz replays under ASan and UBSan"       "clean"                              sanitizers
