# Nothing is lost in silence, for scripts/acceptance/denials.sh: containers and calls that are known, against the evidence.
# Source after record-lost.sh.

# lost_up / lost_down: the daemon, and a folder for the logs.
lost_folder=/tmp/whittle-accept-lost
lost_up() {
  programs=build/dev/tests/live
  lost=$(realpath -m "$results/${1:-lost}")
  rm -rf "$lost"
  mkdir -p "$lost"
  engine_up "$lost_folder"
  lost_image
  lost_begin
}
lost_down() { engine_down "$lost_folder"; }

# Both processors make nothing but system calls, until lost_rest.
lost_saturate() {
  "$programs/record_calls" L:4000000000 n:39 . &
  lost_hogs=$!
  "$programs/record_calls" L:4000000000 n:39 . &
  lost_hogs="$lost_hogs $!"
}
lost_rest() {
  # shellcheck disable=SC2086
  kill $lost_hogs
  wait $lost_hogs 2>/dev/null
}

# lost_containers [COUNT]: started and stopped while both processors are saturated by system calls.
lost_containers() {
  local count=${LOST_CONTAINERS:-500} status=0
  lost_up containers
  lost_saturate
  lost_recorder "$lost/a.json" && lost_start 1 "$count" 4 && lost_end || status=1
  lost_rest
  lost_judge "$lost/a.json" || status=1
  lost_down
  return "$status"
}

# A thousand million calls of one recorded program, half of them by a second thread, which the first one waits for.
lost_calls() {
  local each=${LOST_CALLS:-500000000} file gaps calls
  lost=$(realpath -m "$results/calls")
  mkdir -p "$lost"
  file=$lost/a.json
  timeout 3000 "$WHITTLE" record -o "$file" -- build/dev/tests/live/record_calls T "L:$each" n:39 . n:600 . \
    "L:$each" n:102 . n:601 || return 1
  gaps=$("$WHITTLE" show --gaps "$file" | wc -l)
  calls=$("$WHITTLE" show --calls "$file" | cut -f 4 | paste -sd ' ')
  echo "$((2 * each)) calls: seen $calls; $gaps gaps"
  [ "$gaps" = 0 ] && [ "$calls" = '#600 #601 clone exit exit_group getpid getuid mmap sched_yield' ]
}

# The reader is stopped: for 30 s while containers come and go, with more events than the ring holds.
lost_stopped() {
  local status=0 storm
  lost_up stopped
  lost_recorder "$lost/a.json" || return 1
  lost_start 1 5 2
  kill -STOP "$lost_pid"
  storm=$(lost_storm "${LOST_EXECS:-3000}") || status=1
  local until=$((SECONDS + ${LOST_STOP_S:-30})) next=100
  while [ "$SECONDS" -lt "$until" ]; do
    lost_start "$next" 4 2
    next=$((next + 4))
  done
  kill -CONT "$lost_pid"
  lost_start 900 5 2
  lost_end || status=1
  "$WHITTLE" show --gaps "$lost/a.json" | cut -f 2- | sort | uniq -c
  "$WHITTLE" show --gaps "$lost/a.json" | grep events-lost > /dev/null || { echo "the ring did not overrun"; status=1; }
  "$WHITTLE" show --gaps "$lost/a.json" | grep reader-stopped > /dev/null || { echo "that it was stopped is not said"; status=1; }
  echo "$storm"
  lost_judge "$lost/a.json" || status=1
  lost_down
  return "$status"
}

# lost_killed: the recorder is killed at random and started again, while containers come and go.
lost_killed() {
  local kills=${LOST_KILLS:-50} status=0 starter
  lost_up killed
  lost_recorder "$lost/a.json" || return 1
  (lost_start 1 "${LOST_KILLED_CONTAINERS:-400}" 3) &
  starter=$!
  for _ in $(seq "$kills"); do
    # Mostly while it records, now and then while it begins.
    [ "$((RANDOM % 5))" = 0 ] || lost_armed "$lost/a.json.log" "$lost_pid" || status=1
    sleep "$((RANDOM % 3)).$((RANDOM % 10))"
    kill -KILL "$lost_pid"
    wait "$lost_pid" 2>/dev/null
    "$WHITTLE" record --image "$lost_image_name" --wait -o "$lost/a.json" > /dev/null 2> "$lost/a.json.log" &
    lost_pid=$!
  done
  lost_armed "$lost/a.json.log" "$lost_pid" || status=1
  wait "$starter"
  lost_start 9001 1 1
  lost_end || status=1
  [ -z "$(lost_pins "$lost/a.json")" ] || { echo "pins were left"; status=1; }
  lost_judge "$lost/a.json" || status=1
  lost_down
  return "$status"
}

# soak: one container is recorded while others come and go at 2 a second; memory, descriptors and maps of the recorder at the
# start, in the middle, at the end. Of an image each container would be kept in the evidence, which grows with them.
lost_soak() {
  local seconds=${SOAK_S:-1800} status=0 next=1 began at figures=()
  lost_up soak
  engine_busybox
  : > "$lost/a.json.log"
  "$WHITTLE" record --container whittle-soak --wait -o "$lost/a.json" > /dev/null 2> "$lost/a.json.log" &
  lost_pid=$!
  lost_armed "$lost/a.json.log" "$lost_pid" || return 1
  "$DOCKER" run -d --rm --name whittle-soak --network none --security-opt seccomp=unconfined whittle-busybox sleep 100000 > /dev/null
  began=$SECONDS
  for at in 10 50 100; do
    while [ "$((SECONDS - began))" -lt "$((seconds * at / 100))" ]; do
      lost_start "$next" 2 2
      next=$((next + 2))
      sleep 0.3
    done
    figures+=("$(soak_figures) after $((SECONDS - began)) s and $((next - 1)) containers")
  done
  "$DOCKER" rm -f whittle-soak > /dev/null
  wait "$lost_pid" || status=1
  "$WHITTLE" show --calls "$lost/a.json" | grep nanosleep > /dev/null || { echo "the container was not recorded"; status=1; }
  "$WHITTLE" show --gaps "$lost/a.json"
  lost_down
  soak_flat "${figures[@]}" || status=1
  return "$status"
}

# RSS in KiB, open descriptors, entries of the maps that grow with what lives.
soak_figures() {
  local rss fds
  rss=$(awk '/VmRSS/ {print $2}' "/proc/$lost_pid/status")
  fds=$(ls "/proc/$lost_pid/fd" | wc -l)
  echo "rss $rss KiB, $fds descriptors, $(soak_maps) map entries"
}

soak_maps() {
  local pins map maps=()
  for pins in /run/whittle/bpf/*/"$lost_pid"-*/; do
    for map in watched cgroup_paths subject_names owner_names notes; do maps+=("$pins$map"); done
  done
  python3 scripts/lib/bpf-entries.py "${maps[@]}"
}

# From the first figure to the last: descriptors, entries and memory stay.
soak_flat() {
  python3 - "$@" <<'PYTHON'
import re, sys
numbers = [[int(n) for n in re.findall(r"rss (\d+) KiB, (\d+) descriptors, (\d+) map", text)[0]] for text in sys.argv[1:]]
first, last = numbers[0], numbers[-1]
print("; ".join(sys.argv[1:]))
sys.exit(last[1] > first[1] + 5 or last[2] > first[2] + 60 or last[0] > first[0] * 1.05 + 2048)
PYTHON
}
