# Whether a recorder loses anything without saying so: containers whose calls are known, under load and failure. For
# scripts/acceptance/denials.sh and tests/live/record_lost.sh. Source after common.sh and engine.sh, with a daemon up. WHITTLE
# is the program, $programs a folder with record_calls, $lost a folder for logs and evidence.
#
#   lost_image                  makes the image whose entry point is record_calls
#   lost_begin                  forgets the containers that ran before
#   lost_recorder FILE [OPTION]...  starts a recorder of that image and waits until it is armed; sets lost_pid
#   lost_start FIRST COUNT AT_ONCE  runs so many containers, each with calls of its own, and notes when each ran
#   lost_storm COUNT            one more container, which executes a program that often: an event each
#   lost_end                    asks the recorder to end, and waits
#   lost_pins FILE              the maps that recorders into that file have, or left
#   lost_judge FILE             compares; prints the figure. Fails if calls are missing that no gap speaks of, or if any
#                               was invented

lost_image_name=whittle-lost:1

lost_image() {
  local root
  root=$(mktemp -d)
  cp "$programs/record_calls" "$root/calls"
  tar -C "$root" -c calls | "$DOCKER" import --change 'ENTRYPOINT ["/calls"]' - "$lost_image_name" > /dev/null
  rm -rf "$root"
}

lost_begin() {
  mkdir -p "$lost/ran"
  rm -f "$lost"/ran/*
}

# Armed, or over: false if it ended before.
lost_armed() {
  local waited=0
  until grep -qsE '^(armed|recording)' "$1"; do
    waited=$((waited + 1))
    kill -0 "$2" 2>/dev/null && [ "$waited" -lt 600 ] || return 1
    sleep 0.1
  done
}

lost_recorder() {
  local file=$1
  shift
  : > "$file.log"
  "$WHITTLE" record --image "$lost_image_name" --wait "$@" -o "$file" > /dev/null 2> "$file.log" &
  lost_pid=$!
  lost_armed "$file.log" "$lost_pid" || { cat "$file.log" >&2; return 1; }
}

# One container: a call that all make, one that only some make, one by int 0x80. What it does, in $lost/ran/NAME:
# its start and end in ms, its id, its calls.
lost_one() {
  local i=$1 name=whittle-lost-$1 from to
  local words=("n:39" "n:$((600 + i % 350))" "i:$((600 + i % 7))")
  [ "$((i % 5))" != 0 ] || words+=(F "n:102" .)
  rm -f "$lost/ran/$name.id"
  from=$(date +%s%3N)
  "$DOCKER" run --rm --cidfile "$lost/ran/$name.id" --name "$name" --network none --security-opt seccomp=unconfined \
    "$lost_image_name" "${words[@]}" > /dev/null || return 1
  to=$(date +%s%3N)
  echo "$name $from $to $(cat "$lost/ran/$name.id") ${words[*]}" > "$lost/ran/$name"
  rm -f "$lost/ran/$name.id"
}

lost_start() {
  export lost DOCKER DOCKER_HOST lost_image_name
  export -f lost_one
  seq "$1" "$(($1 + $2 - 1))" | xargs -P "$3" -I '{}' bash -c 'lost_one {}' || echo "some containers did not start" >&2
}

# lost_storm COUNT: a container that executes that often, which is an event each; its calls are known like any other's.
lost_storm() {
  local name=whittle-lost-storm from
  from=$(date +%s%3N)
  "$DOCKER" run --rm --cidfile "$lost/ran/$name.id" --name "$name" --network none --security-opt seccomp=unconfined \
    "$lost_image_name" "L:$1" F E /calls n:39 . . > /dev/null || return 1
  echo "$name $from $(date +%s%3N) $(cat "$lost/ran/$name.id") n:39 F E" > "$lost/ran/$name"
  rm -f "$lost/ran/$name.id"
  echo "$1 execs while nobody read"
}

lost_end() {
  kill -INT "$lost_pid"
  wait "$lost_pid"
}

# lost_pins FILE: what recorders into that file left pinned (src/record/pins.h).
lost_pins() {
  python3 - "$(realpath -m "$1")" <<'PYTHON'
import os, sys
number = 0xcbf29ce484222325  # FNV-1a
for byte in sys.argv[1].encode():
    number = (number ^ byte) * 0x100000001b3 % 2**64
folder = f"/run/whittle/bpf/{number:016x}"
print("\n".join(os.listdir(folder)) if os.path.isdir(folder) else "", end="")
PYTHON
}

lost_judge() { cat "$lost"/ran/* | python3 scripts/lib/record-lost.py "$1"; }
