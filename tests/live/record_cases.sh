#!/usr/bin/env bash
# Recording must neither be fooled nor noticed: a workload that takes the runtime's name is still recorded, every runtime's
# set-up is cut, and what a program does is the same with and without a recorder.
# Usage: record_cases.sh WHITTLE FOLDER-OF-record_probe
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
probe=$(realpath "$2")/record_probe
docker=/usr/bin/docker
"$docker" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder" || exit 1
failures=0

check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then echo "ok: $what"; else
    echo "NOT ok: $what"
    failures=$((failures + 1))
  fi
}
workload_calls() { "$whittle" show "$1" --calls | cut -f 4 | sort -u; }
arrived_calls() { comm -13 <("$whittle" show "$1" --calls | sort) <("$whittle" show "$1" --calls --arrived | sort) | cut -f 4 | sort -u; }
has() { grep -qx "$2" <<< "$1"; }
lacks() { ! has "$1" "$2"; }

# record_container FILE NAME DOCKER-ARGUMENTS...: the container's output and exit code are in FILE.out.
record_container() {
  local file=$1 name=$2 recorder
  shift 2
  timeout 60 "$whittle" record --container "$name" --wait -o "$file" 2> "$file.log" &
  recorder=$!
  for _ in $(seq 100); do grep -qs armed "$file.log" && break; sleep 0.1; done
  "$docker" run --rm --name "$name" --network none --security-opt seccomp=unconfined "$@" > "$file.out" 2> /dev/null
  echo "exit $?" >> "$file.out"
  wait "$recorder"
}

# The name that runc gives its own set-up, taken by the workload.
fake='printf "runc:[2:INIT]" > /proc/self/comm; cat /proc/$$/comm; umask 077; kill -0 $$; cd /bin'
for runtime in runc crun; do
  if ! "$docker" info --format '{{json .Runtimes}}' | grep > /dev/null "\"$runtime\""; then
    echo "SKIPPED: docker has no runtime $runtime"
    continue
  fi
  record_container "$runtime.json" "whittle-cases-$$-$runtime" --runtime "$runtime" whittle-busybox sh -c "$fake"
  check "$runtime: the workload took the name" grep -qxF 'runc:[2:INIT]' "$runtime.json.out"
  calls=$(workload_calls "$runtime.json")
  for call in kill umask chdir; do check "$runtime: what it did under that name is recorded: $call" has "$calls" "$call"; done
  for call in capset setuid setresuid setgroups; do check "$runtime: the set-up is cut: $call" lacks "$calls" "$call"; done
  check "$runtime: the set-up is kept apart" has "$(arrived_calls "$runtime.json")" capset
done

# With and without.
plain() { "$probe" < /dev/null > plain.out 2>&1; echo "exit $?" >> plain.out; }
recorded() {
  timeout 60 "$whittle" record -o probe.json -- "$probe" < /dev/null > recorded.out 2> recorded.log
  echo "exit $(sed -n 's/.*ended with exit code \([0-9]*\).*/\1/p' recorded.log)" >> recorded.out
}
plain
recorded
check 'a recorded command prints what it printed before, and ends as it did' diff plain.out recorded.out
check 'its calls were recorded' has "$(workload_calls probe.json)" ptrace
if command -v strace > /dev/null; then
  strace -f -o trace.txt "$probe" < /dev/null > traced.out 2>&1
  echo "exit $?" >> traced.out
  check 'a tracer by ptrace is noticed by the same program (this test can fail)' bash -c '! cmp -s plain.out traced.out'
  "$whittle" import trace.txt -o trace.json 2> import.log
  check 'its trace is labelled' grep -q 'note: made by ptrace' <("$whittle" show trace.json)
  comm -23 <(workload_calls probe.json | grep -v '^#') <(workload_calls trace.json) > missing
  check 'and has every call that the recorder saw' diff /dev/null missing
fi
contained='test -r /etc/nothing; echo $?; busybox grep -E "TracerPid|Seccomp:|NoNewPrivs|CapEff" /proc/self/status; sh -c "kill -TRAP \$\$"; echo $?; exit 33'
"$docker" run --rm --network none --security-opt seccomp=unconfined whittle-busybox sh -c "$contained" > contained.out 2> /dev/null
echo "exit $?" >> contained.out
record_container contained.json "whittle-cases-$$-same" whittle-busybox sh -c "$contained"
check 'a recorded container prints what it printed before, and ends as it did' diff contained.out contained.json.out

exit "$failures"
