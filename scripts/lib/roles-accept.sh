# Acceptance of the role profiles: every workload that a role was made of or is tried with, with the same load and the same answers
# under the role as without a filter, on runc and crun. Source after common.sh, engine.sh, servers.sh and roles.sh; the packages of
# `scripts/setup roles` are there. WHITTLE is the program that has the roles.
#   roles_hold      prints what it measured as its last line
# ROLES_OUT is the folder for what is made; ROLES narrows the roles.

ROLES_OUT=${ROLES_OUT:-$(realpath -m "${results:-build/accept}/roles")}
ROLES_ENGINE=/tmp/whittle-accept-roles

roles_hold() {
  local workload status=0 lives=0 alike=0 refused=0 held=0 gaps=0 port=18800 running=0
  rm -rf "$ROLES_OUT"
  mkdir -p "$ROLES_OUT"
  engine_up_crun "$ROLES_ENGINE"
  for workload in $(role_all_workloads); do
    [ -n "$(roles_of "$workload")" ] || continue
    port=$((port + 20))
    # In shells of their own, two at a time: workloads have ports and files of their own.
    (SERVER_PORT=$port SERVER_CYCLES=1
      server_use "$workload"
      roles_hold_workload "$workload") > "$ROLES_OUT/$workload.log" 2>&1 &
    running=$((running + 1))
    [ "$running" -lt 2 ] || { wait -n || true; running=1; }
  done
  # One by one: the engine is a child of this shell, too.
  while [ "$running" -gt 0 ]; do
    wait -n || true
    running=$((running - 1))
  done
  engine_down "$ROLES_ENGINE"
  for workload in $(role_all_workloads); do
    [ -n "$(roles_of "$workload")" ] || continue
    [ -s "$ROLES_OUT/$workload.tsv" ] || { echo "$workload: no life at all, see its log"; status=1; continue; }
    sed "s/^/$workload\t/" "$ROLES_OUT/$workload.tsv"
  done > "$ROLES_OUT/lives.tsv"
  cat "$ROLES_OUT/lives.tsv"
  lives=$(grep -c . "$ROLES_OUT/lives.tsv")
  alike=$(awk -F'\t' '$5 == "alike"' "$ROLES_OUT/lives.tsv" | wc -l)
  refused=$(awk -F'\t' '{sum += $6} END {print sum + 0}' "$ROLES_OUT/lives.tsv")
  held=$(awk -F'\t' '$3 == "tried" && $5 == "alike" && $6 == 0' "$ROLES_OUT/lives.tsv" | wc -l)
  gaps=$(awk -F'\t' '$7 == "gaps"' "$ROLES_OUT/lives.tsv" | wc -l)
  [ "$lives" -gt 0 ] && [ "$alike" = "$lives" ] && [ "$refused" = 0 ] || status=1
  echo "$alike of $lives lives under a role answer alike, $refused calls refused, $gaps recorded with gaps only; $held of $(awk -F'\t' '$3 == "tried"' "$ROLES_OUT/lives.tsv" |
    wc -l) of programs that no role was made of"
  return "$status"
}

# Lines: role, use. What was only compared has no role.
roles_of() {
  awk -F, -v workload="$1" -v roles="${ROLES:-}" '!/^#/ && $2 == workload && $3 != "compared" && (roles == "" || index(" " roles " ", " " $1 " ")) {
    print $1 "\t" $3 }' "$ROLE_DATA/roles.csv"
}

# Its table: role, use, runtime, alike or not, how many calls were refused beyond those that the recordings' ceiling refused, and
# whether the recording is whole: in a gap, what was refused is not seen.
roles_hold_workload() {
  local workload=$1 out=$ROLES_OUT/$1 role use runtime
  "$DOCKER" rmi -f "whittle-$workload" > /dev/null 2>&1
  "${workload}_image" "whittle-$workload" || return 1
  roles_life "$workload" unconfined runc "$out.free" || return 1
  roles_of "$workload" | while IFS=$'\t' read -r role use; do
    for runtime in runc crun; do
      roles_life "$workload" "data/catalogue/$role.json" "$runtime" "$out.$role.$runtime" || true
      printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$role" "$use" "$runtime" "$(roles_alike "$out.free" "$out.$role.$runtime")" \
        "$(roles_refused "$role" "$workload" "$out.$role.$runtime" | wc -l)" "$(roles_gaps "$out.$role.$runtime")"
    done
  done > "$out.tsv"
}

# A recording with a gap does not show what was refused in it, so it is made again.
roles_life() {
  local workload=$1 seccomp=$2 SERVER_TARGET=$3 out=$4 folder try
  for try in 1 2 3; do
    folder=$(server_folder)
    server_life "$workload" "$folder" "$out.evidence.json" "$out.answers" "$seccomp" || { rm -rf "$folder"; return 1; }
    rm -rf "$folder"
    # Of a life without a filter only the answers are wanted.
    [ "$seccomp" != unconfined ] && [ "$(roles_gaps "$out")" = gaps ] || return 0
  done
  echo "$workload under $seccomp: gaps in $try recordings" >&2
  return 1
}

# Evidence that cannot be read is not whole.
roles_gaps() {
  local gaps
  if gaps=$("$WHITTLE" show "$1.evidence.json" --gaps) && [ -z "$gaps" ]; then echo whole; else echo gaps; fi
}

roles_alike() {
  if [ -s "$1.answers" ] && cmp -s "$1.answers" "$2.answers"; then echo alike; else echo different; fi
}

# But for what the ceiling of its recording refused, too, and what roles.csv says that a program that was only tried is refused:
# docs/roles.md. It answers alike all the same.
roles_refused() {
  [ -s "$3.evidence.json" ] || { echo "no evidence"; return; }
  server_refusals "$3.evidence.json" | cut -f4 | sort -u |
    grep -vxF -f <(
      "$WHITTLE" show "$(role_evidence "$2")" --calls | awk -F'\t' '$5 == "denied" {print $4}'
      role_known_refusals "$1" "$2" | tr ' ' '\n'
      echo nothing
    )
}
