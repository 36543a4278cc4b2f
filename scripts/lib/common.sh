# Shared by the scripts: messages and the few checks that all of them make. Source it.

# Says one line of progress on standard error.
say() { printf '%s\n' "$*" >&2; }

# fail CODE MESSAGE: ends the script; codes are those of `whittle` (docs/cli.md).
fail() {
  local code=$1
  shift
  printf 'error: %s\n' "$*" >&2
  exit "$code"
}
