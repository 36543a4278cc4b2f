#!/usr/bin/env bash
# `whittle inspect` and `whittle disasm` as scripts see them. Usage: inspect.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
sleepers=()
trap 'kill "${sleepers[@]}" 2> /dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1 --cap none)
tab=$'\t'

# One filter, as bytes: getpgrp fails with 77, sysinfo is logged, dup(7) fails with 9.
python3 - > filter.bpf << 'P'
import struct, sys
LD, JEQ, RET = 0x20, 0x15, 0x06
ERRNO, LOG, ALLOW = 0x50000, 0x7ffc0000, 0x7fff0000
for code, yes, no, k in [(LD, 0, 0, 4), (JEQ, 0, 8, 0xc000003e), (LD, 0, 0, 0),
                         (JEQ, 0, 1, 111), (RET, 0, 0, ERRNO | 77), (JEQ, 0, 1, 99), (RET, 0, 0, LOG),
                         (JEQ, 0, 2, 32), (LD, 0, 0, 16), (JEQ, 1, 0, 7), (RET, 0, 0, ALLOW), (RET, 0, 0, ERRNO | 9)]:
    sys.stdout.buffer.write(struct.pack("HBBI", code, yes, no, k))
P
# Runs a command under it.
cat > under.py << 'P'
import ctypes, os, sys
program = open(sys.argv[1], "rb").read()
class Filter(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("first", ctypes.c_char_p)]
prctl = ctypes.CDLL(None, use_errno=True).prctl
prctl(38, 1, 0, 0, 0)
if prctl(22, 2, ctypes.byref(Filter(len(program) // 8, program)), 0, 0) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
P

# Sleeps with a thread under it, beside a leader without; writes the ids of both.
cat > beside.py << 'P'
import ctypes, os, sys, threading, time
program = open(sys.argv[1], "rb").read()
class Filter(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("first", ctypes.c_char_p)]
def filtered():
    prctl = ctypes.CDLL(None).prctl
    if prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, ctypes.byref(Filter(len(program) // 8, program)), 0, 0) == 0:
        with open("ids.part", "w") as ids:
            print(os.getpid(), threading.get_native_id(), file=ids)
        os.rename("ids.part", "ids")
    time.sleep(300)
threading.Thread(target=filtered, daemon=True).start()
time.sleep(300)
P

# A file.
says 0 1 '^filter 1 of 1, 12 instructions:$' "$whittle" disasm filter.bpf
says 0 1 '^ +1  jeq 0xc000003e  \? 2 : 10 +arch == x86_64$' "$whittle" disasm filter.bpf
says 0 1 '^ +4  ret 0x5004d +ERRNO\(77\)' "$whittle" disasm filter.bpf
says 0 12 '^[> ] +[0-9]+  (ld|jeq|ret) ' bash -c '"$0" disasm - < filter.bpf' "$whittle"
says 0 1 '^x86_64 dup: ERRNO\(9\) EBADF or ALLOW, by args\[0\]$' "$whittle" disasm filter.bpf dup
says 0 1 '^x86_64 dup\(0x7\): ERRNO\(9\) EBADF$' "$whittle" disasm filter.bpf dup 7
says 0 1 '^x86_64 dup\(0x8\): ALLOW$' "$whittle" disasm filter.bpf dup 8
says 0 1 "^x86_64${tab}dup${tab}ERRNO\\(9\\) EBADF or ALLOW${tab}args\\[0\\]${tab}9$" "$whittle" disasm filter.bpf --calls
says 0 0 '^i386' "$whittle" disasm filter.bpf --calls --abi x86_64
says 0 1 "^i386${tab}dup${tab}ALLOW${tab}-${tab}3$" "$whittle" disasm filter.bpf --calls
json_is 'len(d["filters"]) == 1 and len(d["filters"][0]) == 12 and d["filters"][0][4]["k"] == 0x5004d' "$whittle" disasm filter.bpf --json
json_is '[w["verdict"] for w in d["ways"]] == ["ERRNO(9)", "ALLOW"] and d["ways"][0]["paths"] == [[0, 1, 2, 3, 5, 7, 8, 9, 11]]' "$whittle" disasm filter.bpf dup --json
json_is 'any(c["abi"] == "x86_64" and c["call"] == "getpgrp" and c["steps"] == 5 for c in d["calls"])' "$whittle" disasm filter.bpf --calls --json

# A profile, compiled for the target that is named.
expect 0 'target: docker 20.10.24, runc 1.1.5, x86_64, kernel 6.1' "$whittle" disasm docker-default "${target[@]}"
says 0 1 '^x86_64 clone: ERRNO\(1\) EPERM or ALLOW, by args\[0\]$' "$whittle" disasm docker-default clone "${target[@]}"
says 0 1 '^x86_64 clone\(0x10000000\): ALLOW$' "$whittle" disasm docker-default clone 0x10000000 "${target[@]}" --cap sys_admin
says 0 1 "^x86_64${tab}clone3${tab}ERRNO\\(38\\) ENOSYS${tab}-${tab}[0-9]+$" "$whittle" disasm docker-default --calls "${target[@]}"
printf '{}\n' > nothing.json
expect 0 'no filter would be installed' "$whittle" disasm nothing.json "${target[@]}"

# What is no filter.
: > empty.bpf
head -c 12 filter.bpf > torn.bpf
for _ in {1..4097}; do printf '\x06\0\0\0\0\0\xff\x7f'; done > long.bpf
printf '\x0f\0\x01\x02\0\0\0\0' > jumps.bpf
head -c 72 filter.bpf > endless.bpf
printf 'garbage\n' > garbage.bpf
expect 3 'empty.bpf.*empty' "$whittle" disasm empty.bpf
expect 3 'torn.bpf: .*12 bytes.*8 bytes' "$whittle" disasm torn.bpf
expect 3 'long.bpf: .*4097 instructions.*4096' "$whittle" disasm long.bpf
expect 3 'jumps.bpf: no raw filter: .*instruction 0' "$whittle" disasm jumps.bpf
expect 3 'endless.bpf: no raw filter: ' "$whittle" disasm endless.bpf
expect 3 'garbage.bpf:1:1: /: not valid JSON' "$whittle" disasm garbage.bpf
expect 3 'nowhere.bpf.*No such file' "$whittle" disasm nowhere.bpf
expect 3 "did you mean 'openat'" "$whittle" disasm filter.bpf opneat
expect 3 "pid:x.*names no process" "$whittle" disasm pid:x
expect 2 'source is required' "$whittle" disasm
expect 2 'not both' "$whittle" disasm filter.bpf read --calls
expect 2 "unknown ABI 'vax'" "$whittle" disasm filter.bpf read --abi vax
expect 2 'unknown option' "$whittle" disasm filter.bpf --clals

# Usage of inspect.
expect 2 'pid.*x' "$whittle" inspect --pid x
expect 2 'pid.*0' "$whittle" inspect --pid 0
expect 2 'pid excludes --container' "$whittle" inspect --pid 1 --container web
expect 2 'not expected: --jason' "$whittle" inspect --jason
expect 3 'no process 999999' "$whittle" inspect --pid 999999

# A process under the filter, and one without.
sleep 300 > /dev/null &
sleepers+=($!)
python3 under.py filter.bpf sleep 300 > /dev/null &
sleepers+=($!)
plain=${sleepers[0]} filtered=${sleepers[1]}
for _ in {1..100}; do
  [ "$(cat "/proc/$filtered/comm" 2> /dev/null)" = sleep ] && break
  sleep 0.1
done
[ "$(cat "/proc/$filtered/comm" 2> /dev/null)" = sleep ] || fault 'the process under the filter did not start'

# CAP_PERFMON and CAP_BPF.
capabilities=$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status)
if [ $((0x$capabilities >> 38 & 3)) != 3 ] || [ ! -e /sys/kernel/btf/vmlinux ]; then
  # The rest is shown all the same.
  expect 4 'cannot be loaded' "$whittle" inspect --pid "$filtered"
  says 4 1 "^process $filtered \\(.*sleep" "$whittle" inspect --pid "$filtered"
  finish
  exit
fi
says 0 1 "^process [0-9]+ \\(.*/whittle\\)" "$whittle" inspect
says 0 1 "^process $filtered \\(.*sleep\\)" "$whittle" inspect --pid "$filtered"
json_is 'd["process"]["name"] == "whittle" and d["container"] is None' "$whittle" inspect --json
json_is 'd["process"]["pid"] == '"$filtered"' and d["process"]["no_new_privs"] and d["seccomp"]["mode"] == "filter"' "$whittle" inspect --pid "$filtered" --json
says 0 1 "^x86_64${tab}getpgrp${tab}blocked${tab}ERRNO\\(77\\)[^${tab}]*${tab}-${tab}-$" "$whittle" inspect --pid "$filtered" --calls
says 0 1 "^x86_64${tab}sysinfo${tab}logged${tab}LOG${tab}-${tab}-$" "$whittle" inspect --pid "$filtered" --calls
says 0 1 "^x86_64${tab}dup${tab}depends${tab}ERRNO\\(9\\) EBADF or ALLOW${tab}args\\[0\\]${tab}-$" "$whittle" inspect --pid "$filtered" --calls
checks=$((checks + 1))
odd=$("$whittle" inspect --pid "$filtered" --calls |
  grep -vE "^(x86_64|i386|x32)${tab}[^${tab}]+${tab}(allowed|logged|depends|blocked)${tab}[^${tab}]+${tab}[^${tab}]+${tab}(absent|-)$")
[ -z "$odd" ] || fault "lines of inspect --calls that are not as documented: ${odd:0:500}"
expect 0 'warning: .*--ptrace stops the thread' "$whittle" inspect --pid "$filtered" --ptrace
says 0 1 '^x86_64 dup\(0x7\): ERRNO\(9\) EBADF$' "$whittle" disasm "pid:$filtered" dup 7
expect 3 'no process 999999' "$whittle" disasm pid:999999
if grep -q '^Seccomp:\s*0' /proc/self/status; then
  expect 0 'there is no filter' "$whittle" disasm "pid:$plain"
  says 0 0 . "$whittle" inspect --pid "$plain" --calls
  expect 0 "^note: thread $plain has no filter" "$whittle" inspect --pid "$plain" --calls
  json_is 'd["seccomp"]["mode"] == "disabled"' "$whittle" inspect --pid "$plain" --json
  says 0 12 '^[> ] +[0-9]+  (ld|jeq|ret) ' "$whittle" disasm "pid:$filtered"

  # A process whose threads differ.
  python3 beside.py filter.bpf > /dev/null &
  sleepers+=($!)
  for _ in {1..100}; do
    [ -e ids ] && break
    sleep 0.1
  done
  read -r leader thread < ids || fault 'the process whose threads differ did not start'
  differ="note: pid:$leader: threads differ: 1 of 2 have other filters, this is thread $leader; name a thread with pid:TID"
  expect 0 "$differ" "$whittle" disasm "pid:$leader" dup 7
  expect 0 "$differ" "$whittle" simulate "pid:$leader" dup 7
  expect 1 "$differ" "$whittle" prove "pid:$leader" filter.bpf
  said=$("$whittle" disasm "pid:$thread" dup 7 2>&1 > /dev/null)
  checks=$((checks + 1))
  [ -z "$said" ] || fault "a note where a thread was named: $said"
  says 0 1 '^x86_64 dup\(0x7\): ERRNO\(9\) EBADF$' "$whittle" disasm "pid:$thread" dup 7
  says 0 1 "^thread $thread of process $leader" "$whittle" inspect --pid "$thread"
  json_is 'd["process"]["pid"] == '"$leader"' and d["process"]["thread"] == '"$thread" "$whittle" inspect --pid "$thread" --json
fi

# Where a socket may be that only others can look for.
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$folder"
  mkdir -m 700 shut
  cp "$whittle" whittle
  as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)
  export DOCKER_HOST=unix://$folder/shut/docker.sock
  json_is 'd["engine_sockets"] is not None' "$whittle" inspect --pid "$plain" --json
  json_is 'd["engine_sockets"] is None' "${as_nobody[@]}" ./whittle inspect --pid "$plain" --json
  expect_text='engines not known: .*: Permission denied'
  checks=$((checks + 1))
  "${as_nobody[@]}" ./whittle inspect --pid "$plain" 2> /dev/null | tr -s ' \n' ' ' | grep > /dev/null "$expect_text" ||
    fault 'sockets out of sight are not told from none'
fi

finish
