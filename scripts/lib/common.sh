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

# build_preset PRESET: configures and builds, quietly unless it fails; the log is build/PRESET.log.
build_preset() {
  local preset=$1 log=build/$1.log
  mkdir -p build
  say "build: $preset (log: $log)"
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset"; } > "$log" 2>&1; then
    grep -nE 'error|FAILED' "$log" | head -20 >&2
    fail 5 "the build of '$preset' failed; its log: $log"
  fi
}
