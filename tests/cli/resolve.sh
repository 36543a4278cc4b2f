#!/usr/bin/env bash
# `whittle resolve` as scripts see it. Usage: resolve.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
docker=(--loader docker:28.5.2 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1 --cap default)
plain=(--loader oci --runtime runc:1.1.5 --arch x86_64 --kernel 6.1 --cap default)

# verdict PROFILE CALL TARGET...
verdict() { "$whittle" simulate "$@" 2>/dev/null < /dev/null; }
same() { # same WANTED GOT WHAT
  checks=$((checks + 1))
  [ "$1" = "$2" ] || fault "$3: '$2', expected '$1'"
}

# Docker's default opens what it should not where a plain OCI loader reads it; flat it does not.
"$whittle" resolve docker-default "${docker[@]}" > flat.json 2> said.txt || fault "exit $?: $(cat said.txt)"
same 1 "$(grep -c 'proven: the same filter under docker 28.5.2, podman 5.6.0, oci 2.1.0' said.txt)" 'what was proven'
for call in mount bpf 'unshare(0x10000000)' 'clone(0x10000000)' 'i386 read' 'i386 mount'; do
  [ "$(verdict flat.json "$call" "${plain[@]}")" = "$(verdict docker-default "$call" "${docker[@]}")" ] || fault "flat: $call"
  checks=$((checks + 1))
done
cat > docker.json <<'J'
{"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
 "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "comment": "always"},
  {"names": ["mount", "bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
  {"name": "chmod", "action": "SCMP_ACT_ERRNO", "excludes": {"arches": ["s390x"]}}]}
J
same ALLOW "$(verdict docker.json mount "${plain[@]}")" 'the Docker form under a plain loader'
"$whittle" resolve docker.json "${docker[@]}" -o flat.json 2> /dev/null || fault "exit $?"
same "$(verdict docker.json mount "${docker[@]}")" "$(verdict flat.json mount "${plain[@]}")" 'the flat form under a plain loader'
same ALLOW "$(verdict flat.json 'i386 read' "${plain[@]}")" 'the other ABI of the flat form'
members=$(python3 -c 'import json, sys; d = json.load(open("flat.json")); print(*d, *sorted({m for r in d["syscalls"] for m in r}))')
same 'defaultAction defaultErrnoRet architectures syscalls action errnoRet names' "$members" 'members of the flat form'
same 1 "$("$whittle" resolve docker.json --keep-comments "${docker[@]}" 2> /dev/null | grep -c '"comment": "always"')" 'comments'
same 1 "$("$whittle" resolve - "${docker[@]}" 2> /dev/null < docker.json | grep -c '"chmod"')" 'standard input'
# Flat stays flat.
"$whittle" resolve flat.json "${plain[@]}" -o again.json 2> /dev/null
same "$(cat flat.json)" "$(cat again.json)" 'resolving twice'
# Another machine.
"$whittle" resolve docker-default --loader docker --runtime runc --arch aarch64 --kernel 4.4 --cap all -o arm.json 2> /dev/null
same '["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]' "$(python3 -c 'import json; print(json.dumps(json.load(open("arm.json"))["architectures"]))')" 'architectures'

# What cannot be said to all, and what cannot be resolved.
printf '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "flags": ["SECCOMP_FILTER_FLAG_LOG"], "syscalls": []}\n' > errno.json
expect 0 'warning: defaultErrnoRet: docker before 23.0 ignores it' "$whittle" resolve errno.json --loader oci --runtime runc --cap none
expect 0 'warning: flags: docker before 23.0 ignores it' "$whittle" resolve errno.json --loader oci --runtime runc --cap none
expect 0 'warning: under docker 20.10.24: x86_64 .* gets ERRNO\(1\) instead of ERRNO\(38\)' \
  "$whittle" resolve errno.json --loader oci --runtime crun --cap none --arch x86_64
# What only podman reads is lost under docker, and that is said.
printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSYS"}]}\n' > text.json
expect 0 'warning: text.json:1:[0-9]+: /syscalls/0/errno: docker 28.5.2 does not read it' "$whittle" resolve text.json "${docker[@]}"
expect 0 'warning: text.json:1:[0-9]+: /syscalls/0/errno: oci .* does not read it' "$whittle" resolve text.json "${plain[@]}"
same 0 "$("$whittle" resolve text.json --loader podman --runtime crun 2>&1 > /dev/null | grep -c 'does not read')" 'podman reads it'
printf '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "ENOSYS", "syscalls": []}\n' > text.json
expect 0 'warning: text.json:1:[0-9]+: /defaultErrno: docker 28.5.2 does not read it' "$whittle" resolve text.json "${docker[@]}"

printf '{}\n' > empty.json
expect 0 'warning: defaultAction: .*no filter' "$whittle" resolve empty.json "${docker[@]}"
expect 1 'warning: under oci 2.1.0: it would be refused' "$whittle" resolve empty.json --loader docker --runtime crun
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["a"], "name": "b", "action": "SCMP_ACT_ALLOW"}]}\n' > both.json
expect 3 "both.json:1:50: /syscalls/0/name: .*'name' and 'names' exclude each other" "$whittle" resolve both.json "${docker[@]}"
expect 3 'nowhere.json.*No such file' "$whittle" resolve nowhere.json "${docker[@]}"
expect 2 'required' "$whittle" resolve
expect 2 'unknown loader' "$whittle" resolve empty.json --loader dokcer --runtime runc

finish
