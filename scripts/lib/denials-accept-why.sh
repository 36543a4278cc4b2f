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
