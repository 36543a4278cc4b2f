# `why` on broken containers, for scripts/acceptance/denials.sh.

# Every case on docker and podman with runc and crun: the right cause first.
why_containers() {
  local folder=/tmp/whittle-accept-why log=$results/why.full.log status=0
  engine_up_crun "$folder"
  engine_busybox
  tests/live/why_cases.sh "$WHITTLE" | tee "$log" || status=1
  engine_down "$folder"
  grep -q SKIPPED "$log" && status=1
  grep -v '^ok' "$log" | tail -1
  return "$status"
}

# Containers that are gone: what `denials --keep` wrote of them.
why_gone() {
  local folder=/tmp/whittle-accept-gone log=$results/why-gone.full.log status=0
  engine_up "$folder"
  engine_busybox
  tests/live/denials_keep.sh "$WHITTLE" > "$log" || status=1
  engine_down "$folder"
  grep -q SKIPPED "$log" && status=1
  printf '%s of %s checks hold\n' "$(grep -c '^ok' "$log")" "$(grep -cE '^(ok|NOT ok)' "$log")"
  return "$status"
}
