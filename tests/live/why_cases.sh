#!/usr/bin/env bash
# `whittle why` on broken containers, with real engines and runtimes: a table of how each is broken and the cause that
# has to stand first. Usage: why_cases.sh WHITTLE
# An engine that is not there is skipped, and said. The last line counts what was tried.
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/scripts/lib/common.sh"
. "$here/scripts/lib/engine.sh"
. "$here/scripts/lib/podman.sh"
"$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
folder=$(mktemp -d /tmp/wwc.XXXXXX)
checks=0 failures=0
cd "$folder" || exit 1
made=()
cleanup() {
  [ "${#made[@]}" = 0 ] || "$DOCKER" rm -f "${made[@]}" > /dev/null 2>&1
  [ -z "${podman_is_up:-}" ] || podman_down "$folder/podman"
  rm -rf "$folder"
}
trap cleanup EXIT

# Profiles: all that the runtimes need at a start, and a shell; some lack one call.
python3 - "$here/data/baselines" <<'PY'
import glob, json, struct, sys
base = set()
for file in glob.glob(sys.argv[1] + "/*.csv"):
    for line in open(file):
        cells = line.strip().split(",")
        if len(cells) > 5 and cells[2] == "start":
            base.add(cells[5])
work = """exit_group exit brk mmap munmap mprotect arch_prctl set_tid_address set_robust_list rseq getuid geteuid getgid getegid
write writev read open openat close fstat newfstatat stat lstat ioctl fcntl prctl readlink readlinkat getrandom rt_sigaction
rt_sigprocmask rt_sigreturn getpid getppid nanosleep clock_nanosleep clock_gettime execve wait4 clone fork vfork dup2 dup pipe pipe2
prlimit64 getcwd uname faccessat2 access futex gettid kill tgkill poll chown fchownat fchown mkdir mkdirat utimensat""".split()
def profile(name, minus=(), deny="SCMP_ACT_ERRNO", more=(), **members):
    names = sorted((base | set(work)) - set(minus))
    document = {"defaultAction": deny, "architectures": ["SCMP_ARCH_X86_64"],
                "syscalls": [{"names": names, "action": "SCMP_ACT_ALLOW"}, *more], **members}
    json.dump(document, open(name + ".json", "w"))
mkdir = ["mkdir", "mkdirat"]
profile("good")
for call in ("capset", "setgroups", "write", "execve", "setresuid", "pselect6", "fstatfs", "read"):
    profile("errno-" + call, [call])
    profile("kill-" + call, [call], "SCMP_ACT_KILL_PROCESS")
profile("thread-capset", ["capset"], "SCMP_ACT_KILL_THREAD")
profile("log", mkdir + ["capset"], "SCMP_ACT_LOG")
profile("errno-mkdir", mkdir)
profile("kill-mkdir", mkdir, "SCMP_ACT_KILL_PROCESS")
profile("trap-mkdir", mkdir, more=[{"names": mkdir, "action": "SCMP_ACT_TRAP"}])
profile("deny-mkdir", mkdir, more=[{"names": mkdir, "action": "SCMP_ACT_KILL"}])
profile("no-memory", ["brk", "mmap"])
profile("badaction", more=[{"names": ["mount"], "action": "SCMP_ACT_DENY"}])
profile("badop", more=[{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQUALS"}]}])
profile("notify", mkdir, more=[{"names": mkdir, "action": "SCMP_ACT_NOTIFY"}])
profile("listener", mkdir, more=[{"names": mkdir, "action": "SCMP_ACT_NOTIFY"}], listenerPath="/run/nobody-listens.sock")
profile("flags", flags=["SECCOMP_FILTER_FLAG_LOG"])
open("empty.json", "w").write("{}")
open("broken.json", "w").write('{"defaultAction": "SCMP_ACT_ERRNO",\n "syscalls": [{"names": ["read"] "action": "SCMP_ACT_ALLOW"}]}\n')
# A program of 32 bits that exits with 7: mov eax,1; mov ebx,7; int 0x80.
code = bytes([0xb8, 1, 0, 0, 0, 0xbb, 7, 0, 0, 0, 0xcd, 0x80])
head = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 40, 0, 0)
load = struct.pack("<IIIIIIII", 1, 0, 0x8048000, 0x8048000, 84 + len(code), 84 + len(code), 5, 0x1000)
open("elf32", "wb").write(head + load + code)
PY
chmod +x elf32

# expect LABEL KIND[:CALL] ARGUMENTS...: the first cause of `why ARGUMENTS...`, and the call that it names first.
expect() {
  local label=$1 wanted=$2 got code=0
  shift 2
  checks=$((checks + 1))
  "$whittle" why "$@" --json > why.json 2> why.err < /dev/null || code=$?
  got=$(python3 -c '
import json, sys
causes = json.load(open("why.json"))["causes"]
print("none" if not causes else causes[0]["kind"] + (":" + causes[0]["calls"][0] if ":" in sys.argv[1] and causes[0]["calls"] else "") + " " + causes[0]["certainty"])
' "$wanted" 2> /dev/null) || got="exit $code: $(head -1 why.err)"
  if [ "${got% *}" = "$wanted" ] || [[ $wanted = exit* && $got = "$wanted"* ]]; then
    echo "ok: $label: $got"
  else
    failures=$((failures + 1))
    echo "NOT ok: $label: expected $wanted, got $got"
    "$whittle" why "$@" < /dev/null 2>&1 | sed 's/^/    /'
  fi
}

# broken ENGINE RUNTIME KIND[:CALL] PROFILE [ENGINE'S ARGUMENTS...] -- COMMAND...
broken() {
  local engine=$1 runtime=$2 wanted=$3 profile=$4 options=() security=()
  shift 4
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  [ "$profile" = - ] || security=(--security-opt "seccomp=$profile.json")
  local name=why-$$-$checks
  made+=("$name")
  if [ "$engine" = docker ]; then
    timeout 60 "$DOCKER" run --name "$name" --network none --runtime "$runtime" "${security[@]}" "${options[@]}" whittle-busybox "$@" > run.log 2>&1
  else
    timeout 60 "${view[@]}" podman --runtime "$runtime" run --name "$name" --network none "${security[@]}" "${options[@]}" whittle-busybox "$@" > run.log 2>&1
  fi
  expect "$engine $runtime $profile ${options[*]} -- $*" "$wanted" "$name"
}

sh_mkdir=(sh -c 'mkdir /x || exit 5')
engine_rows() { # ENGINE RUNTIME
  local e=$1 r=$2
  # The runtime's own calls, by action.
  broken "$e" "$r" runtime-refused:capset errno-capset -- true
  broken "$e" "$r" runtime-refused:capset kill-capset -- true
  broken "$e" "$r" runtime-refused:execve errno-execve -- true
  broken "$e" "$r" runtime-refused:execve kill-execve -- true
  if [ "$r" = runc ]; then
    broken "$e" "$r" runtime-refused:setgroups errno-setgroups -- true
    broken "$e" "$r" runtime-refused:fstatfs kill-fstatfs -- true
    broken "$e" "$r" runtime-refused:write errno-write -- true
  else
    broken "$e" "$r" runtime-refused:setresuid errno-setresuid -- true
    broken "$e" "$r" runtime-refused:pselect6 errno-pselect6 -- true
    broken "$e" "$r" runtime-refused:read kill-read -- true
  fi
  # Faults of the profile.
  broken "$e" "$r" profile-refused badaction -- true
  broken "$e" "$r" profile-refused badop -- true
  broken "$e" "$r" architecture-missing good -v "$folder/elf32:/elf32" -- /elf32
  # Calls of the workload.
  broken "$e" "$r" workload-refused:mkdir errno-mkdir -- "${sh_mkdir[@]}"
  broken "$e" "$r" workload-refused:mkdir kill-mkdir -- /bin/busybox mkdir /x
  # Not seccomp's fault.
  broken "$e" "$r" program-missing good -- nosuch
  broken "$e" "$r" program-missing good -- sh -c 'nosuch; exit $?'
  broken "$e" "$r" program-unusable good -- /etc
  broken "$e" "$r" ended-by-itself good -- sh -c 'echo sorry; exit 3'
  broken "$e" "$r" ended-by-itself log -- sh -c 'mkdir /x; exit 3'
  broken "$e" "$r" out-of-memory good --memory 20m -- sh -c 'a=xxxxxxxx; while true; do a=$a$a; done'
  broken "$e" "$r" capability good --cap-drop CHOWN -- busybox chown 5 /bin
  broken "$e" "$r" permission good --user 1000 -- sh -c 'echo > /z || exit 6'
  broken "$e" "$r" none good -- true
}

engine_rows docker runc
broken docker runc no-listener notify -- true
broken docker runc profile-ignored empty -- true
# A daemon that lacks capabilities itself cannot start a privileged container: not the profile's fault, which is ignored.
ignored=profile-ignored
"$DOCKER" run --rm --privileged --network none whittle-busybox true > /dev/null 2>&1 || ignored=host-rights
broken docker runc $ignored good --privileged -- true
# A static program of glibc that is refused its first memory; a call that neither the log nor the command line names.
broken docker runc workload-refused:brk no-memory -- true
broken docker runc workload-refused:mkdir trap-mkdir -- busybox mktemp -d -p /
# What is advised works, though a rule refuses the call by name.
broken docker runc workload-refused:mkdir deny-mkdir -- busybox mkdir /x
"$whittle" profile new --from deny-mkdir.json --add mkdir,mkdirat -o advised.json 2> advised.log
broken docker runc none advised -- busybox mkdir /x
broken docker runc workload-refused:unshare - -- busybox unshare -U true
if "$DOCKER" info -f '{{range $name, $r := .Runtimes}}{{$name}} {{end}}' | grep > /dev/null -w crun; then
  engine_rows docker crun
  broken docker crun no-listener notify -- "${sh_mkdir[@]}"
else
  echo "SKIPPED: docker with crun (engine_up_crun starts one)"
fi

# A start that hangs: the thread is killed, the others wait. Its engine answers nothing about it.
name=why-$$-hangs
made+=("$name")
timeout --signal KILL 8 "$DOCKER" run --name "$name" --network none --security-opt seccomp=thread-capset.json whittle-busybox true > /dev/null 2>&1
expect "docker runc: KILL_THREAD, the start hangs" runtime-refused:capset "$name"
checks=$((checks + 1))
if "$whittle" why "$name" 2>&1 | tr -s ' \n' ' ' | grep > /dev/null -- '--from docker-default'; then
  failures=$((failures + 1))
  echo "NOT ok: a start that hangs: the advice starts from a profile that was not in force"
fi
id=$("$DOCKER" ps --all --no-trunc --filter "name=$name" --format '{{.ID}}')
for pid in $(grep -lsF "${id:-none}" /proc/[0-9]*/cgroup | cut -d/ -f3); do
  grep -qs '^Name:.*runc' "/proc/$pid/status" && kill -9 "$pid"
done

# A daemon that is given a path in place of a profile, as some clients do.
name=why-$$-path
made+=("$name")
curl -s --unix-socket "${DOCKER_HOST#unix://}" -H 'Content-Type: application/json' -X POST "http://d/containers/create?name=$name" \
  -d '{"Image": "whittle-busybox", "Cmd": ["true"], "HostConfig": {"SecurityOpt": ["seccomp=/etc/web.json"]}}' > /dev/null
"$DOCKER" start "$name" > /dev/null 2>&1
expect "docker: a path in place of the document" profile-path "$name"

# No container was left: only the engine's words, or the profile.
for file in /nowhere/x.json profiles/x.json localhost/profiles/x.json broken.json; do
  "$DOCKER" run --rm --security-opt seccomp=$file whittle-busybox true > message.txt 2>&1
  wanted=profile-path
  case $file in /*) wanted=profile-missing ;; broken.json) wanted=profile-broken ;; esac
  expect "message of docker: $file" $wanted --message "$(cat message.txt)" --loader docker --runtime runc
done
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5)
expect "a profile: broken" profile-broken --profile broken.json "${target[@]}"
expect "a profile: a call of the runtime" runtime-refused:capset --profile errno-capset.json "${target[@]}"
expect "a profile: missing" profile-missing --profile /nowhere/x.json "${target[@]}"
expect "a profile: good" none --profile good.json "${target[@]}"

# The container is gone, its refusals were kept.
name=why-$$-gone
made+=("$name")
id=$("$DOCKER" create --name "$name" whittle-busybox true)
"$DOCKER" rm "$name" > /dev/null
mkdir kept
cat > "kept/$id-1000.json" <<EOF2
{"format": "whittle-denials", "version": 1, "container": {"id": "$id", "name": "$name"}, "started_ms": 1000, "updated_ms": 2000,
 "refused": [{"abi": "x86_64", "call": "chmod", "fate": "denied", "executable": "/bin/busybox", "arrival": "workload", "count": 2}]}
EOF2
expect "gone, and kept" workload-refused:chmod "$name" --kept kept
expect "gone, and given" workload-refused:chmod "$name" --from "kept/$id-1000.json"
expect "gone, and not kept" "exit 3: error: no container" "$name" --kept "$folder/none"

if command -v podman > /dev/null; then
  podman_up "$folder/podman"
  podman_is_up=1
  "$DOCKER" create --name "why-$$-image" whittle-busybox true > /dev/null && made+=("why-$$-image")
  "$DOCKER" export "why-$$-image" > image.tar
  podman_image whittle-busybox image.tar
  view=()
  engine_rows podman runc
  broken podman runc no-listener listener -- true
  broken podman runc profile-refused flags -- true
  view=()
  [ ! -d /sys/fs/cgroup/unified ] || view=(unshare --mount --propagation private sh -c 'mount -t tmpfs none /sys/fs/cgroup/unified && exec "$@"' sh)
  engine_rows podman crun
  broken podman crun no-listener listener -- true
else
  echo "SKIPPED: podman is not installed"
fi
printf '%s of %s right causes stood first\n' $((checks - failures)) "$checks"
[ "$failures" = 0 ]
