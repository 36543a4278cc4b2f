#!/usr/bin/env bash
# `why` without a container, and `baseline --check`, as scripts see them. Usage: why.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --arch x86_64 --kernel 6.1)
runc=("${target[@]}" --runtime runc --runtime-version 1.1.5)
podman=(--loader podman --loader-version 4.3.1 --arch x86_64 --kernel 6.1 --runtime crun --runtime-version 1.8.1)

# tells CODE REGEX VERB ARGUMENTS...: the exit code, and what standard output or error has.
tells() {
  local code=$1 regex=$2 got=0 text
  shift 2
  text=$("$whittle" "$@" 2>&1 < /dev/null) || got=$?
  checks=$((checks + 1))
  [ "$got" = "$code" ] || fault "exit $got, expected $code: $*: $text"
  tr -s ' \n' ' ' <<< "$text" | grep > /dev/null -E -- "$regex" || fault "no '$regex': $*: $text"
}

# All that runc and crun, and programs, need at a start, but for the calls given.
profile() {
  "$whittle" baseline --known --json | python3 -c '
import json, sys
names = {"exit_group", "arch_prctl", "brk", "mmap", "mprotect", "fstat"}
for group in json.load(sys.stdin):
    names |= set(group.get("needs", []) + group.get("makes", []) + group["spare"])
names -= set(sys.argv[1:])
print(json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
                  "syscalls": [{"names": sorted(names), "action": "SCMP_ACT_ALLOW"}]}))' "$@"
}
profile > good.json
profile capset > capset.json
sed 's/SCMP_ACT_ALLOW/SCMP_ACT_DENY/' good.json > deny.json
printf '{"defaultAction": "SCMP_ACT_ERRNO",\n "syscalls" []}\n' > broken.json
printf '{"defaultAction": "SCMP_ACT_NOTIFY"}\n' > notify.json
printf '{}\n' > empty.json

tells 0 '1\. certain: runc 1\.1\.5 itself needs capset \(drops the capabilities\), and the profile refuses it' why --profile capset.json "${runc[@]}"
tells 0 'change allow: \{"names": \["capset"\].* whittle profile new --from capset.json --add capset' why --profile capset.json "${runc[@]}"
tells 0 'crun 1\.8\.1 itself needs capset' why --profile capset.json "${podman[@]}"
tells 0 '1\. likely: runc 1\.3\.3 itself needs capset' why --profile capset.json "${target[@]}" --runtime runc:1.3.3
tells 1 'nothing wrong was found' why --profile good.json "${runc[@]}"
tells 1 'nothing wrong was found' why --profile docker-default "${runc[@]}"
profile brk mmap > start.json
tells 0 'likely: no program of glibc, musl or Go can start under the profile: it refuses brk, mmap' why --profile start.json "${runc[@]}"
tells 0 'change allow: \{"names": \["brk", "mmap"\].*--from start.json --add brk,mmap' why --profile start.json "${runc[@]}"
sed 's/"defaultAction"/"comment": "", "defaultAction"/; s/\]}$/, {"names": ["kill"], "action": "SCMP_ACT_KILL"}, {"names": ["kill"], "action": "SCMP_ACT_ALLOW"}]}/' good.json > shadow.json
echo '{"refused": [{"abi": "x86_64", "call": "kill", "fate": "killed"}]}' > kill.json
tells 0 'change take kill out of rule 1 \(shadow.json:1\); whittle profile new --from shadow.json --add kill' why --profile shadow.json --from kill.json "${runc[@]}"
tells 0 'added: kill: ALLOW' profile new --from shadow.json --add kill -o wider.json "${runc[@]}"
tells 0 '^kill ALLOW|ALLOW' simulate wider.json kill "${runc[@]}"
tells 0 'certain: the profile is no JSON.*broken.json:2:' why --profile broken.json "${runc[@]}"
tells 0 'certain: the profile is not taken: deny.json:1:.*SCMP_ACT_DENY' why --profile deny.json "${runc[@]}"
tells 0 'certain: the profile filters nothing' why --profile empty.json "${runc[@]}"
tells 0 'certain: the profile.s file .*nowhere.json. is not there' why --profile /nowhere.json "${runc[@]}"
tells 0 'certain: the profile.s path .profiles/x.json. is relative' why --message 'docker: opening seccomp profile (profiles/x.json) failed: open profiles/x.json: no such file or directory.' "${runc[@]}"
tells 0 'likely: the runtime failed before the workload ran, where it drops the capabilities' why --message 'unable to apply caps: operation not permitted' "${runc[@]}"
tells 0 'certain: runc 1\.1\.5 itself needs capset' why --message 'unable to apply caps: operation not permitted' --profile capset.json "${runc[@]}"
tells 0 'likely: .*no filter refuses that \(not seccomp.s fault\)' why --message 'unable to apply caps: operation not permitted' --profile good.json "${runc[@]}"
tells 0 'certain: the image has no .*not seccomp' why --message 'exec: "nosuch": executable file not found in $PATH: unknown' "${runc[@]}"
tells 1 'nothing wrong was found' why --message 'all is well' "${runc[@]}"
tells 2 'expected a container, or --message or --profile' why
tells 3 "missing.json" why --profile good.json --from missing.json "${runc[@]}"
echo '{"format": "whittle-denials", "version": 9}' > newer.json
tells 3 'newer.json:1:.*newer whittle' why --profile good.json --from newer.json "${runc[@]}"
tells 0 'the workload was refused chmod' why --profile good.json --from <(echo '{"refused": [{"abi": "x86_64", "call": "chmod"}]}') "${runc[@]}"
echo 'unable to apply caps: operation not permitted' | "$whittle" why --message - "${runc[@]}" | grep > /dev/null 'drops the capabilities' || fault 'a message from a pipe'
"$whittle" why --profile capset.json "${runc[@]}" --json | python3 -c '
import json, sys
first = json.load(sys.stdin)["causes"][0]
assert (first["kind"], first["certainty"], first["seccomp"], first["calls"]) == ("runtime-refused", "certain", True, ["capset"]), first' || fault '--json'
checks=$((checks + 2))

# The runtime of the host against the one that a profile was made for.
printf 'x86_64 read\n' > list.txt
"$whittle" import list.txt 2> /dev/null | "$whittle" generate - "${runc[@]}" -o made.json 2> /dev/null
tells 0 'made for: runc 1\.1\.5 .*covered' baseline --check made.json --runtime runc:1.1.5
tells 1 'runtime of this host: runc 1\.3\.3 .*made for: runc 1\.1\.5 NOT KNOWN: measured on runc 1\.1\.5, not on runc 1\.3\.3' baseline --check made.json --runtime runc:1.3.3
tells 1 'it makes new calls: .*pselect6.*BREAKS: the profile refuses what crun 1\.8\.1 needs.* pselect6.*--add .*pselect6' baseline --check made.json --runtime crun:1.8.1
tells 0 'it makes no more: ' baseline --check good.json --made-for runc-1.1.5 --runtime crun:1.8.1
tells 1 'made for: not known' baseline --check capset.json --runtime runc:1.1.5
tells 0 'no drift' baseline --check --made-for runc-1.1.5 --runtime runc:1.1.5
tells 1 'other calls' baseline --check --made-for runc-1.1.5 --runtime crun:1.8.1
tells 2 'give one' baseline --check --runtime runc:1.1.5
tells 2 'expected something like runc-1.1.5' baseline --check --made-for kata --runtime runc:1.1.5
sed 's/1\.1\.5/1.3.3/' "$source/data/baselines/runc-1.1.5.csv" > new.csv
echo 'runc,1.3.3,start,0,x86_64,openat2,250,250,,1' >> new.csv
tells 1 'it makes new calls: openat2 BREAKS: .* openat2' baseline --check made.json --runtime runc:1.3.3 --measured new.csv
"$whittle" baseline --check made.json --runtime runc:1.1.5 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["verdict"] == "same" and d["refused"] == [], d' || fault '--check --json'
checks=$((checks + 1))
finish
