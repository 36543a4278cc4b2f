#!/usr/bin/env bash
# What the command line says of wrong usage, kind by kind, and how words become values. Usage: usage.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
root=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# wrong WHAT ARGUMENTS...: usage error, in exactly these words.
wrong() {
  local what=$1
  shift
  expect 2 "^error: $what\$" "$whittle" "$@"
}
see() { printf "\(see 'whittle%s --help'\)" "${1:+ $1}"; }

wrong "no verb is named 'nope' $(see)" nope
wrong "no verb is named 'smulate', did you mean 'simulate'\? $(see)" smulate x y
wrong "The following argument was not expected: --cals, did you mean '--calls'\? $(see show)" show a.json --cals
wrong "unknown option '--lader', did you mean '--loader'\? $(see simulate)" simulate docker-default --lader docker read
wrong "The following argument was not expected: --nope $(see show)" show a.json --nope
wrong "The following argument was not expected: b $(see syscalls)" syscalls a b
wrong "evidence is required $(see show)" show
wrong "--profile is required $(see run)" run -- true
wrong "A subcommand is required $(see profile)" profile
wrong "profiles: At least 2 required but received 1 $(see profile)" profile intersect one.json
wrong "--output: 1 required TEXT missing $(see record)" record -o
wrong "--per: daily not in \\{run,replica\\} $(see show)" show a.json --counts --per daily
wrong "--per requires --counts $(see show)" show a.json --per run
wrong "--gaps excludes --calls $(see show)|--calls excludes --gaps $(see show)" show a.json --gaps --calls
wrong "--container excludes --pid $(see inspect)|--pid excludes --container $(see inspect)" inspect --pid 1 --container web
for pid in 0 -1 2147483648 99999999999999999999 abc 1.5; do
  wrong "--pid: Value $pid not in range 1 to 2147483647 $(see record)" record --pid="$pid"
done
wrong "--starts: Value 10001 not in range 1 to 10000 $(see baseline)" baseline --starts 10001
# What a verb makes of words that the parser knows nothing of is the verb's own: negative numbers, an engine's options.
wrong "unknown option '--nope' $(see simulate)" simulate docker-default openat --nope
wrong "--json stands among the engine's arguments: put it before the first of them" run --profile docker-default x --json
wrong "unexpected '--rm': .*" run --profile docker-default --rm

# What was likely meant, and what is expected.
wrong "unknown ABI 'x8': expected one of x86_64, i386, x32, aarch64, .*" simulate docker-default --abi x8 read
wrong "unknown architecture 'sparc': expected one of x86_64, i386, .*" simulate docker-default --arch sparc read
wrong "unknown capability 'CAP_FOO': expected one like CAP_SYS_ADMIN, default, all or none" simulate docker-default --cap CAP_FOO read
wrong "unknown capability 'sys_admn': .*, did you mean 'CAP_SYS_ADMIN'\?" simulate docker-default --cap sys_admn read
wrong "unknown runtime 'crunn': expected runc, crun or none, with a version .* like crun:1.8.1 .*" simulate docker-default --runtime crunn read
expect 3 "docker-defalt: no such file, .*, did you mean 'docker-default'\?" "$whittle" simulate docker-defalt read
expect 3 "no such file, and 'merg' joins no profiles: expected merge\(A,B\)" "$whittle" simulate 'merg(docker-default,audit)' read

# What a document says: meant WRONG WORDS.
meant() {
  printf '%s' "$1" > p.json
  expect "${3:-3}" "$2" "$whittle" simulate p.json read --loader podman --runtime crun --kernel 6.1 --arch x86_64
}
for word in scmp_act_errno ERRNO SCMP_ACT_DENY deny; do
  meant "{\"defaultAction\": \"$word\"}" "unknown defaultAction '$word': .*, did you mean 'SCMP_ACT_ERRNO'\?"
done
meant '{"defaultAction": "SCMP_ACT_FOO"}' "'SCMP_ACT_FOO': expected one like SCMP_ACT_ERRNO\$"
rule() { printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", %s}]}' "$1"; }
meant "$(rule '"args": [{"index": 0, "value": 1, "op": "MASKED_EQ"}]')" "did you mean 'SCMP_CMP_MASKED_EQ'\?"
meant "$(rule '"errno": "ENOSYZ"')" "unknown errno 'ENOSYZ', did you mean 'ENOSYS'\?" 0
meant "$(rule '"includes": {"caps": ["CAP_SYS_ADMN"]}')" "p.json:1:50: /syscalls/0/includes/caps/0: .*'CAP_SYS_ADMN', did you mean 'CAP_SYS_ADMIN'\?: the rule never applies" 0
meant "$(rule '"includes": {"arches": ["x86_64"]}')" "/syscalls/0/includes/arches/0: .*'x86_64', did you mean 'amd64'\?" 0
meant "$(rule '"excludes": {"caps": ["sys_admin"]}')" "/syscalls/0/excludes/caps/0: .*'sys_admin', did you mean 'CAP_SYS_ADMIN'\?: nothing is excluded" 0
meant '{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOGG"]}' "/flags: crun: unknown flag 'SECCOMP_FILTER_FLAG_LOGG' \(entry 0\), did you mean 'SECCOMP_FILTER_FLAG_LOG'" 0
meant '{"defaultAction": 1e999}' 'not valid JSON: number overflow'
meant '{"defaultAction": "SCMP_ACT_ALLOW"} x' "not valid JSON: text behind the document's end"
printf '{"defaultAction": "SCMP_ACT_ALLOW"\0}' > nul.json
expect 3 'nul.json:1:35: /: not valid JSON: a NUL byte' "$whittle" simulate nul.json read
# A name of the catalogue that is not what the target has built in.
expect 0 'warning: docker-default is made of what docker 20.10.24 has built in, not docker 28.5.2: .*AF_VSOCK.*io_uring' \
  "$whittle" simulate docker-default read --loader docker:28.5.2 --runtime runc --kernel 6.1 --arch x86_64
newer=(--loader docker:28.5.2 --runtime runc --kernel 6.1 --arch x86_64)
printf 'x86_64 read\n' > read.txt
"$whittle" import read.txt -o read.json 2> /dev/null
printf '{"defaultAction": "SCMP_ACT_ALLOW"}' > all.json
built_in() { # WORDS...: said once for each time that docker-default is named
  local said named
  said=$("$whittle" "$@" "${newer[@]}" 2>&1 > /dev/null | grep -c '^warning: docker-default is made of')
  named=$(printf '%s\n' "$@" | grep -c docker-default)
  checks=$((checks + 1))
  [ "$said" = "$named" ] || fault "said $said times that docker-default is of another version: $*"
}
built_in verify docker-default read.json
built_in diff docker-default all.json
built_in diff docker-default docker-default
built_in prove docker-default all.json
built_in convert docker-default --to oci
built_in lint docker-default
built_in resolve docker-default
built_in explain docker-default
built_in simulate docker-default read
built_in simulate 'stack=all.json,docker-default' read
built_in simulate 'merge(all.json,docker-default)' read
built_in profile new --from docker-default --remove bpf
built_in profile intersect docker-default all.json
built_in import read.txt --under docker-default
built_in report read.json --profile docker-default
expect 1 "^warning: docker-default is made of what docker 20.10.24 has built in, not docker 28.5.2" \
  "$whittle" baseline --check docker-default --runtime runc:1.3.3

# So is a copy, however it is written, and what resolve made of it; a changed one is not, nor what has only the name.
mkdir copies
python3 - "$root/data/catalogue/docker-default.json" << 'END'
import json, sys
document = json.load(open(sys.argv[1]))
json.dump(document, open('copies/copy.json', 'w'))
document['syscalls'][0]['comment'] = 'mine'
json.dump(document, open('copies/commented.json', 'w'))
document['syscalls'][0]['names'].remove('read')
json.dump(document, open('copies/changed.json', 'w'))
json.dump(document, open('copies/docker-default', 'w'))
END
"$whittle" resolve docker-default "${newer[@]}" -o copies/flat.json 2> /dev/null
copy_of() { # TIMES FILE WORDS...: said so often that it is a copy
  local times=$1 file=$2 said
  shift 2
  said=$("$whittle" "$@" "${newer[@]}" 2>&1 > /dev/null |
    grep -c "^warning: $file comes to the same as docker-default: docker-default is made of what docker 20.10.24 has built in")
  checks=$((checks + 1))
  [ "$said" = "$times" ] || fault "said $said times that it is a copy: $*"
}
for of in copy=1 commented=1 flat=1 changed=0; do
  file=copies/${of%=*}.json
  copy_of "${of#*=}" "$file" verify "$file" read.json
  copy_of "${of#*=}" "$file" lint "$file"
  copy_of "${of#*=}" "$file" convert "$file" --to oci
  copy_of "${of#*=}" "$file" report read.json --profile "$file"
  copy_of "${of#*=}" "$file" profile new --from "$file" --remove bpf
  copy_of "${of#*=}" "$file" profile intersect "$file" all.json
done
checks=$((checks + 1))
grep -q 'built in' <<< "$(cd copies && "$whittle" verify docker-default ../read.json "${newer[@]}" 2>&1)" &&
  fault 'of another version: a file with the name and other content'
own=$("$whittle" simulate docker-default read --loader docker:20.10.24 --runtime runc --kernel 6.1 --arch x86_64 2>&1)
[[ $own != *'built in'* && $own == *ALLOW* ]] || fault "docker-default for its own docker: $own"

target=(--loader docker --runtime runc --kernel 6.1 --arch x86_64)
says 0 1 '^ALLOW$' "$whittle" simulate docker-default "${target[@]}" openat -100 0
# A list takes all words up to the next option, or one each, or splits them.
says 0 1 '^ERRNO' "$whittle" simulate docker-default "${target[@]}" --cap none mount
says 0 1 '^ALLOW$' "$whittle" simulate docker-default "${target[@]}" --cap sys_admin --cap chown mount
new=("$whittle" profile new --from docker-default "${target[@]}" -o out.json)
expect 0 'removed: chmod, fchmod, mkdir: ERRNO' "${new[@]}" --remove chmod,fchmod mkdir
# A command is not touched by the parser.
wrong "say where the evidence goes .*" record -- true --nope
says 0 1 '^Usage: whittle show \[OPTIONS\] evidence\.\.\.$' "$whittle" show --help
says 0 1 '^  --starts UINT:INT in \[1 - 10000\]=50$' "$whittle" baseline --help
says 0 1 '^Example:$' "$whittle" baseline --help
says 0 1 '^Target \(default: what this host has\):$' "$whittle" verify --help
says 0 1 '^whittle [0-9.]+$' "$whittle" --version
says 2 1 '^  show  +what evidence holds' "$whittle"
finish
