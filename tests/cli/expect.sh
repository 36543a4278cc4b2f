# For tests of the command line: each call states the exit code, what standard error must say, and the command.
#   expect CODE REGEX COMMAND...
#   expect_lines CODE LINES COMMAND...     LINES: how many lines of output
# A failure message must be one line. Ends with `finish`, which fails if any expectation did.
checks=0
faults=0

fault() {
  faults=$((faults + 1))
  printf 'FAULT: %s\n' "$*"
}

expect() {
  local code=$1 regex=$2 got=0 said
  shift 2
  said=$("$@" 2>&1 >/dev/null < /dev/null) || got=$?
  checks=$((checks + 1))
  [ "$got" = "$code" ] || fault "exit $got, expected $code: $* ($said)"
  # No pipe: grep may be gone before all of it is written.
  grep -qE -- "$regex" <<< "$said" || fault "'$said' does not say '$regex': $*"
  if [ "$code" -ge 2 ] && [ "$(printf '%s\n' "$said" | wc -l)" != 1 ]; then
    fault "more than one line: $*: $said"
  fi
}

# says CODE LINES REGEX COMMAND...: how many lines of standard output are like that.
says() {
  local code=$1 lines=$2 regex=$3 got=0 text
  shift 3
  text=$("$@" 2> /dev/null < /dev/null) || got=$?
  checks=$((checks + 1))
  [ "$got" = "$code" ] || fault "exit $got, expected $code: $*"
  [ "$(grep -cE -- "$regex" <<< "$text")" = "$lines" ] || fault "not $lines times '$regex': $*: ${text:0:500}"
}

# json_is CONDITION COMMAND...: standard output is one document `d` of which the condition holds.
json_is() {
  local condition=$1
  shift
  checks=$((checks + 1))
  { "$@" 2> /dev/null < /dev/null || true; } |
    python3 -c 'import json, sys; d = json.load(sys.stdin); assert eval(sys.argv[1]), str(d)[:500]' "$condition" ||
    fault "not '$condition': $*"
}

finish() {
  printf '%s checks, %s faults\n' "$checks" "$faults"
  [ "$checks" -gt 0 ] && [ "$faults" = 0 ]
}
