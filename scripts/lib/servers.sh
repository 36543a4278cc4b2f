# The main job for any server of scripts/servers (see its README): record under load, generate, verify, run under the profile
# with the same load, start it often under each runtime. With the same commands that a user types. Source after common.sh and
# engine.sh. WHITTLE is the program.
#   server_use NAME                    sources the file of a server, or of a workload of scripts/workloads
#   server_life NAME FOLDER EVIDENCE ANSWERS SECCOMP [AFTER...]   one recorded life: load, AFTER, stop
#   server_profile EVIDENCE PROFILE TARGET [OPTION...]            generate and verify; TARGET: runc, runc-nnp, crun, crun-nnp
#   server_starts NAME TARGET COUNT PROFILE EVIDENCE TABLE        many starts under a profile, watched for refusals
#   server_faults EVIDENCE             who was refused what, also of what is no workload, and gaps; nothing if all is well
# Helpers of the servers' files: server_until, server_signal, server_start_again, server_root, server_copy, server_import.

SERVER_PORT=${SERVER_PORT:-18470}

# The first port from SERVER_PORT on that nobody listens on.
server_free_port() {
  local port
  for port in $(seq "$SERVER_PORT" $((SERVER_PORT + 50))); do
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
  done
  fail 4 "every port from $SERVER_PORT to $((SERVER_PORT + 50)) is in use"
}

server_use() {
  local file=scripts/servers/$1.sh
  [ -e "$file" ] || file=scripts/workloads/$1.sh
  # shellcheck disable=SC1090
  . "$file"
}

server_container() { echo "whittle-$1"; }

# Shows a command and runs it.
show_and_run() {
  printf '\n$ %s\n' "$(printf '%q ' "$@" | sed "s#$WHITTLE#whittle#; s# \$##")" >&2
  "$@"
}

# server_until SECONDS COMMAND...: waits until a command succeeds.
server_until() {
  local left=$(($1 * 20))
  shift
  until "$@" > /dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.05
  done
}

# --- Images, made of this host's files.

# server_root [USER:UID]...: a new root file system with a shell and accounts; prints its folder.
server_root() {
  local root user
  root=$(mktemp -d /tmp/whittle-image.XXXXXX)
  chmod 755 "$root"
  mkdir -p "$root"/{etc,usr/sbin,usr/bin,usr/lib,lib64,var/log,var/lib,tmp,proc,sys,dev,run}
  chmod 1777 "$root/tmp"
  ln -s usr/bin "$root/bin"
  cp /bin/busybox "$root/usr/bin/busybox"
  for name in sh cat cp mv rm ls env; do ln -s busybox "$root/usr/bin/$name"; done
  printf 'root:x:0:0:root:/:/bin/sh\n' > "$root/etc/passwd"
  printf 'root:x:0:\n' > "$root/etc/group"
  for user in "$@"; do
    printf '%s:x:%s:%s:%s:/:/bin/false\n' "${user%:*}" "${user#*:}" "${user#*:}" "${user%:*}" >> "$root/etc/passwd"
    printf '%s:x:%s:\n' "${user%:*}" "${user#*:}" >> "$root/etc/group"
  done
  printf 'passwd: files\ngroup: files\nhosts: files\n' > "$root/etc/nsswitch.conf"
  printf '127.0.0.1 localhost\n' > "$root/etc/hosts"
  echo "$root"
}

# server_copy ROOT FILE...: files to their own places, and the libraries that programs and libraries among them load.
server_copy() {
  local root=$1 file library
  shift
  for file in "$@"; do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
    ldd "$file" 2> /dev/null | grep -oE '/[^ )]+' | while read -r library; do
      [ -e "$root$library" ] && continue
      mkdir -p "$root$(dirname "$library")"
      cp -L "$library" "$root$library"
    done
  done
}

# server_import ROOT TAG [CHANGE...]: the folder becomes an image, and is gone then.
server_import() {
  local root=$1 tag=$2 change changes=()
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$root" -c . | "$DOCKER" import "${changes[@]}" - "$tag" > /dev/null
  rm -rf "$root"
}

server_has_image() { "$DOCKER" image inspect "$1" > /dev/null 2>&1; }

# --- One life.

# What `docker run` is given for a target.
server_target_arguments() {
  case "$1" in crun*) printf '%s\n' --runtime crun ;; esac
  case "$1" in *-nnp) printf '%s\n' --security-opt no-new-privileges ;; esac
}

# server_record CONTAINER EVIDENCE [OPTION...]: arms a recorder for all starts of a container.
server_record() {
  local container=$1 evidence=$2
  shift 2
  local record=(record --container "$container" --wait --follow-restarts "$@" -o "$evidence")
  printf '\n$ whittle %s &\n' "${record[*]}" >&2
  "$WHITTLE" "${record[@]}" 2> "$evidence.log" &
  server_recorder=$!
  server_until 15 grep -q 'armed' "$evidence.log" || { cat "$evidence.log" >&2; return 1; }
}

# At least one: the recorder may not have heard yet whose the container was.
server_ends_are_seen() {
  grep -q 'from its start' "$1" && [ "$(grep -c 'from its start' "$1")" = "$(grep -c 'has ended' "$1")" ]
}

# server_record_end EVIDENCE: once the recorder has seen the container end.
server_record_end() {
  server_until 10 server_ends_are_seen "$1.log" || true
  kill "$server_recorder"
  wait "$server_recorder" || { cat "$1.log" >&2; return 1; }
  cat "$1.log" >&2
}

# server_command NAME FOLDER SECCOMP [ARGUMENT...]: the words that start it in the background, one a line. SECCOMP: a file,
# "unconfined", or "default": what the engine takes if it is told nothing.
server_command() {
  local name=$1 folder=$2 seccomp=$3
  shift 3
  printf '%s\n' "$DOCKER" run -d --pull never --name "$(server_container "$name")" "$@"
  [ "$seccomp" = default ] || printf '%s\n' --security-opt "seccomp=$seccomp"
  "${name}_arguments" "$folder"
  echo "whittle-$name"
  "${name}_command" "$folder"
}

# server_signal CONTAINER SIGNAL
server_signal() { "$DOCKER" kill -s "$2" "$1" > /dev/null; }

# server_start_again CONTAINER: once it has ended.
server_start_again() {
  timeout 20 "$DOCKER" wait "$1" > /dev/null || { echo "$1 did not end"; return 1; }
  "$DOCKER" start "$1" > /dev/null
}

server_remove() { "$DOCKER" rm -f "$(server_container "$1")" > /dev/null 2>&1 || true; }

# server_life NAME FOLDER EVIDENCE ANSWERS SECCOMP [AFTER...]: recorded from before the container exists until it has stopped.
# SECCOMP: as of server_command. Refusals are watched for where there is a profile. SERVER_TARGET: the target (runc).
server_life() {
  local name=$1 folder=$2 evidence=$3 answers=$4 seccomp=$5 phase options=() command arguments
  shift 5
  for phase in $("${name}_phases"); do options+=(--exercised "$phase"); done
  [ "$seccomp" = unconfined ] || options+=(--denials)
  server_remove "$name"
  "${name}_prepare" "$folder"
  server_record "$(server_container "$name")" "$evidence" "${options[@]}" || return 1
  local status=0
  mapfile -t arguments < <(server_target_arguments "${SERVER_TARGET:-runc}")
  mapfile -t command < <(server_command "$name" "$folder" "$seccomp" "${arguments[@]}")
  show_and_run "${command[@]}" > /dev/null && "${name}_ready" "$folder" &&
    "${name}_load" "$folder" "$(server_container "$name")" > "$answers" && { [ $# = 0 ] || "$@"; } || status=1
  "$DOCKER" stop "$(server_container "$name")" > /dev/null || status=1
  server_record_end "$evidence" || status=1
  [ "$status" = 0 ] || "$DOCKER" logs --tail 20 "$(server_container "$name")" >&2
  server_remove "$name"
  return "$status"
}

# --- The profile.

server_profile() {
  local evidence=$1 profile=$2 target=()
  case "$3" in crun*) target+=(--runtime crun) ;; esac
  case "$3" in *-nnp) target+=(--no-new-privs) ;; esac
  shift 3
  show_and_run "$WHITTLE" generate "$evidence" -o "$profile" "${target[@]}" "$@" &&
    show_and_run "$WHITTLE" verify "$profile" "$evidence" "${target[@]}"
}

# Not clone3 answered ENOSYS: libcs then take clone, and how often they did stands in the evidence's log (docs/generate.md).
server_refusals() {
  "$WHITTLE" show "$1" --calls --arrived |
    awk -F'\t' '($5 == "denied" || $5 == "killed") && !($4 == "clone3" && $5 == "denied")'
}

# What a recording says against itself or the profile: refusals and gaps.
server_faults() {
  [ -s "$1" ] || { echo "no evidence: $1"; return; }
  server_refusals "$1"
  "$WHITTLE" show "$1" --gaps
}

# --- Many starts.

# server_starts NAME TARGET COUNT PROFILE EVIDENCE TABLE: each start becomes ready, answers one request, stops cleanly.
# TABLE gets a line each: number, ready or not, the answer's digest, the exit code. Fails unless all are well and alike, and
# nothing was refused.
server_starts() {
  local name=$1 target=$2 count=$3 profile=$4 evidence=$5 table=$6 folder number
  folder=$(server_folder)
  server_remove "$name"
  "${name}_prepare" "$folder"
  server_record "$(server_container "$name")" "$evidence" --denials || return 1
  for number in $(seq "$count"); do
    server_start_once "$name" "$target" "$folder" "$profile" | sed "s/^/$number\t/"
  done > "$table"
  server_record_end "$evidence" || return 1
  rm -rf "$folder"
}

server_start_once() {
  local name=$1 target=$2 folder=$3 profile=$4 container ready=no answer=- code command arguments
  container=$(server_container "$1")
  mapfile -t arguments < <(server_target_arguments "$target")
  mapfile -t command < <(server_command "$name" "$folder" "$profile" "${arguments[@]}")
  if "${command[@]}" > /dev/null && "${name}_ready" "$folder"; then
    ready=ready
    answer=$("${name}_ask" "$folder" | sha256sum | cut -c1-16)
  else
    "$DOCKER" logs --tail 5 "$container" >&2
  fi
  "$DOCKER" stop "$container" > /dev/null
  code=$("$DOCKER" inspect -f '{{.State.ExitCode}}' "$container")
  printf '%s\t%s\t%s\n' "$ready" "$answer" "${code:-none}"
  server_remove "$name"
}

# How many lines of a table of starts are well: ready, the commonest answer, ended by itself.
server_good_starts() {
  local answer
  answer=$(cut -f3 "$1" | sort | uniq -c | sort -rn | awk 'NR == 1 {print $2}')
  awk -F'\t' -v answer="$answer" '$2 == "ready" && $3 == answer && ($4 == 0 || $4 == 143)' "$1" | wc -l
}

# A folder that everybody may enter, wherever the project lies.
server_folder() {
  local folder
  folder=$(mktemp -d /tmp/whittle-server.XXXXXX)
  chmod 755 "$folder"
  echo "$folder"
}
