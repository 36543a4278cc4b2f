#!/usr/bin/env bash
# `whittle simulate` as scripts see it. Usage: simulate.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1 --cap none)

# prints EXPECTED COMMAND...: standard output is exactly that, exit code 0.
prints() {
  local wanted=$1 got
  shift
  got=$("$@" 2>/dev/null < /dev/null) || fault "exit $?: $*"
  checks=$((checks + 1))
  [ "$got" = "$wanted" ] || fault "printed '$got', expected '$wanted': $*"
}

cat > all.json <<'J'
{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 7, "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
 "syscalls": [
  {"names": ["read", "rseq"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["write"], "action": "SCMP_ACT_LOG"},
  {"names": ["open"], "action": "SCMP_ACT_TRACE", "errnoRet": 0},
  {"names": ["close"], "action": "SCMP_ACT_TRAP"},
  {"names": ["stat"], "action": "SCMP_ACT_KILL"},
  {"names": ["fstat"], "action": "SCMP_ACT_KILL_PROCESS"},
  {"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}]}
J
cat > calls.txt <<'C'
# every verdict
x86_64 read(0, 0x7f00, 16)
x86_64 write
x86_64 open
x86_64 close

x86_64 stat   # SCMP_ACT_KILL
x86_64 fstat
x86_64 #452
x86_64 mount
x86 #3
x32 read
x86_64 dup(-1)
C
verdicts='ALLOW
LOG
TRACE(0)
TRAP(0)
KILL_THREAD
KILL_PROCESS
ERRNO(38)
ERRNO(1)
ALLOW
KILL_THREAD
ALLOW'
prints "$verdicts" "$whittle" simulate all.json --calls calls.txt "${target[@]}"
prints "$verdicts" bash -c '"$@" < calls.txt' - "$whittle" simulate all.json --calls - "${target[@]}"
prints 'ALLOW' "$whittle" simulate all.json "${target[@]}" dup -1
prints 'ALLOW' "$whittle" simulate all.json dup -1 "${target[@]}"
prints 'ERRNO(1)' "$whittle" simulate all.json dup 1 "${target[@]}"
prints 'ERRNO(7)' "$whittle" simulate all.json mount --loader docker --loader-version 23.0 --runtime runc
prints 'ALLOW' "$whittle" simulate all.json --abi i386 read "${target[@]}"
prints 'ERRNO(1)' "$whittle" simulate docker-default 'x86_64 clone(0x10000000)' "${target[@]}"
prints 'ALLOW' "$whittle" simulate docker-default clone 0x10000000 "${target[@]}" --cap default,sys_admin
printf '{}\n' > empty.json
prints 'UNCONFINED' "$whittle" simulate empty.json mount "${target[@]}"
prints 'REFUSED' "$whittle" simulate empty.json mount --loader oci --runtime crun
printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}\n' > notify.json
prints 'NOTIFY' "$whittle" simulate notify.json mkdir --loader oci --runtime crun
prints 'REFUSED' "$whittle" simulate notify.json mkdir "${target[@]}"

# load is a question, too; filters stack; ABIs and capabilities have other spellings.
prints 'OK' "$whittle" simulate all.json load "${target[@]}"
prints 'REFUSED' "$whittle" simulate notify.json 'x86_64 load' "${target[@]}"
prints 'OK' "$whittle" simulate empty.json load "${target[@]}"
printf 'load\nx86_64 read\narm load\n' > load.txt
prints $'OK\nALLOW\nOK' "$whittle" simulate all.json --calls load.txt "${target[@]}"
printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}]}\n' > inner.json
prints 'ERRNO(5)' "$whittle" simulate stack=all.json,inner.json read "${target[@]}"
prints 'ERRNO(1)' "$whittle" simulate stack=all.json,inner.json mount "${target[@]}"
prints 'LOG' "$whittle" simulate stack=inner.json,all.json 'x86_64 #1' --loader docker --runtime runc --arch amd64 --cap -
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["exit", "read"], "action": "SCMP_ACT_ALLOW"}]}\n' > a.json
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["exit", "sync"], "action": "SCMP_ACT_ALLOW"}]}\n' > b.json
for call in read sync; do
  prints 'ALLOW' "$whittle" simulate 'merge(a.json,b.json)' $call --loader oci --runtime crun --arch x86_64
  prints 'ERRNO(1)' "$whittle" simulate 'intersect(a.json,b.json)' $call --loader oci --runtime crun --arch x86_64
done
expect 3 'unconfined.*is no profile' "$whittle" simulate 'merge(a.json,unconfined)' read --loader oci --runtime crun
prints 'ERRNO(1)' "$whittle" simulate docker-default 'aarch64 mount' --loader docker --runtime runc --arch arm64 --cap -
prints 'ALLOW' "$whittle" simulate docker-default 'arm read' --loader docker --runtime runc --arch aarch64 --cap -
prints 'ALLOW' "$whittle" simulate docker-default read --loader docker --runtime runc --arch s390x --cap -

# --explain names what decided, --json is one document.
explain() { "$whittle" simulate "$@" --explain 2>/dev/null; }
checks=$((checks + 4))
explain all.json read "${target[@]}" | grep > /dev/null 'rule 0 (all.json:3:3)' || fault 'the rule is not explained'
explain all.json clone3 "${target[@]}" | grep > /dev/null 'enosys-stub' || fault 'the stub is not explained'
explain docker-default bpf "${target[@]}" | grep > /dev/null 'not-selected' || fault 'the selector is not explained'
# ... and what became of the other rules that name the call, or why a rule holds that does not as it is written.
cat > losers.json <<'J'
{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
 "syscalls": [
  {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
  {"names": ["mount"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["dup"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
  {"names": ["dup"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["kill"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 7, "op": "SCMP_CMP_EQ"}]},
  {"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]},
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 8, "valueTwo": 9, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["umask"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967297, "op": "SCMP_CMP_EQ"}]}]}
J
says 0 1 'rule 1 .*; rule 0 names it, but redundant-rule: ' "$whittle" simulate losers.json mount --explain "${target[@]}"
says 0 1 'rule 3 .*; rule 2 names it, but shadowed-rule: ' "$whittle" simulate losers.json dup 1 --explain "${target[@]}"
says 0 0 'names it' "$whittle" simulate losers.json dup 2 --explain "${target[@]}"
says 0 1 'rule 5 .*; rule 4 names it, but asked-later: ' "$whittle" simulate losers.json kill 7 9 --explain "${target[@]}"
says 0 1 'rule 6 .*, masked-value: ' "$whittle" simulate losers.json personality 8 --explain "${target[@]}"
says 0 1 'rule 7 .*, narrow-arguments: ' "$whittle" simulate losers.json 'i386 umask(1)' --explain "${target[@]}"
json_is 'd["answers"][0]["losers"] == [{"rule": 0, "habit": "redundant-rule"}]' \
  "$whittle" simulate losers.json mount --json "${target[@]}"

# Of stacked filters, which decided.
says 0 1 '^ERRNO\(5\).*filter 2 of 2 \(inner.json\): rule 0 \(inner.json:1:' "$whittle" simulate stack=all.json,inner.json read --explain "${target[@]}"
says 0 1 '^ERRNO\(1\).*filter 1 of 2 \(all.json\): default-action' "$whittle" simulate stack=all.json,inner.json mount --explain "${target[@]}"
json_is 'd["answers"][0]["filter"] == 2 and d["answers"][0]["rule"] == 0' \
  "$whittle" simulate stack=all.json,inner.json read --json "${target[@]}"

# Refusals name the place.
expect 0 'notify.json:1:50: /syscalls/0/action: runc: SCMP_ACT_NOTIFY needs a listenerPath' "$whittle" simulate notify.json mkdir "${target[@]}"
said=$("$whittle" prove notify.json all.json "${target[@]}" 2>&1)
checks=$((checks + 1))
grep -q '^error: notify.json:1:50: /syscalls/0/action: .*would not take it: runc' <<< "$said" || fault "prove does not say where: $said"

# Too large: not loaded, and it is said where.
python3 - << 'P'
import json
rules = [{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": i, "op": "SCMP_CMP_EQ"}]} for i in range(5000)]
json.dump({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}] + rules}, open("huge.json", "w"))
P
printf 'load\nx86_64 read\n' > load-huge.txt
prints $'REFUSED\nREFUSED' "$whittle" simulate huge.json --calls load-huge.txt "${target[@]}"
expect 0 "huge.json:1:[0-9]+: /syscalls/1: .*5000 different rules with conditions for bpf on x86_64.*'bpf' has 5000 rules" \
  "$whittle" simulate huge.json load "${target[@]}"
expect 3 'huge.json:1:[0-9]+: /syscalls/1: the filter would have' "$whittle" simulate huge.json read "${target[@]}"
"$whittle" simulate all.json --calls calls.txt --json "${target[@]}" 2>/dev/null |
  python3 -c 'import json, sys; d = json.load(sys.stdin); assert len(d["answers"]) == 11 and d["state"] == "filtered", d' ||
  fault '--json is not what it should be'

# Messages and exit codes.
expect 0 'target: docker 20.10.24, runc 1.1.5, x86_64, kernel 6.1' "$whittle" simulate all.json read "${target[@]}"
expect 0 'docker 20.10.24 ignores defaultErrnoRet' "$whittle" simulate all.json read "${target[@]}"
expect 3 "no system call 'raed', did you mean 'read'" "$whittle" simulate all.json raed "${target[@]}"
expect 3 "the call of that number is '#0'" "$whittle" simulate all.json 0 "${target[@]}"
expect 3 'it exists on i386' "$whittle" simulate all.json socketcall "${target[@]}"
printf 'x86_64 read\nx86_64 read(1\n' > broken.txt
expect 3 'broken.txt:2:' "$whittle" simulate all.json --calls broken.txt "${target[@]}"
expect 3 'names no process' "$whittle" simulate pid:x read "${target[@]}"
expect 2 'unknown option' "$whittle" simulate all.json read --explian "${target[@]}"
expect 2 'unknown loader' "$whittle" simulate all.json read --loader dokcer --runtime runc
expect 2 'unknown capability' "$whittle" simulate all.json read --cap SYS_ADMEN --loader oci --runtime runc
expect 3 'nowhere.json.*No such file' "$whittle" simulate stack=all.json,nowhere.json read "${target[@]}"
expect 2 'give a call' "$whittle" simulate all.json "${target[@]}"
expect 2 'not both' "$whittle" simulate all.json read --calls calls.txt "${target[@]}"

if [ "$(id -u)" = 0 ]; then
  expect 3 'no process 999999' "$whittle" simulate pid:999999 read "${target[@]}"
  grep -q '^Seccomp:\s*0' /proc/self/status && prints 'UNCONFINED' "$whittle" simulate "pid:$$" read "${target[@]}"
fi

finish
