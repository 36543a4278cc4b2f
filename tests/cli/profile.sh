#!/usr/bin/env bash
# `whittle profile` as scripts see it. Usage: profile.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1)

answers() {
  local wanted=$1
  shift
  local got
  got=$("$whittle" simulate "$@" "${target[@]}" 2>/dev/null) || fault "exit $?: simulate $*"
  checks=$((checks + 1))
  [ "$got" = "$wanted" ] || fault "'$got', expected '$wanted': simulate $*"
}

new() { "$whittle" profile new "$@" "${target[@]}"; }

expect 0 'removed: chmod, fchmod, fchmodat: ERRNO\(1\)' new --from docker-default --remove chmod,fchmod,fchmodat -o no-chmod.json
for call in chmod fchmod fchmodat; do answers 'ERRNO(1)' no-chmod.json "$call"; done
answers ALLOW no-chmod.json chown
expect 0 'warning: fchmodat is still allowed' new --from docker-default --remove chmod -o half.json
expect 0 'warning: io_uring_setup is still allowed, and can do the job of splice' new --from docker-default --remove splice -o half.json
says 0 0 'warning' bash -c '"$@" 2>&1' _ "$whittle" profile new --from docker-default --remove io_uring_setup,io_uring_enter,io_uring_register -o ring.json "${target[@]}"
# Of what is refused here only because of the capabilities, and of the start-up calls of libcs, there is no warning.
expect 0 'note: finit_module can do the job of init_module .*; it is refused here' new --from docker-default --remove init_module -o half.json
says 0 0 'can do the job of mprotect \(a start-up' bash -c '"$@" 2>&1' _ "$whittle" profile new --from docker-default --remove mprotect -o half.json "${target[@]}"
expect 0 'warning: vfork is still allowed, and can do the job of fork' new --from docker-default --remove fork -o half.json
expect 0 'warning: what is refused is let pass and logged' new --from docker-default --deny log -o half.json
expect 3 "'#41' is a number, .* 'whittle explain 41'" new --from docker-default --remove '#41' -o half.json
says 0 1 '"name": "batch"' "$whittle" profile list --json
expect 0 'refused before: fchmodat2' new --from docker-default --remove fchmodat2 -o same.json
"$whittle" profile new --from docker-default 2>/dev/null > plain.json
cmp -s plain.json same.json || fault 'what was refused before changes nothing'

# What a node of Kubernetes would make of it.
expect 0 'note: containerd, so most nodes of Kubernetes, ignores archMap, excludes, includes; .* for everybody; .*convert --to oci' new --from docker-default --remove chmod -o half.json
expect 0 'warning: oci 2.1.0 ignores archMap, excludes, includes; .* hold for everybody' \
  "$whittle" profile new --from docker-default --remove chmod -o half.json --loader oci --runtime runc
expect 0 'note: .* ignores archMap; there only the native ABI is filtered' new --from audit -o none.json
says 0 0 'ignore' bash -c '"$@" 2>&1' _ "$whittle" profile new --from static-web --remove chmod -o none.json "${target[@]}"

expect 0 'added: mount: ALLOW' new --from no-chmod.json --add mount -o wider.json
answers ALLOW wider.json mount
answers 'ERRNO(1)' wider.json chmod
expect 0 '' new --from docker-default --remove chmod --deny kill -o kill.json
answers KILL_PROCESS kill.json chmod
answers KILL_PROCESS kill.json reboot
expect 0 '' new --from docker-default --remove chmod --deny log -o log.json
answers LOG log.json chmod

# The names of the catalogue, wherever a profile is asked for.
answers LOG audit mount
answers LOG complain mount
answers ALLOW complain read
answers ALLOW allow-all mount
checks=$((checks + 1))
[ "$("$whittle" simulate podman-default bpf --loader podman --runtime crun --cap none 2>/dev/null)" = 'ERRNO(1)' ] ||
  fault 'podman-default is not what podman makes of it'
answers UNCONFINED unconfined mount
checks=$((checks + 1))
[ "$("$whittle" profile list | cut -d' ' -f1 | paste -sd' ')" = 'docker-default podman-default containerd-default audit complain allow-all static-web jvm node python go-service batch database' ] ||
  fault 'the list is not the catalogue'

# What such a profile opens, and what it breaks.
expect 0 'warning: clone: .*user namespaces' new --from docker-default --add clone -o clone.json
expect 0 'warning: clone3: ' new --from docker-default --add clone3 -o clone.json
expect 0 'warning: runc 1.1.5 itself needs execve after .* no container starts' new --from static-web --remove execve -o none.json
says 0 0 'itself needs' bash -c '"$@" 2>&1' _ "$whittle" profile new --from static-web --remove chmod -o none.json "${target[@]}"
expect 0 'added: socketcall: x86_64 has no such call' new --from static-web --add socketcall -o none.json

expect 3 "'41' is a number, and profiles hold names" new --from audit --add 41
expect 2 "profile has no verb 'lst', did you mean 'list'" "$whittle" profile lst
expect 2 "no version in '28': expected two or three numbers" "$whittle" explain docker-default --loader docker:28
expect 3 "chmodd.*did you mean 'chmod'" new --from audit --remove chmodd
expect 3 'nowhere.json' new --from nowhere.json
expect 3 'unconfined is no profile' new --from unconfined
expect 2 'both removed and added' new --from audit --remove read --add read
expect 2 "unknown answer 'maybe'" new --from audit --deny maybe
expect 2 'subcommand' "$whittle" profile

finish
