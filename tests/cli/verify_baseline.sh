#!/usr/bin/env bash
# A profile against what runtimes themselves call, as scripts see it. Usage: verify_baseline.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

profile() { # CALLS...
  local names
  names=$(printf '"%s", ' "$@")
  printf '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": [%s], "action": "SCMP_ACT_ALLOW"}]}\n' "${names%, }"
}
target=(--loader docker --loader-version 20.10.24 --arch x86_64 --kernel 6.1)
runc=("${target[@]}" --runtime runc --runtime-version 1.1.5)
crun=("${target[@]}" --runtime crun --runtime-version 1.8.1)

# says CODE LINES REGEX ARGUMENTS...: how many lines of standard output are like that.
says() {
  local code=$1 lines=$2 regex=$3 got=0 text
  shift 3
  text=$("$whittle" verify "$@" 2> /dev/null < /dev/null) || got=$?
  checks=$((checks + 1))
  [ "$got" = "$code" ] || fault "exit $got, expected $code: verify $*"
  [ "$(grep -cE -- "$regex" <<< "$text")" = "$lines" ] || fault "not $lines times '$regex': verify $*: $text"
}

# A new runtime: what it needs beyond the old one is an error, what the old one got along without a warning.
profile read write execve exit_group close > p.json
printf 'read\nexecve\nchdir\n' > old.txt
printf '# the next version\nread\nexecve\nchdir\ngetcwd\nx86_64 statx\n' > new.txt
says 1 1 '^error baseline-not-covered p.json /syscalls \| the new runtime \(new.txt\) needs: getcwd statx$' p.json --baseline new.txt --old-baseline old.txt "${runc[@]}"
says 1 1 '^warning baseline-not-covered p.json /syscalls \| the old runtime \(old.txt\) needs: chdir$' p.json --baseline new.txt --old-baseline old.txt "${runc[@]}"
says 1 1 'the runtime \(new.txt\) needs: chdir getcwd statx$' p.json --baseline new.txt "${runc[@]}"
profile read execve chdir exit_group > covered.json
says 0 0 'baseline-not-covered' covered.json --baseline old.txt "${runc[@]}"

# A program that only exits, under the runtimes that were measured: without no_new_privs both load the filter early.
profile execve exit_group > exits.json
says 1 1 'error .*runc 1.1.5.* needs: .*\bcapset\b.*\bsetuid\b' exits.json "${runc[@]}"
says 1 1 'error .*runc 1.1.5.* needs: .*\bclose\b.*\bwrite\b' exits.json "${runc[@]}" --no-new-privs
says 1 1 'error .*crun 1.8.1.* needs: .*\bcapset\b.*\bprctl\b' exits.json "${crun[@]}"
says 0 1 'warning .*crun 1.8.1.* also makes, and starts without: close$' exits.json "${crun[@]}" --no-new-privs
says 1 1 'measured on runc 1.1.5, not on runc 1.3.3' exits.json "${target[@]}" --runtime runc:1.3.3

# JSON, evidence through a pipe, profiles made for one's own baseline.
{ "$whittle" verify p.json --baseline new.txt --old-baseline old.txt "${runc[@]}" --json 2> /dev/null || true; } |
  python3 -c 'import json, sys; f = json.load(sys.stdin)["findings"]; assert [x["severity"] for x in f] == ["error", "warning"] and f[0]["pointer"] == "/syscalls", f' ||
  fault '--json'
printf 'x86_64 read\nx86_64 rmdir denied\n' > list.txt
"$whittle" import list.txt 2> /dev/null | "$whittle" generate - --baseline new.txt "${runc[@]}" -o made.json 2> /dev/null
says 0 0 'baseline-not-covered' made.json --baseline new.txt "${runc[@]}"
"$whittle" import list.txt 2> /dev/null | "$whittle" verify made.json - --baseline new.txt "${runc[@]}" > /dev/null 2>&1 || fault 'evidence from a pipe'
grep -q '"rmdir"' made.json && fault 'a refused call was allowed without being asked for'
"$whittle" import list.txt 2> /dev/null | "$whittle" generate - --baseline new.txt --allow-denied "${runc[@]}" -o asked.json 2> /dev/null
grep -q '"rmdir"' asked.json || fault '--allow-denied'
checks=$((checks + 4))

# Evidence without a call of the workload says nothing, so it does not say that all is well.
: > nothing.txt
"$whittle" import --format calls nothing.txt -o nothing.json 2> /dev/null
expect 3 'the evidence holds no calls at all' "$whittle" verify made.json nothing.json --baseline new.txt "${runc[@]}"

# Forms for code hosts.
says 0 1 '^\*\*Yes\*\*: 0 observations checked' covered.json --baseline old.txt --format markdown "${runc[@]}"
says 1 1 'so no container starts, .*<code>getcwd&#58; ERRNO\(1\)</code>' p.json --baseline new.txt --format markdown "${runc[@]}"
{ "$whittle" verify ./p.json --baseline new.txt --format sarif "${runc[@]}" 2> /dev/null || true; } |
  python3 -c 'import json, sys; r = json.load(sys.stdin)["runs"][0]["results"][0]
assert (r["ruleId"], r["level"], r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) == ("baseline-not-covered", "error", "p.json"), r' ||
  fault '--format sarif'
checks=$((checks + 1))
expect 2 'excludes' "$whittle" verify p.json --json --format sarif "${runc[@]}"
expect 2 'markdown' "$whittle" verify p.json --format xml "${runc[@]}"

# What is known without measuring.
checks=$((checks + 2))
"$whittle" baseline --known | grep > /dev/null -x 'crun 1.8.1 start no_new_privs=true needs: execve; also makes: close' || fault '--known'
"$whittle" baseline --known --json | python3 -c 'import json, sys; assert any(g["runtime"] == "runc" and "capset" in g.get("needs", []) for g in json.load(sys.stdin))' ||
  fault '--known --json'

expect 3 'nowhere.txt' "$whittle" verify p.json --baseline nowhere.txt "${runc[@]}"
printf 'read\nopenatt\n' > typo.txt
expect 3 "typo.txt:2: .*did you mean 'openat'" "$whittle" verify p.json --baseline typo.txt "${runc[@]}"

finish
