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
  printf '%s' "$said" | grep -qE -- "$regex" || fault "'$said' does not say '$regex': $*"
  if [ "$code" -ge 2 ] && [ "$(printf '%s\n' "$said" | wc -l)" != 1 ]; then
    fault "more than one line: $*: $said"
  fi
}

finish() {
  printf '%s checks, %s faults\n' "$checks" "$faults"
  [ "$checks" -gt 0 ] && [ "$faults" = 0 ]
}
