# The acceptance line of `whittle inspect`. Source after common.sh and engine.sh.

# The same container under none, Docker's default and ours, two stacked filters, waits that must not be woken: the live test, in
# full, with a daemon of its own.
inspect_live() {
  local folder=/tmp/whittle-accept-inspect status=0 log=$results/inspect.full.log
  engine_up "$folder"
  WHITTLE_FULL=1 build/dev/tests/live/inspect_test > "$log" 2>&1 || status=1
  engine_down "$folder"
  grep -qE 'SKIPPED' "$log" && status=1
  echo "$(grep -cE '^\[ +OK' "$log") tests as the kernel answers, $(grep -cE '^\[  FAILED' "$log") failures, $(grep -cE 'SKIPPED' "$log") skipped"
  return "$status"
}
