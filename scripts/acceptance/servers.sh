# Acceptance of the main job at full strength (issue "Step 2"): sourced by scripts/accept.

. scripts/lib/cases.sh
. scripts/lib/inspect.sh
. scripts/lib/servers.sh
. scripts/lib/servers-accept.sh
. scripts/lib/servers-attacks.sh
. scripts/lib/podman.sh
. scripts/lib/record-accept.sh
WHITTLE=${WHITTLE:-$here/build/release/whittle}

accept_build() {
  scripts/setup servers && build_preset dev && build_preset release
}

# All targets of `record`, on engines of the line's own.
targets_of_record() {
  local folder=/tmp/whittle-accept-targets log=$results/targets.full.log status=0
  engine_up "$folder"
  engine_busybox
  tests/live/container_targets.sh build/dev/whittle 2>&1 | tee "$log" || status=1
  engine_down "$folder"
  echo "$(grep -E '^[0-9]+ checks' "$log"); skipped: $(grep -c SKIPPED "$log")"
  [ "$status" = 0 ] && ! grep -q SKIPPED "$log"
}

# Both tutorials, each in an engine of its own: an empty one, as the pages assume.
tutorials() {
  local name folder status=0
  for name in tutorial tutorial-docker; do
    folder=$(mktemp -d /tmp/whittle-tutorial.XXXXXX)
    engine_up "$folder"
    tests/cli/tutorial.sh "$WHITTLE" "docs/$name.md" || status=1
    engine_down "$folder"
    rm -rf "$folder"
  done > "$results/tutorials.full.log" 2>&1
  cat "$results/tutorials.full.log"
  grep -E '^[0-9]+ (blocks|steps)' "$results/tutorials.full.log" | paste -sd';'
  ! grep -q -e '^FAULT' -e SKIPPED "$results/tutorials.full.log" && return "$status"
}

line build       "dev and release builds"                                 "no warning"                         accept_build
line truth       "generated random sets of calls, as processes and in containers" "each exact"                record_truth
line mixing      "execs of one file beside four containers"               "no subject has another's call"      record_mixing
line start-race  "containers that make three calls and end"               "300 of 300 on docker, and on podman" record_start_race
line subjects    "subjects at once, and one after the other"              ">= 16384 at once; 50000 short ones" record_subjects
line servers     "each real server: the same load under its profile"      "same answers, 0 refused"            servers_with_load
line starts      "30 starts: runc, crun, without and with no_new_privs"   "all ready, answering, ending; 0 refused" servers_often
line compared    "calls allowed by Docker's default, ours strict, portable" "fewer"                            servers_compared
line cases       "reported faults of evidence, as tests of our own"       "all pass, none skipped"             cases_of_evidence
line attacks     "13 attacks inside of each server, under runc and crun"  "each refused, shown by name"        servers_attacked
line installed   "each profile as installed against simulate, 0-600, 3 ABIs, arguments" "0 differences"        servers_installed
line tutorial    "every command of the tutorials; each step shorter than usual" "0 faults"                 tutorials
line bench       "cost of a recorded call, as a ratio to an empty program" "target <= 1.07, bystander <= 1.03" record_cost
line targets     "image, containerd, podman, cgroups, processes; runc, crun" "0 failures, 0 skipped"             targets_of_record
line inspect     "none, default, ours, two stacked filters; who waits is not woken" "as the kernel answers, no EINTR" inspect_live
