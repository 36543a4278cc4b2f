#!/usr/bin/env bash
# `whittle explain` as scripts see it. Usage: explain.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker:20.10.24 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1)

explain() { "$whittle" explain "$@" "${target[@]}"; }

cat > narrow.json << 'END'
{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
  {"names": ["read", "ptrace"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]},
  {"names": ["mount"], "action": "SCMP_ACT_KILL_PROCESS"}]}
END

# A call: by name, by number, and what cannot be meant.
says 0 1 '^socket: .* \(network\)$' explain socket
says 0 1 'x86_64 41, i386 359' explain socket
says 0 1 '0: an int: .*; values like AF_UNSPEC,' explain socket
says 0 1 'CVE-2017-7308 \(published, .*\): yes: without AF_PACKET$' explain socket
says 0 1 '^socket: ' explain 41
says 0 1 '^socket: ' explain '#41'
says 0 1 'runc 1.1.5 starts no container without it' explain capset
says 0 1 '^ +any program, though a recording can miss it: every signal handler returns through it' explain rt_sigreturn
says 0 2 '^ +who calls (clone3|exit), though a recording can miss it: ' explain futex
says 0 1 '^ +any program \(32-bit ABIs\), though' explain sigreturn
says 0 1 '^ +any program: a start-up call of current glibc' explain rseq
says 0 1 '^ +fork: libraries take one for the other' explain clone3
says 0 0 'CLONE_FS' explain setns
json_is '[n["seen"] for n in d["needed_by"]["unseen"]] == ["clone3", "exit"]' explain futex --json
says 0 1 'allow-all: ALLOW' explain bpf
says 0 1 'docker-default: ERRNO\(1\): ' explain bpf
says 0 1 'x86_64 does not have the call' explain socketcall
json_is 'd["call"] == "clone3" and d["numbers"]["x86_64"] == 435 and d["fallback"]["also"] == "clone" and d["risk"] == 2' explain clone3 --json
json_is 'all(f["certainty"] in ("published", "derived") and f["argument_rule"].startswith("no: ") for f in d["flaws"])' explain clone3 --json
json_is '[r["profile"] for r in d["catalogue"]][0] == "docker-default"' explain clone3 --json
expect 3 "ptrce: no call, no file and no profile of the catalogue is named so, did you mean 'ptrace'\?" explain ptrce
expect 3 "docker-defalt: no call, no file .* did you mean 'docker-default'" explain docker-defalt
expect 3 'no call of x86_64 has that number' explain 99999
expect 3 '[Nn]o such file' explain ./ptrace
expect 2 'call_or_profile is required' "$whittle" explain

# A profile: answers, reasons, flaws; a file may have a call's name.
says 0 1 '^default: ERRNO\(1\), but ERRNO\(38\) above ' explain narrow.json
says 0 1 '^4 of [0-9]+ calls pass, 2 of them for some arguments only$' explain narrow.json
says 0 1 'KILL_PROCESS, rule 3 \(narrow.json:6\): mount' explain narrow.json
cp narrow.json ptrace
says 0 1 '^./ptrace on docker' explain ./ptrace
says 0 1 '^  ALLOW \(2 calls: ptrace, read\): the call is made' explain narrow.json
says 0 1 '^  ALLOW or ERRNO\(1\) \(2 calls: clone, socket\): one or the other' explain narrow.json
says 0 1 '^  KILL_PROCESS \(1 call: mount\): the process is ended by SIGSYS' explain narrow.json
says 0 1 '^  LOG \([0-9]+ calls\): the call is made, and the kernel logs it' explain audit
json_is 'sum(a["calls"] for a in d["answers"]) == sum(len(g["calls"]) for g in d["groups"]) and all(a["effect"] for a in d["answers"])' explain narrow.json --json
json_is '{c["call"] for g in d["groups"] for c in g["calls"] if c["passes"] == "yes"} == {"read", "ptrace"}' explain narrow.json --json
json_is '{f["cve"]: f["state"] for f in d["flaws"]}["CVE-2017-7308"] == "closed-by-argument"' explain narrow.json --json
json_is '{f["cve"]: (f["state"], f["certainty"]) for f in d["flaws"]}["CVE-2014-7970"] == ("closed-by-argument", "derived")' explain narrow.json --json
json_is '{f["cve"]: (f["state"], f["certainty"]) for f in d["flaws"]}["CVE-2019-13272"] == ("open", "published")' explain narrow.json --json
# What io_uring does without the call is closed by no rule for the call: not surely open, and by no means closed.
ring='"architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": ["splice"], "action": "SCMP_ACT_ERRNO"}'
packets='{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}'
echo "{\"defaultAction\": \"SCMP_ACT_ALLOW\", $ring]}" > ring.json
echo "{\"defaultAction\": \"SCMP_ACT_ALLOW\", $ring, {\"names\": [\"io_uring_setup\"], \"action\": \"SCMP_ACT_ERRNO\"}]}" > no-ring.json
echo "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [$packets, {\"names\": [\"io_uring_setup\"], \"action\": \"SCMP_ACT_ALLOW\"}]}" > packets.json
json_is '[(f["state"], f["ways"][0]["through"]) for f in d["flaws"] if f["cve"] == "CVE-2022-0847"] == [("depends", "io_uring_setup")]' explain ring.json --json
json_is '[(f["state"], f["ways"][0]["through"]) for f in d["flaws"] if f["cve"] == "CVE-2022-0847"] == [("closed", "")]' explain no-ring.json --json
json_is '[f["state"] for f in d["flaws"] if f["cve"] == "CVE-2021-26708"] == ["depends"]' explain packets.json --json
# A ring is a way to connect; connect is none to all that a ring does.
says 0 1 'io_uring_setup: io_uring does it without the call' explain connect
says 0 0 'io_uring does it without the call' explain io_uring_setup
json_is 'len({f["cve"] for f in d["flaws"]}) == len(d["flaws"]) > 100' explain narrow.json --json

# On a terminal no line is wider than it, and nothing is left out for that.
script -qec "stty cols 80; '$whittle' explain docker-default ${target[*]}" /dev/null < /dev/null > terminal.txt
checks=$((checks + 2))
[ "$(tr -d '\r' < terminal.txt | awk 'length($0) > 80' | wc -l)" = 0 ] || fault "wider than the terminal: $(awk 'length($0) > 81' terminal.txt | head -3)"
[ "$(tr -s ' \r\n' ' ' < terminal.txt)" = "$(explain docker-default 2> /dev/null | tr -s ' \n' ' ')" ] || fault 'a narrow terminal loses words'

# The score: parts and calls add up, less is left open by less, and it is the same each time.
for profile in narrow.json docker-default podman-default audit complain; do
  json_is 'd["score"]["points"] == sum(p["points"] for p in d["score"]["parts"]) == (sum(c["points"] for c in d["score"]["calls"]) +
    next(p["points"] for p in d["score"]["parts"] if p["part"] == "other ABIs"))' explain "$profile" --json
  json_is 'all(c["points"] == c["open"] + c["risk"] + c["flaws"] for c in d["score"]["calls"])' explain "$profile" --json
done
json_is 'd["score"]["points"] == d["score"]["unfiltered"]' explain audit --json
checks=$((checks + 1))
[ "$(explain narrow.json)" = "$(explain narrow.json)" ] || fault 'two runs differ'
points() { explain "$1" --json 2> /dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["score"]["points"])'; }
checks=$((checks + 1))
[ "$(points narrow.json)" -lt "$(points docker-default)" ] && [ "$(points docker-default)" -lt "$(points allow-all)" ] ||
  fault 'a wider profile has a lower score'

# The example of docs/score.md.
cat > example.json << 'END'
{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
  {"names": ["read", "ptrace"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}]}
END
json_is '{c["call"]: c["points"] for c in d["score"]["calls"]} == {"read": 2, "ptrace": 66, "clone": 27} and d["score"]["points"] == 95' explain example.json --json

expect 0 '^warning: docker-default is made of what docker 20.10.24 has built in, not docker 28.5.2' \
  "$whittle" explain docker-default --loader docker:28.5.2 --runtime runc:1.1.5 --arch x86_64

# Who decides about a call of which some arguments pass: the rules that let them pass, else the default.
says 0 1 'ALLOW or ERRNO\(1\), rule 1 \(example.json:3\), else the default action: clone' explain example.json
json_is 'd["risk"] == 2' explain clone --json

# A folder is no profile: the catalogue's is meant.
mkdir node
says 0 1 '^score: ' explain node
for verb in 'verify node' 'convert node --to oci' 'simulate node read' 'profile new --from node' 'diff node node' \
  'resolve node'; do
  expect 0 '' "$whittle" $verb "${target[@]}"
done
expect 3 'nosuchcall: no call, no file and no profile of the catalogue is named so' explain nosuchcall

# What is no filter, and what the target does not take.
says 0 1 '^no filter is installed: ' explain unconfined
json_is 'd["state"] == "unconfined" and d["score"]["points"] == d["score"]["unfiltered"]' explain unconfined --json
printf '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_NOPE"]}' > broken.json
expect 3 'broken.json:1:' explain broken.json
printf '{"defaultAction": "SCMP_ACT_NOTIFY"}' > refused.json
says 1 1 '^the target does not take it: ' explain refused.json
json_is 'd["state"] == "refused" and "score" not in d' explain refused.json --json

# Of a filter that is too much to decide nothing is said to be sure.
python3 - << 'END'
import struct
program = [(0x20, 0, 0, 16), (0x07, 0, 0, 0), (0x20, 0, 0, 24), (0x2c, 0, 0, 0), (0x15, 0, 1, 0x12345677), (0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x80000000)]
open('product.raw', 'wb').write(b''.join(struct.pack('=HBBI', *one) for one in program))
END
json_is 'len(d["answers"]) == 1 and "undecided" in d["answers"][0]["effect"]' explain ./product.raw --json

finish
