# Attacks inside of each server's container under its profile, and the filter that is really installed there against what
# `simulate` says of the profile. Source after servers-accept.sh, whose line "servers" makes the profiles.

SERVER_ATTACKS=(unshare mount keyctl ptrace bpf io_uring_setup userfaultfd clone3 clone perf_event_open add_key process_vm_readv
  open_by_handle_at)

# servers_need_profiles: what another line makes.
servers_need_profiles() {
  local name target
  for name in $(servers_names); do
    for target in "${SERVER_TARGETS[@]}"; do
      [ -s "$SERVERS_OUT/$name/$target.json" ] ||
        { echo "no $SERVERS_OUT/$name/$target.json: run 'scripts/accept servers servers' first"; return 1; }
    done
  done
}

# servers_with_container FUNCTION NAME OUT TARGET: FUNCTION NAME OUT TARGET while the server runs under its profile for TARGET.
servers_with_container() {
  local function=$1 name=$2 out=$3 target=$4 folder status=0 command arguments
  folder=$(server_folder)
  server_remove "$name"
  mapfile -t arguments < <(server_target_arguments "$target")
  mapfile -t command < <(server_command "$name" "$folder" "$out/$target.json" "${arguments[@]}")
  "${name}_image" "whittle-$name" && "${name}_prepare" "$folder" && show_and_run "${command[@]}" > /dev/null &&
    "${name}_ready" "$folder" && "$function" "$name" "$out" "$target" || status=1
  server_remove "$name"
  rm -rf "$folder"
  return "$status"
}

servers_under_both_runtimes() {
  local status=0
  servers_need_profiles || return 1
  engine_up_crun "$SERVERS_OFTEN"
  servers_side_by_side "$1" || status=1
  engine_down "$SERVERS_OFTEN"
  return "$status"
}

# --- Attacks.

servers_attacked() {
  local status=0
  gcc -static -O1 -o "$SERVERS_OUT/attack" scripts/demo/attack.c || return 1
  servers_under_both_runtimes servers_attack_one || status=1
  python3 scripts/lib/servers-attacks.py "$SERVERS_OUT" "$(servers_names | paste -sd,)" "runc,crun" \
    "$(IFS=,; echo "${SERVER_ATTACKS[*]}")" || status=1
  return "$status"
}

servers_attack_one() {
  local name=$1 out=$2 target status=0
  for target in runc crun; do
    local evidence=$out/attacked-$target.evidence.json
    server_record "$(server_container "$name")" "$evidence" --denials || return 1
    servers_with_container servers_attack_container "$name" "$out" "$target" || status=1
    server_record_end "$evidence" || status=1
    "$WHITTLE" show "$evidence" --calls > "$out/attacked-$target.calls"
    show_and_run "$WHITTLE" report "$out/recorded.evidence.json" --profile "$out/$target.json" --runtime "$target" \
      --after "$evidence" --attacks "$out/attacks-$target.json" > "$out/attacked-$target.report.txt" || status=1
  done
  return "$status"
}

servers_attack_container() {
  local container
  container=$(server_container "$1")
  "$DOCKER" cp "$SERVERS_OUT/attack" "$container:/attack" &&
    show_and_run "$DOCKER" exec "$container" /attack > "$2/attacks-$3.json"
}

# --- Simulate equals the kernel.

servers_installed() {
  local status=0
  servers_under_both_runtimes servers_installed_one || status=1
  cat $(servers_names | sed "s#.*#$SERVERS_OUT/&/installed.tsv#") |
    awk -F'\t' '{verdicts += $3; different += $4; profiles++}
      END {printf "%d profiles read back, %d verdicts, %d differences\n", profiles, verdicts, different}'
  return "$status"
}

servers_installed_one() {
  local name=$1 out=$2 target status=0
  : > "$out/installed.tsv"
  for target in "${SERVER_TARGETS[@]}"; do
    servers_with_container servers_compare_filters "$name" "$out" "$target" || status=1
  done
  return "$status"
}

# As a user does it: the file for the target, and the container by its name, on the same calls.
servers_compare_filters() {
  local name=$1 out=$2 target=$3 flags different
  flags=(--runtime "${target%-nnp}")
  case "$target" in *-nnp) flags+=(--no-new-privs) ;; esac
  python3 scripts/lib/servers-calls.py "$out/$target.json" > "$out/installed-$target.calls" || return 1
  show_and_run "$WHITTLE" simulate "$out/$target.json" --calls "$out/installed-$target.calls" "${flags[@]}" \
    > "$out/installed-$target.said" || return 1
  show_and_run "$WHITTLE" simulate "container:$(server_container "$name")" --calls "$out/installed-$target.calls" \
    > "$out/installed-$target.done" || return 1
  different=$(paste -d'\t' "$out/installed-$target.calls" "$out/installed-$target.said" "$out/installed-$target.done" |
    awk -F'\t' '$2 != $3' | tee "$out/installed-$target.different" | wc -l)
  head -5 "$out/installed-$target.different"
  printf '%s\t%s\t%s\t%s\n' "$name" "$target" "$(wc -l < "$out/installed-$target.done")" "$different" >> "$out/installed.tsv"
  [ "$different" = 0 ] && servers_both_answers "$out/installed-$target.done"
}

# A comparison of nothing, or of a filter that is none, proves nothing.
servers_both_answers() {
  grep -qx ALLOW "$1" && grep -q '^ERRNO' "$1" && ! grep -qE '^(UNCONFINED|REFUSED)$' "$1"
}
