# Acceptance of the real servers: every file of scripts/servers through the pipeline of servers.sh. Source after that.
# SERVERS_OUT is the folder for what is made (see scripts/servers/README.md); SERVERS narrows the list of servers.

SERVERS_OUT=${SERVERS_OUT:-$(realpath -m "$results")}
SERVER_TARGETS=(runc runc-nnp crun crun-nnp)
SERVER_STARTS=30

servers_names() {
  local file
  [ -z "${SERVERS:-}" ] || { printf '%s\n' $SERVERS; return; }
  for file in scripts/servers/*.sh; do basename "$file" .sh; done
}

# servers_side_by_side FUNCTION: FUNCTION NAME OUT for each server, two at a time, each with ports of its own and its output in
# OUT/FUNCTION.log. Fails if any does, and shows how that one ended.
servers_side_by_side() {
  local function=$1 name port=18400 status=0 running=0
  for name in $(servers_names); do
    port=$((port + 40))
    mkdir -p "$SERVERS_OUT/$name"
    (
      SERVER_PORT=$port
      server_use "$name"
      "$function" "$name" "$SERVERS_OUT/$name" > "$SERVERS_OUT/$name/$function.log" 2>&1 ||
        { tail -5 "$SERVERS_OUT/$name/$function.log" | sed "s/^/$name: /"; exit 1; }
    ) &
    running=$((running + 1))
    [ "$running" -lt 2 ] || { wait -n || status=1; running=1; }
  done
  while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
  done
  return "$status"
}

# --- Recorded, and run again under the profile with the same load.

servers_with_load() {
  local status=0 name alike=0 refused=0
  engine_up /tmp/whittle-accept-docker
  servers_side_by_side servers_load_one || status=1
  engine_down /tmp/whittle-accept-docker
  for name in $(servers_names); do
    local out=$SERVERS_OUT/$name
    [ -s "$out/enforced.answers" ] && cmp -s "$out/recorded.answers" "$out/enforced.answers" && alike=$((alike + 1))
    refused=$((refused + $(server_refusals "$out/enforced.evidence.json" | wc -l)))
    printf '%s: %s answers\n' "$name" "$(wc -l < "$out/enforced.answers")"
    server_faults "$out/enforced.evidence.json"
  done
  echo "$alike of $(servers_names | wc -l) answer alike; $refused calls refused"
  return "$status"
}

servers_load_one() {
  local name=$1 out=$2 folder status=0
  "$DOCKER" rmi -f "whittle-$name" > /dev/null 2>&1
  "${name}_image" "whittle-$name" || return 1
  folder=$(server_folder)
  rm -f "$out"/*.evidence.json "$out"/*.answers
  server_life "$name" "$folder" "$out/recorded.evidence.json" "$out/recorded.answers" unconfined &&
    servers_profiles "$out" &&
    server_life "$name" "$folder" "$out/enforced.evidence.json" "$out/enforced.answers" "$out/runc.json" || status=1
  rm -rf "$folder"
  [ "$status" = 0 ] || { echo "its life failed: see above"; return 1; }
  diff -a "$out/recorded.answers" "$out/enforced.answers" || { echo "answers differ"; return 1; }
  [ -z "$(server_faults "$out/enforced.evidence.json")" ] || { server_faults "$out/enforced.evidence.json"; return 1; }
}

servers_profiles() {
  local out=$1 target
  for target in "${SERVER_TARGETS[@]}"; do
    server_profile "$out/recorded.evidence.json" "$out/$target.json" "$target" || return 1
  done
  server_profile "$out/recorded.evidence.json" "$out/portable.json" runc --level portable
}

# --- Many starts.

# One engine for both runtimes: a recorder asks its own engine whose a new container is, and another's would be in doubt.
SERVERS_OFTEN=/tmp/whittle-accept-crun

servers_often() {
  local status=0 name target good total=0 refused=0 line
  engine_up_crun "$SERVERS_OFTEN"
  servers_side_by_side servers_start_one || status=1
  engine_down "$SERVERS_OFTEN"
  for name in $(servers_names); do
    line=$name:
    for target in "${SERVER_TARGETS[@]}"; do
      good=$(server_good_starts "$SERVERS_OUT/$name/starts-$target.tsv")
      total=$((total + good))
      line+=" $target $good"
      refused=$((refused + $(server_refusals "$SERVERS_OUT/$name/starts-$target.evidence.json" | wc -l)))
      server_faults "$SERVERS_OUT/$name/starts-$target.evidence.json"
    done
    echo "$line"
  done
  echo "$total of $((SERVER_STARTS * 4 * $(servers_names | wc -l))) starts; $refused calls refused"
  return "$status"
}

servers_start_one() {
  local name=$1 out=$2 target status=0
  "${name}_image" "whittle-$name" || return 1
  for target in "${SERVER_TARGETS[@]}"; do
    server_starts "$name" "$target" "$SERVER_STARTS" "$out/$target.json" "$out/starts-$target.evidence.json" "$out/starts-$target.tsv" ||
      status=1
    [ "$(server_good_starts "$out/starts-$target.tsv")" = "$SERVER_STARTS" ] || { cat "$out/starts-$target.tsv"; status=1; }
    [ -z "$(server_faults "$out/starts-$target.evidence.json")" ] || { server_faults "$out/starts-$target.evidence.json"; status=1; }
  done
  return "$status"
}

# --- The table.

servers_compared() {
  local name level
  for name in $(servers_names); do
    for level in runc portable; do
      "$WHITTLE" report "$SERVERS_OUT/$name/recorded.evidence.json" --profile "$SERVERS_OUT/$name/$level.json" \
        --loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --json \
        > "$SERVERS_OUT/$name/report-$level.json" || return 1
    done
  done
  python3 scripts/lib/servers-table.py "$SERVERS_OUT" $(servers_names)
}
