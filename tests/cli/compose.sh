#!/usr/bin/env bash
# `whittle merge` of profiles, `whittle profile intersect` and `subtract`. Usage: compose.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
evidence=$(realpath "$(dirname "$0")/../golden/evidence/web.evidence.json")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
crun=(--loader docker --loader-version 20.10.24 --runtime crun --runtime-version 1.8.1 --arch x86_64 --kernel 6.1)
runc=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1)
arm=(--loader docker --loader-version 20.10.24 --runtime crun --runtime-version 1.8.1 --arch aarch64 --kernel 6.1)
oci=(--loader oci --runtime crun --runtime-version 1.8.1 --arch x86_64 --kernel 6.1)

# answers WANTED PROFILE TARGET CALL...
answers() {
  local wanted=$1 got
  shift
  got=$("$whittle" simulate "$@" 2>/dev/null) || fault "exit $?: simulate $*"
  checks=$((checks + 1))
  [ "$got" = "$wanted" ] || fault "'$got', expected '$wanted': simulate $*"
}

# profile ARCHITECTURES RULES: an allow-list
profile() { printf '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": [%s], "syscalls": [%s]}\n' "$1" "$2"; }
x86='"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"'
allow() { printf '{"names": [%s], "action": "SCMP_ACT_ALLOW"}' "$1"; }
family() { printf '{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": %s, "op": "SCMP_CMP_EQ"}]}' "$1"; }

# Arguments and errnos of the parts survive a union; nothing else opens.
profile "$x86" "$(allow '"getpid", "exit_group"'), $(family 10), {\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}" > one.json
profile "$x86" "$(allow '"getppid", "exit_group"'), $(family 17)" > two.json
expect 0 'proven: the union of 2 profiles: every call gets the more permissive' \
  "$whittle" merge one.json two.json -o union.json "${crun[@]}"
for call in getpid getppid 'socket 10' 'socket 17'; do
  # shellcheck disable=SC2086
  answers ALLOW union.json "${crun[@]}" $call
done
answers 'ERRNO(1)' union.json "${crun[@]}" socket 16
answers 'ERRNO(38)' union.json "${crun[@]}" clone3
answers 'ERRNO(1)' union.json "${crun[@]}" mount
expect 0 '' "$whittle" prove union.json one.json --looser "${crun[@]}"
expect 0 '' "$whittle" merge two.json one.json one.json -o again.json "${crun[@]}"
expect 0 '' "$whittle" prove union.json again.json "${crun[@]}"

# A hole that the stub of runc makes on i386 only: no document has one name with two meanings.
expect 0 'wider.i386 socket.ERRNO\(1\) -> ALLOW.as in i386 socket\(0x11\)' \
  "$whittle" merge one.json two.json -o wider.json "${runc[@]}"
expect 1 'wider' "$whittle" merge one.json two.json --exact -o never.json "${runc[@]}"
[ ! -e never.json ] || fault '--exact wrote what is not exact'
json_is 'd["operation"] == "union" and not d["exact"] and d["deviations"][0]["change"] == "looser"' \
  "$whittle" merge one.json two.json --json -o wider.json "${runc[@]}"
expect 2 'say where the profile goes' "$whittle" merge one.json two.json --json "${runc[@]}"

# Intersection and difference.
expect 0 'proven: the intersection' "$whittle" profile intersect docker-default one.json -o both.json "${crun[@]}"
expect 0 '' "$whittle" prove docker-default both.json --looser "${crun[@]}"
answers ALLOW both.json "${crun[@]}" getpid
answers 'ERRNO(1)' both.json "${crun[@]}" socket 17
answers 'ERRNO(1)' both.json "${crun[@]}" getppid
expect 0 'proven: the difference' "$whittle" profile subtract one.json two.json -o rest.json "${crun[@]}"
answers ALLOW rest.json "${crun[@]}" getpid
answers 'ERRNO(1)' rest.json "${crun[@]}" exit_group
answers ALLOW rest.json "${crun[@]}" socket 10

# Hosts of two architectures: each filters its own ABIs; what is open for the other one's sake is said.
profile '"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"' "$(allow '"rename", "exit_group"')" > amd64.json
profile '"SCMP_ARCH_AARCH64"' "$(allow '"renameat", "exit_group"')" > arm64.json
expect 0 'wider.x86_64 renameat.*on x86_64' "$whittle" merge amd64.json arm64.json -o hosts.json "${crun[@]}"
json_is 'd["archMap"][0] == {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]} and len(d["archMap"]) == 2' cat hosts.json
answers ALLOW hosts.json "${crun[@]}" rename
answers ALLOW hosts.json "${arm[@]}" renameat
answers 'ERRNO(1)' hosts.json "${arm[@]}" mount
"$whittle" merge amd64.json arm64.json "${oci[@]}" 2> /dev/null > flat.json || fault 'no merge for oci'
json_is '"archMap" not in d and len(d["architectures"]) == 3' cat flat.json

# What is none, or not of one kind.
echo '{}' > empty.json
expect 3 'no filter would be installed' "$whittle" profile intersect one.json empty.json "${crun[@]}"
expect 3 'no-such-profile' "$whittle" merge one.json no-such-profile "${crun[@]}"
expect 2 'for evidence' "$whittle" merge one.json two.json --counts "${crun[@]}"
expect 3 'this is evidence, not a profile' "$whittle" merge one.json "$evidence" "${crun[@]}"
expect 3 'this is a profile, not evidence' "$whittle" merge "$evidence" one.json
expect 2 'at least two' "$whittle" merge one.json "${crun[@]}"
finish
