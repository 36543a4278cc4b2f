#!/usr/bin/env bash
# `whittle verify` of what is installed: a container's filter against evidence, with a real engine.
# Usage: verify_installed.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/scripts/lib/common.sh"
. "$here/scripts/lib/engine.sh"
"$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: docker with the image whittle-busybox"; exit 77; }
. "$here/tests/cli/expect.sh"
folder=$(mktemp -d /tmp/wvi.XXXXXX)
name=wvi-$$
trap '"$DOCKER" rm -f "$name" > /dev/null 2>&1; rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# What a busybox needs, and a call that it does not.
cat > profile.json <<'J'
{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
 "syscalls": [{"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7}]}
J
printf 'x86_64 read\nx86_64 nanosleep\n' > works.txt
printf 'x86_64 read\nx86_64 getsid\n' > not.txt
for list in works not; do "$whittle" import "$list.txt" -o "$list.json" 2> /dev/null || fault "import of $list.txt"; done
"$DOCKER" run -d --name "$name" --network none --security-opt seccomp=profile.json whittle-busybox sleep 300 > /dev/null || fault 'docker run'
pid=$("$DOCKER" inspect -f '{{.State.Pid}}' "$name")
says 0 1 '^ok: 2 observations checked, 0 refused' "$whittle" verify "container:$name" works.json
says 1 2 '^  ERRNO\(7\): .*the filter|: getsid$' "$whittle" verify "container:$name" not.json
says 1 1 '^no: 2 observations checked, 1 refused' "$whittle" verify "pid:$pid" not.json
says 1 1 '^no: UNCONFINED, there is no filter' "$whittle" verify "pid:$$" works.json
json_is 'd["passed"] and "target" not in d and d["profile"].startswith("container:")' "$whittle" verify "container:$name" works.json --json
expect 3 'container' "$whittle" verify "container:$name-not" works.json
finish
