#!/usr/bin/env bash
# Bad input, one line each: what it says and which exit code it has. Usage: bad_input.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

: > empty.json
printf '{\n  "defaultAction": SCMP_ACT_ERRNO\n}\n' > broken.json
printf '{"defaultAction": "SCMP_ACT_ALOW", "syscalls": []}\n' > action.json
printf '{"defaultAction": "SCMP_ACT_ERRNO",\n "architectures": ["SCMP_ARCH_X86_64"],\n "syscalls": [{"names": ["read", "execve"], "action": "SCMP_ACT_ALLOW"}]}\n' > ok.json
printf '["read"]\n' > list.json
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n {"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EG"}]}]}\n' > operator.json
printf '{"format": "whittle-evidence", "version": 99}\n' > newer.evidence.json
head -c 100000 /dev/zero | tr '\0' '[' > deep.json
head -c 4096 /dev/urandom > noise.json

# Files.
for verb in show merge generate; do
  expect 3 'nowhere.json.*No such file' "$whittle" $verb nowhere.json
  expect 3 'empty.json.*empty' "$whittle" $verb empty.json
  expect 3 'broken.json:2:[0-9]+' "$whittle" $verb broken.json
  expect 3 'list.json:1:1.*(object|array)' "$whittle" $verb list.json
  expect 3 'noise.json' "$whittle" $verb noise.json
  expect 3 'deep.json.*nested' "$whittle" $verb deep.json
  expect 3 'newer.evidence.json.*99' "$whittle" $verb newer.evidence.json
done
expect 3 'folder|directory' "$whittle" show .
for verb in simulate; do
  expect 3 'nowhere.json.*No such file' "$whittle" $verb nowhere.json read
  expect 3 'empty.json.*empty' "$whittle" $verb empty.json read
  expect 3 'broken.json:2:[0-9]+' "$whittle" $verb broken.json read
  expect 3 'list.json:1:1' "$whittle" $verb list.json read
  expect 3 'action.json:1:19: /defaultAction: .*SCMP_ACT_ALOW.*SCMP_ACT_ALLOW' "$whittle" $verb action.json read
  expect 3 "operator.json:2:[0-9]+: /syscalls/0/args/0/op: .*expected one like SCMP_CMP_EQ, did you mean 'SCMP_CMP_EQ'" \
    "$whittle" $verb operator.json read
  expect 3 'noise.json' "$whittle" $verb noise.json read
  expect 3 'deep.json.*nested' "$whittle" $verb deep.json read
done
expect 3 "nowhere.json" "$whittle" verify nowhere.json newer.evidence.json
expect 3 "action.json:1" "$whittle" verify action.json newer.evidence.json
expect 3 "newer.evidence.json.*99" "$whittle" verify ok.json newer.evidence.json
expect 3 "action.json:1" "$whittle" run --profile action.json -- true
expect 3 "no program 'no-such-program'" "$whittle" run --profile ok.json -- no-such-program

# Calls.
expect 3 "opneat.*did you mean 'openat'" "$whittle" simulate ok.json opneat
expect 3 'opneat' "$whittle" syscalls opneat
printf 'x86_64 read(0)\nx86_64 opneat()\n' > calls.txt
expect 3 'calls.txt:2.*opneat' "$whittle" simulate ok.json --calls calls.txt

# Usage.
expect 2 'no-such-option' "$whittle" show --no-such-option x
expect 2 'required' "$whittle" simulate
expect 2 'duration' "$whittle" record --for soon -o soon.json -- true
expect 2 "'relaod' is no phase.*reload" "$whittle" record --exercised relaod -o x.json -- true
expect 2 'only one thing' "$whittle" record --image a --container b
expect 2 'wait needs' "$whittle" record --wait --pid 1
expect 2 '' "$whittle" nonsense
expect 2 '--pid: Value 0 not in range 1 to 2147483647' "$whittle" record --pid 0
expect 2 'expected docker or podman' "$whittle" run --profile ok.json --engine bogus --image box
# What is echoed does not reach the terminal raw.
expect 2 '--f\\x1b\[31m' "$whittle" record $'--f\e[31m'
expect 2 'loader' "$whittle" simulate ok.json read --loader dokcer

finish
