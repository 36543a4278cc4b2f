#!/usr/bin/env bash
# What the first tutorials ask for, each step: a default without chmod in one line, an audit profile whose kernel log becomes names,
# annotations that become fields, a profile explained action by action. In real containers.
# Usage: advice_brief.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/scripts/lib/common.sh"
. "$here/scripts/lib/engine.sh"
"$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
folder=$(mktemp -d /tmp/wab.XXXXXX)
cd "$folder" || exit 1
listener=
finish() {
  [ -z "$listener" ] || kill "$listener" 2> /dev/null
  rm -rf "$folder"
}
trap finish EXIT
failures=0
check() { # WHAT CONDITION
  if eval "$2"; then echo "ok: $1"; else echo "NOT ok: $1"; failures=$((failures + 1)); fi
}
box() { # PROFILE COMMAND...
  local profile=$1
  shift
  "$DOCKER" run --rm --network none --security-opt "seccomp=$profile" whittle-busybox "$@" 2>&1
}

# The default without chmod, and who is warned.
removed=chmod,fchmod,fchmodat,fchmodat2
"$whittle" profile new --from docker-default --remove $removed -o no-chmod.json 2> no-chmod.txt
check 'made in one line' '[ -s no-chmod.json ]'
check 'nothing that does its job is left open' '! grep -q "^warning: .* still allowed" no-chmod.txt'
for left_out in chmod fchmod fchmodat; do
  others=$(tr , '\n' <<< $removed | grep -vx $left_out | paste -sd,)
  "$whittle" profile new --from docker-default --remove "$others" -o half.json 2> half.txt
  check "$left_out left out is warned of" "grep -q '^warning: $left_out is still allowed, and can do the job of' half.txt"
done
said=$(box no-chmod.json chmod 700 /bin)
check 'chmod in the container: Operation not permitted' 'grep -q "/bin: Operation not permitted" <<< "$said"'
check 'without the profile it works' 'box unconfined chmod 700 /bin > /dev/null'
check 'all else works' 'box no-chmod.json ls / > /dev/null'
check 'who looks from outside is told' '"$whittle" simulate no-chmod.json chmod 2> /dev/null | grep -q "^ERRNO(1)"'

# The audit profile: what the kernel logs of a container, as names.
echo '{"defaultAction": "SCMP_ACT_LOG"}' > audit.json
python3 "$here/scripts/lib/audit-log.py" audit.log &
listener=$!
for _ in $(seq 50); do [ -s audit.log ] && break; sleep 0.1; done
if [ -s audit.log ]; then
  dmesg --follow-new > kernel.log 2> /dev/null &
  follower=$!
  sleep 0.3
  box audit.json chmod 700 /bin > /dev/null
  sleep 1
  kill "$listener" "$follower" 2> /dev/null
  wait "$listener" "$follower" 2> /dev/null
  listener=
  grep 'exe="/bin/busybox"' audit.log > box.log
  check 'the kernel logged the calls' '[ "$(wc -l < box.log)" -gt 5 ]'
  "$whittle" import box.log -o box.json 2> box.txt
  check 'every line was understood' '! grep -q "not understood" box.txt'
  "$whittle" show box.json --calls 2> /dev/null | cut -f 4 | sort -u > names
  sed -n 's/.* syscall=\([0-9]*\) .*/\1/p' box.log | sort -u | while read -r number; do
    "$whittle" syscalls "$number" | awk '$1 == "x86_64" {print $2}'
  done | sort -u > wanted
  check "numbers became names: $(paste -sd' ' names)" '[ -s names ] && diff names wanted'
  check 'chmod is among them' 'grep -qE "^(chmod|fchmodat)$" names'
  check 'the fate is that they were logged' '[ "$("$whittle" show box.json --calls 2> /dev/null | cut -f 5 | sort -u)" = logged ]'
  "$whittle" import audit.log -o all.json 2> all.txt
  check 'the whole log is read, other records in it' '"$whittle" show all.json --calls 2> /dev/null | grep -q "/bin/busybox.*chmod"'
  if [ -s kernel.log ]; then
    "$whittle" import kernel.log -o kernel.json 2> kernel.txt
    check 'the kernel ring buffer as dmesg prints it' '[ "$("$whittle" show kernel.json --calls 2> /dev/null | wc -l)" -gt 0 ]'
    # Where printk dropped lines the evidence says so.
    kept=$(grep -c type=1326 kernel.log) made=$(grep -c type=SECCOMP audit.log)
    check "what printk dropped is a gap ($kept of $made lines were printed)" \
      '[ "$kept" -ge "$made" ] || "$whittle" show kernel.json --gaps 2> /dev/null | grep -qE "rate-limited|serial-gap|burst"'
  fi
else
  echo "SKIPPED: the audit stream cannot be read here (whittle doctor)"
fi

# Annotations to fields.
cat > pod.yaml << 'END'
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    seccomp.security.alpha.kubernetes.io/pod: localhost/profiles/no-chmod.json
    container.seccomp.security.alpha.kubernetes.io/log: runtime/default
spec:
  containers:
  - name: web
    image: nginx
  - name: log
    image: busybox
END
"$whittle" convert pod.yaml --to kubernetes -o field.yaml 2> field.txt
check 'the pod annotation became the field of its container' '[ "$(grep -A 4 "^  - name: web$" field.yaml | grep -c "localhostProfile: profiles/no-chmod.json")" = 1 ]'
check 'and the other container got its own' '[ "$(grep -A 4 "^  - name: log$" field.yaml | grep -c "type: RuntimeDefault")" = 1 ]'
check 'no annotation is left' '! grep -q seccomp.security.alpha field.yaml'
check 'why not at the pod is said' 'grep -q "not the pod" field.txt'
check 'the next run has nothing to do' '"$whittle" convert field.yaml --to kubernetes 2> /dev/null | cmp -s - field.yaml'

# Default LOG, three ABIs, fourteen calls that pass, three that are refused: every action is explained, with its danger.
cat > paper.json << 'END'
{"defaultAction": "SCMP_ACT_LOG", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [
  {"names": ["accept4", "bind", "brk", "clone", "close", "epoll_wait", "execve", "exit_group", "futex", "listen", "mmap", "openat", "read", "write"],
   "action": "SCMP_ACT_ALLOW"},
  {"names": ["add_key", "keyctl", "ptrace"], "action": "SCMP_ACT_ERRNO"}]}
END
"$whittle" explain paper.json > paper.txt 2> paper.err
check 'the default' 'grep -q "^default: LOG$" paper.txt'
check 'LOG: all that no rule names, made and logged' 'grep -qE "^  LOG \([0-9]+ calls\): the call is made, and the kernel logs it" paper.txt'
check 'ALLOW: the fourteen by name' 'grep -qE "^  ALLOW \(14 calls: accept4, bind, brk, clone," paper.txt'
check 'ERRNO: the three by name, and that nobody hears of it' 'grep -A 1 -E "^  ERRNO\(1\) \(3 calls: add_key, keyctl, ptrace\): the call is not made" paper.txt |
  grep -q "nobody hears of it"'
check 'its ABIs' 'grep -q "so do calls of i386, x32$" paper.txt'
for call in add_key keyctl ptrace; do
  check "$call: what it is for, and what it can be used for" "\"$whittle\" explain $call 2> /dev/null | head -3 | grep -q '^$call: '"
done

[ "$failures" = 0 ] && echo "all hold"
[ "$failures" = 0 ]
