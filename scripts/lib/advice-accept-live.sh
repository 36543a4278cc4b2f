# What needs containers, for scripts/acceptance/advice.sh. WHITTLE is the program.

# The first tutorials' steps.
advice_brief() {
  local folder=/tmp/whittle-accept-brief log=$results/brief.full.log status=0
  engine_up "$folder"
  engine_busybox
  tests/live/advice_brief.sh "$WHITTLE" | tee "$log" || status=1
  engine_down "$folder"
  ! grep -q SKIPPED "$log" || status=1
  printf '%s of %s checks hold\n' "$(grep -c '^ok' "$log")" "$(grep -cE '^(ok|NOT ok)' "$log")"
  return "$status"
}
