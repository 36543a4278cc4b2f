#!/usr/bin/env bash
# `whittle import` as scripts see it. Usage: import.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# is WANTED GOT WHAT
is() {
  checks=$((checks + 1))
  [ "$1" = "$2" ] || fault "$3: expected '$1', got '$2'"
}
record() { # SERIAL SECONDS NUMBER
  printf 'type=SECCOMP msg=audit(%s.000:%s): pid=5 comm="d" exe="/d" sig=0 arch=c000003e syscall=%s compat=0 ip=0x1 code=0x7ffc0000\n' "$2" "$1" "$3"
}
calls() { "$whittle" show --calls "$1" 2> /dev/null | cut -f3-5 | paste -sd';'; }

# Pipes, both ways.
printf 'x86_64 read\nx86_64 #999\narm64 #56\n' > list.txt
is $'aarch64\topenat\tallowed;x86_64\t#999\tallowed;x86_64\tread\tallowed' \
  "$("$whittle" import - < list.txt 2> /dev/null | "$whittle" show --calls - | cut -f3-5 | paste -sd';')" 'import | show'
expect 0 'x86_64 number 999 has no name; it cannot be put into a JSON profile' "$whittle" import list.txt
expect 0 'read 3 lines \(calls\)' "$whittle" import list.txt

# Lines that are not understood.
printf 'x86_64 read\nx86_64 opneat\n' > typo.txt
expect 0 'typo.txt:2: not understood as calls' "$whittle" import typo.txt
"$whittle" import typo.txt --strict > strict.out 2> strict.err
is 3 $? '--strict'
is '' "$(cat strict.out)" '--strict writes nothing'
"$whittle" import typo.txt -o typo.json 2> /dev/null
is 1 "$("$whittle" show --gaps typo.json | grep -c not-understood)" 'the gap'

# Formats.
printf 'just a few words\nof a letter\n' > letter.txt
expect 3 'no format was recognized' "$whittle" import letter.txt
expect 2 "unknown format 'xml'" "$whittle" import --format xml list.txt
expect 0 'read 1 line \(profile\)' bash -c "echo '{\"defaultAction\": \"SCMP_ACT_ALLOW\"}' | $whittle import -"
expect 3 'no profile in it' bash -c "echo '{}' | $whittle import --format profile -"
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["re' > torn.json
expect 3 'torn.json:1:[0-9]+: /syscalls' "$whittle" import torn.json
expect 3 "read by 'whittle import'" "$whittle" show list.txt
expect 3 'cannot be opened' "$whittle" import nowhere.log

# Rotation: pieces in either order, following through both kinds.
record 10 1700000000 0 > audit.log.1
record 11 1700000000 1 >> audit.log.1
record 12 1700000001 41 > audit.log
record 11 1700000000 1 >> audit.log
"$whittle" import audit.log audit.log.1 -o one.json 2> /dev/null
"$whittle" import audit.log.1 audit.log -o two.json 2> /dev/null
cmp -s one.json two.json || fault 'the order of the pieces matters'
all=$'x86_64\tread\tlogged;x86_64\tsocket\tlogged;x86_64\twrite\tlogged'
is "$all" "$(calls one.json)" 'both pieces'
is '' "$("$whittle" show --gaps one.json)" 'no gap'
is 'total 3 records, 3 calls, 0 denied' "$("$whittle" import audit.log audit.log.1 --summary 2> /dev/null | tail -1)" 'a record twice'

# What has no wall clock is not of 1970, and what is seen equally often is sorted by name.
for call in write newfstat getpid; do
  printf ' sh 7 [001] 12345.678901: syscalls:sys_enter_%s: x: 1\n sh 7 [001] 12345.678902: syscalls:sys_exit_%s: 0x0\n' $call $call
done > events.txt
is $'fstat - -\ngetpid - -\nwrite - -' "$("$whittle" import events.txt --summary 2> /dev/null | sed 1d | grep -v '^total' | cut -f 4,6,7 | tr '\t' ' ')" 'undated calls, sorted'

follow() { # rename|truncate
  rm -f live.log live.log.1
  cp audit.log.1 live.log
  "$whittle" import --follow live.log --for 3s -o followed.json 2> /dev/null &
  local pid=$!
  sleep 1
  if [ "$1" = rename ]; then mv live.log live.log.1; else cp live.log live.log.1; fi
  cat audit.log > live.log
  wait "$pid"
  is "$all" "$(calls followed.json)" "followed through $1"
  is '' "$("$whittle" show --gaps followed.json)" "no gap after $1"
}
for undated in '7 12:00:01.5 getpid() = 7' '7      0.000012 getpid() = 7'; do
  printf '%s\n%s\n' "$undated" "$undated" > day.txt
  is 1 "$("$whittle" import day.txt 2> /dev/null | "$whittle" show - | grep -c '^  undated, 1 epoch of 1000 ms')" 'a time without a day'
done
follow rename
follow truncate
expect 2 'one file' "$whittle" import --follow audit.log audit.log.1 -o x.json
expect 2 'logs of the kernel' "$whittle" import --follow list.txt --for 1s -o x.json

# Under an enforced profile.
printf '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": ["read", "kill", "exit_group"], "action": "SCMP_ACT_ALLOW"}]}\n' > enforced.json
printf '7 read(3, "", 1) = 0\n7 rmdir("/x") = -1 EPERM (Operation not permitted)\n7 kill(1, SIGTERM) = -1 EPERM (Operation not permitted)\n' > under.txt
target=(--loader docker --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1)
"$whittle" import under.txt --under enforced.json "${target[@]}" -o under.json 2> under.err
is $'x86_64\tkill\tallowed;x86_64\tread\tallowed;x86_64\trmdir\tdenied' "$(calls under.json)" 'certain refusals'
is 1 "$(grep -c 'refused by enforced.json for certain, whatever the arguments: rmdir' under.err)" 'they are named'
is 1 "$("$whittle" show --gaps under.json | grep -c under-filter)" 'not complete'
"$whittle" import under.txt -o plain.json 2> /dev/null
is $'x86_64\tkill\tunknown;x86_64\tread\tallowed;x86_64\trmdir\tunknown' "$(calls plain.json)" 'without the profile nobody knows'
# What a tracer or a listener decides is answered ENOSYS where there is none.
sed 's/{"names"/{"names": ["rmdir"], "action": "SCMP_ACT_TRACE"}, &/' enforced.json > traced.json
printf '7 rmdir("/x") = -1 ENOSYS (Function not implemented)\n' > nobody.txt
"$whittle" import nobody.txt --under traced.json "${target[@]}" -o nobody.json 2> nobody.err
is $'x86_64\trmdir\tunknown' "$(calls nobody.json)" 'perhaps refused'
is 0 "$(grep -c 'reached the kernel' nobody.err)" 'perhaps in force'
checks=$((checks + 1))
"$whittle" show plain.json | grep > /dev/null 'note: made by ptrace' || fault 'a trace is not labelled'

finish
