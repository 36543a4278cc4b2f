# Is what `recommend` says true? Each workload is recorded unconfined, and run again with the same load under every profile of
# the catalogue, watched for refusals; what a profile is said to leave open is asked of `simulate`, and of the filter that is
# installed while the container runs. Source after common.sh and engine.sh. WHITTLE is the program.
#   recommend_holds [NAME...]     on an engine of its own; default: the six servers, ls, chmod, a static Go program; the
#                                 programs with crun, too
#   recommend_holds_for NAME OUT [TARGET]   one of them, on the engine that answers; a line a profile in OUT/checked.tsv
# ADVICE_OUT is the folder for what is made. ADVICE_PROFILES: which profiles (all, few, protecting, or names with commas, as
# advice-recommend.py has them).

. scripts/lib/servers.sh
. scripts/lib/advice-programs.sh

ADVICE_ENGINE=/tmp/whittle-accept-advice
advice_check=scripts/lib/advice-recommend.py

# A loader for a server or a program.
advice_use() { declare -F "$1_image" > /dev/null || server_use "$1"; }

recommend_holds() {
  local out=${ADVICE_OUT:-$(realpath -m "${results:-build/accept/advice}")/recommend} names=("$@") name status=0
  [ $# -gt 0 ] || mapfile -t names < <(basename -s .sh scripts/servers/*.sh; printf '%s\n' "${ADVICE_PROGRAMS[@]}")
  rm -rf "$out"
  engine_up_crun "$ADVICE_ENGINE"
  for name in "${names[@]}"; do
    recommend_holds_for "$name" "$out/$name" || status=1
  done
  for name in "${names[@]}"; do
    [[ " ${ADVICE_PROGRAMS[*]} " != *" $name "* ]] || recommend_holds_for "$name" "$out/$name-crun" crun || status=1
  done
  engine_down "$ADVICE_ENGINE"
  cat "$out"/*/checked.tsv | grep FAULT
  cat "$out"/*/checked.tsv | python3 "$advice_check" sum || status=1
  return "$status"
}

# The same in any order: one life after the other, since a recorder asks whose a new container is.
recommend_holds_for() {
  local name=$1 out=$2 folder status=0
  SERVER_TARGET=${3:-runc}
  advice_use "$name"
  mkdir -p "$out"
  : > "$out/checked.tsv"
  "${name}_image" "whittle-$name" || return 1
  folder=$(server_folder)
  advice_lives "$name" "$out" "$folder" || status=1
  rm -rf "$folder"
  [ "$status" = 0 ] || echo "$name ($SERVER_TARGET): not all of it holds; see $out"
  sed "s/^/$SERVER_TARGET\t/" -i "$out/checked.tsv"
  cat "$out/checked.tsv"
  [ "$status" = 0 ] && ! grep -q FAULT "$out/checked.tsv"
}

advice_lives() {
  local name=$1 out=$2 folder=$3 profile profiles
  server_life "$name" "$folder" "$out/recorded.evidence.json" "$out/recorded.answers" unconfined || return 1
  advice_recommended "$out" || return 1
  profiles=$(python3 "$advice_check" names "$out/recommend.json" "${ADVICE_PROFILES:-all}") && [ -n "$profiles" ] || return 1
  for profile in $profiles; do
    "$WHITTLE" profile new --from "$profile" -o "$out/$profile.json" 2> /dev/null || return 1
    advice_opens "$out" "$profile" || return 1
    # Docker's own default as users have it: nothing is said.
    [ "$profile" = docker-default ] && advice_life "$name" "$out" "$folder" "$profile" default && continue
    advice_life "$name" "$out" "$folder" "$profile" "$out/$profile.json" || return 1
  done
  advice_amended "$name" "$out" "$folder"
}

# What is said, and the profile of its own that it is compared with.
advice_recommended() {
  local out=$1 target=()
  [ "$SERVER_TARGET" = runc ] || target=(--runtime "$SERVER_TARGET")
  show_and_run "$WHITTLE" recommend "$out/recorded.evidence.json" "${target[@]}" > "$out/recommend.txt"
  "$WHITTLE" recommend "$out/recorded.evidence.json" "${target[@]}" --json > "$out/recommend.json" || [ $? = 1 ] || return 1
  "$WHITTLE" generate "$out/recorded.evidence.json" "${target[@]}" -o "$out/own.json" 2> /dev/null || return 1
  "$WHITTLE" show "$out/recorded.evidence.json" --calls --arrived > "$out/recorded.calls"
  advice_asks "$out" own
}

# advice_asks OUT PROFILE: numbers 0-600 of every ABI, with arguments around the profile's conditions, and the answers.
advice_asks() {
  local out=$1 profile=$2
  python3 scripts/lib/servers-calls.py "$out/$profile.json" > "$out/$profile.calls"
  "$WHITTLE" simulate "$out/$profile.json" --calls "$out/$profile.calls" > "$out/$profile.said"
}

# Calls said to be left open beyond the evidence are just those that pass, and that the own profile does not let pass.
advice_opens() {
  advice_asks "$1" "$2" || return 1
  "$WHITTLE" explain "$1/$2.json" --json > "$1/$2.explained.json" 2> /dev/null
  python3 "$advice_check" beyond "$1" "$2" >> "$1/checked.tsv"
}

# advice_life NAME OUT FOLDER PROFILE SECCOMP: one life under it, and whether it went as was said.
advice_life() {
  local name=$1 out=$2 folder=$3 profile=$4 seccomp=$5 went=well
  # What is said not to work is asked once, and briefly: a server that lost a thread may never answer.
  if [ "$(python3 "$advice_check" works "$out" "$profile")" = no ]; then
    local SERVER_CYCLES=1 REQUEST_SECONDS=5
  fi
  rm -f "$out/$profile.evidence.json" "$out/$profile.installed"
  : > "$out/$profile.answers"
  server_life "$name" "$folder" "$out/$profile.evidence.json" "$out/$profile.answers" "$seccomp" \
    advice_installed "$name" "$out" "$profile" > "$out/$profile.log" 2>&1 || went=badly
  "$WHITTLE" show "$out/$profile.evidence.json" --calls --arrived > "$out/$profile.seen" 2> /dev/null || : > "$out/$profile.seen"
  python3 "$advice_check" life "$out" "$profile" "$went" >> "$out/checked.tsv"
}

# While it runs: what the filter in its first process answers. A program that has ended has none.
advice_installed() {
  local name=$1 out=$2 profile=$3
  [ "$("$DOCKER" inspect -f '{{.State.Running}}' "$(server_container "$name")")" = true ] || return 0
  "$WHITTLE" simulate "container:$(server_container "$name")" --calls "$out/$profile.calls" > "$out/$profile.installed"
}

# The command that is advised for the tightest near miss, as it stands; what it makes has to work.
advice_amended() {
  local name=$1 out=$2 folder=$3 command words
  command=$(python3 "$advice_check" amended "$out/recommend.json")
  [ -n "$command" ] || return 0
  read -ra words <<< "$command"
  (cd "$out" && "$WHITTLE" "${words[@]:1}") > "$out/amended.log" 2>&1 || return 1
  mv "$out/${words[-1]}" "$out/amended.json"
  advice_asks "$out" amended
  advice_life "$name" "$out" "$folder" amended "$out/amended.json"
}
