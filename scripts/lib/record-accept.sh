# What a recorder must get right, for scripts/acceptance. Source after common.sh, engine.sh and
# podman.sh. WHITTLE is the program; $here/build/dev has the tests; $results takes logs.

record_tests=build/dev/tests/live

# record_docker_up / record_docker_down: the daemon that the tests use.
record_docker_folder=/tmp/whittle-accept-record
record_docker_up() { engine_up "$record_docker_folder" && engine_busybox; }
record_docker_down() { engine_down "$record_docker_folder"; }

# record_test NAME [FILTER]: runs one live test in full, and prints how many of its cases passed; a case that is left out
# counts as a fault.
record_test() {
  local log=$results/$1.${FUNCNAME[1]}.full.log
  WHITTLE_FULL=1 "$record_tests/$1" --gtest_filter="${2:-*}" 2>&1 | tee "$log" || return 1
  ! grep -q SKIPPED "$log"
}

record_truth() {
  local status=0
  record_docker_up
  record_test record_truth_test && record_test record_attach_test && record_test record_names_test || status=1
  record_test record_docker_test '-*Thousands*' || status=1
  record_docker_down
  [ "$status" = 0 ] && echo "2 x 200 sets of processes, 200 in four containers at once: nothing missing, nothing extra, right ABI, right subject"
}

record_mixing() {
  local status=0
  record_docker_up
  record_test record_docker_test '*Thousands*' || status=1
  record_docker_down
  [ "$status" = 0 ] && echo "6000 execs of the same file on 4 threads beside 4 containers: 8 subjects, each exact"
}

record_subjects() {
  record_test record_subjects_test || return 1
  echo "32766 at once, each exact, what is beyond is a counted gap; 50000 short ones through the same places, each exact"
}

# --- the start race ---
# An image whose only program makes three calls and ends.
start_race_tar() {
  local root
  root=$(mktemp -d)
  cp "$record_tests/record_calls" "$root/calls"
  tar -C "$root" -c -f "$1" calls
  rm -rf "$root"
}

# start_race_judge EVIDENCE STARTS: each life of a container is a recording; in each the workload is those three calls.
start_race_judge() {
  python3 - "$1" "$2" <<'PYTHON'
import collections, json, sys
evidence, starts = json.load(open(sys.argv[1])), int(sys.argv[2])
seen = collections.defaultdict(set)
arrived = collections.defaultdict(set)
for subject in evidence["subjects"]:
    for abi, calls in subject["calls"].items():
        for call in calls:
            for recording in call["epochs"]:
                if subject["arrival"] == "workload":
                    seen[recording].add((subject["executable"], abi, call["call"]))
                else:
                    arrived[recording].add(call["call"])
wanted = {("/calls", "x86_64", call) for call in ("mmap", "getpid", "exit_group")}
complete = sum(seen[recording] == wanted and "execve" in arrived[recording] for recording in evidence["recordings"])
print(f"{complete} of {starts} complete, {len(evidence['recordings'])} recordings, {len(evidence['gaps'])} gaps")
sys.exit(not (complete == starts == len(evidence["recordings"]) and not evidence["gaps"]))
PYTHON
}

# start_race_armed LOG PID: waits until the recorder says that it is armed; false if it ends before, or takes 60 s.
start_race_armed() {
  local waited=0
  until grep -qs '^armed' "$1"; do
    waited=$((waited + 1))
    kill -0 "$2" 2>/dev/null && [ "$waited" -lt 600 ] || return 1
    sleep 0.1
  done
}

# start_race NAME STARTS IMAGE COMMAND...: the user's own command line: one recorder of the image, and so many starts, two at
# once. COMMAND is an engine's. Prints the figure.
start_race() {
  local name=$1 starts=$2 image=$3 evidence=$results/start-$1.evidence.json
  shift 3
  rm -f "$evidence" "$evidence.log"
  "$WHITTLE" record --image "$image" --wait -o "$evidence" > /dev/null 2> "$evidence.log" &
  local recorder=$!
  start_race_armed "$evidence.log" "$recorder" || { kill "$recorder"; cat "$evidence.log" >&2; return 1; }
  seq "$starts" | xargs -P 2 -I '{}' "$@" run --rm --name "whittle-start-$name-{}" --network none \
    --security-opt seccomp=unconfined "$image" n:39 > /dev/null || echo "some starts failed" >&2
  kill -INT "$recorder"
  wait "$recorder" || { tail -5 "$evidence.log" >&2; return 1; }
  start_race_judge "$evidence" "$starts"
}

start_race_docker() {
  record_docker_up
  start_race_tar "$results/calls.tar"
  "$DOCKER" import --change 'ENTRYPOINT ["/calls"]' "$results/calls.tar" whittle-start:1 > /dev/null
  start_race docker "$1" whittle-start:1 "$DOCKER"
}

# podman as whittle asks it, and as it starts containers with a runtime: crun refuses a host that mixes control groups v1
# and v2, so there it is started where v2 is hidden.
start_race_podman() {
  local starts=$1 runtime=$2 view=()
  if [ "$runtime" = crun ] && [ -d /sys/fs/cgroup/unified ]; then
    view=(unshare --mount --propagation private
      sh -c 'mount -t tmpfs none /sys/fs/cgroup/unified && exec "$@"' sh)
  fi
  start_race "podman-$runtime" "$starts" localhost/whittle-start:1 "${view[@]}" podman --runtime "$runtime"
}

record_start_race() {
  local folder=/tmp/whittle-accept-podman status=0 docker podman_runc podman_crun
  docker=$(start_race_docker 300) || status=1
  record_docker_down
  podman_up "$folder"
  podman import --change 'ENTRYPOINT ["/calls"]' "$results/calls.tar" localhost/whittle-start:1 > /dev/null 2>&1
  podman_runc=$(start_race_podman 150 runc) || status=1
  podman_crun=$(start_race_podman 150 crun) || status=1
  podman_down "$folder"
  echo "docker: $docker; podman with runc: $podman_runc; with crun: $podman_crun"
  return "$status"
}

record_cost() {
  local log=$results/bench.full.log status=0
  build/dev/bench/record/record_bench | tee "$log" || status=1
  awk '$1 == "target" || $1 == "bystander" {printf "%s %s %s %s  ", $1, $3, $4, $5}' "$log"
  echo
  return "$status"
}
