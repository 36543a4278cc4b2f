#!/usr/bin/env bash
# What the command line says of wrong usage, kind by kind, and how words become values. Usage: usage.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# wrong WHAT ARGUMENTS...: usage error, in exactly these words.
wrong() {
  local what=$1
  shift
  expect 2 "^error: $what\$" "$whittle" "$@"
}
see() { printf "\\(see 'whittle%s --help'\\)" "${1:+ $1}"; }

wrong "The following argument was not expected: nope $(see)" nope
wrong "The following argument was not expected: --nope $(see show)" show a.json --nope
wrong "The following argument was not expected: b $(see syscalls)" syscalls a b
wrong "evidence is required $(see show)" show
wrong "--profile is required $(see run)" run -- true
wrong "A subcommand is required $(see profile)" profile
wrong "profiles: At least 2 required but received 1 $(see profile)" profile intersect one.json
wrong "--output: 1 required TEXT missing $(see record)" record -o
wrong "--per: daily not in \\{run,replica\\} $(see show)" show a.json --counts --per daily
wrong "--per requires --counts $(see show)" show a.json --per run
wrong "--gaps excludes --calls $(see show)|--calls excludes --gaps $(see show)" show a.json --gaps --calls
wrong "--container excludes --pid $(see inspect)|--pid excludes --container $(see inspect)" inspect --pid 1 --container web
for pid in 0 -1 2147483648 99999999999999999999 abc 1.5; do
  wrong "--pid: Value $pid not in range 1 to 2147483647 $(see record)" record --pid="$pid"
done
wrong "--starts: Value 10001 not in range 1 to 10000 $(see baseline)" baseline --starts 10001
# What a verb makes of words that the parser knows nothing of is the verb's own: negative numbers, an engine's options.
wrong "unknown option '--nope' $(see simulate)" simulate docker-default openat --nope
wrong "--json stands among the engine's arguments: put it before the first of them" run --profile docker-default x --json
wrong "unexpected '--rm': .*" run --profile docker-default --rm

target=(--loader docker --runtime runc --kernel 6.1 --arch x86_64)
says 0 1 '^ALLOW$' "$whittle" simulate docker-default "${target[@]}" openat -100 0
# A list takes all words up to the next option, or one each, or splits them.
says 0 1 '^ERRNO' "$whittle" simulate docker-default "${target[@]}" --cap none mount
says 0 1 '^ALLOW$' "$whittle" simulate docker-default "${target[@]}" --cap sys_admin --cap chown mount
new=("$whittle" profile new --from docker-default "${target[@]}" -o out.json)
expect 0 'removed: chmod, fchmod, mkdir: ERRNO' "${new[@]}" --remove chmod,fchmod mkdir
# A command is not touched by the parser.
wrong "say where the evidence goes .*" record -- true --nope
says 0 1 '^Usage: whittle show \[OPTIONS\] evidence\.\.\.$' "$whittle" show --help
says 0 1 '^  --starts UINT:INT in \[1 - 10000\]=50$' "$whittle" baseline --help
says 0 1 '^Example:$' "$whittle" baseline --help
says 0 1 '^Target \(default: what this host has\):$' "$whittle" verify --help
says 0 1 '^whittle [0-9.]+$' "$whittle" --version
says 2 1 '^  show  +what evidence holds' "$whittle"
finish
