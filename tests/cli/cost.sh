#!/usr/bin/env bash
# Which calls the kernel's cache of verdicts serves, as `whittle disasm --cost` says it. Usage: cost.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader oci --runtime runc:1.1.5 --arch x86_64 --cap none)
tab=$'\t'
new=(--kernel 5.11)

cat > web.json << 'P'
{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
 "syscalls": [
  {"names": ["read", "write", "futex"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["getrandom"], "action": "SCMP_ACT_LOG"},
  {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 21505, "op": "SCMP_CMP_EQ"}]},
  {"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 0, "op": "SCMP_CMP_GE"}]},
  {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
P
cost() { "$whittle" disasm web.json --cost "${target[@]}" "$@"; }

# What is allowed whatever the arguments is cached; also where a rule has conditions that always hold.
says 0 4 "^x86_64${tab}(read|write|futex|kill)${tab}cached${tab}0${tab}allowed$" cost "${new[@]}"
says 0 4 "${tab}cached${tab}" cost "${new[@]}"
says 0 1 "^x86_64${tab}ioctl${tab}runs-filter${tab}[1-9][0-9]*${tab}by-arguments$" cost "${new[@]}"
says 0 1 "^x86_64${tab}getrandom${tab}runs-filter${tab}[1-9][0-9]*${tab}logged$" cost "${new[@]}"
says 0 2 "^x86_64${tab}(clone3|mount)${tab}runs-filter${tab}[1-9][0-9]*${tab}refused$" cost "${new[@]}"
# Never of x32, which has no cache, nor of an ABI that the document does not list.
says 0 1 "^x32${tab}read${tab}runs-filter${tab}[1-9][0-9]*${tab}allowed$" cost "${new[@]}"
says 0 0 '^i386' cost "${new[@]}"
expect 0 'i386: every call gets KILL_THREAD' cost "${new[@]}"
says 0 0 '^(i386|x32)' cost "${new[@]}" --abi x86_64
expect 0 'x86_64: kernel 5\.11\.0 serves 4 calls from its cache' cost "${new[@]}" --abi x86_64
expect 0 'x32: kernel 5\.11\.0 has no cache' cost "${new[@]}" --abi x32

# Older kernels run the filter at every call.
says 0 0 "${tab}cached${tab}" cost --kernel 5.10
says 0 1 "^x86_64${tab}read${tab}runs-filter${tab}[1-9][0-9]*${tab}allowed$" cost --kernel 5.10
expect 0 'x86_64: kernel 5\.10\.0 has no cache of verdicts' cost --kernel 5.10

json_is 'd["kernel"] == "5.11.0" and sorted(c["call"] for c in d["calls"] if c["cached"]) == ["futex", "kill", "read", "write"]' \
  cost "${new[@]}" --json
json_is 'd["killed_as_a_whole"] == ["i386"] and not any(c["abi"] == "i386" for c in d["calls"])' cost "${new[@]}" --json
json_is 'not any(c["cached"] for c in d["calls"]) and all(c["steps"] > 0 for c in d["calls"])' cost --kernel 5.10 --json

expect 2 'a call or --cost, not both' cost read
expect 2 '--calls or --cost, not both' cost --calls
finish
