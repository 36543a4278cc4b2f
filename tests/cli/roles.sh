#!/usr/bin/env bash
# The role profiles of the catalogue against the recordings that they are made of, and those that they are tried with. Usage: roles.sh WHITTLE
set -uo pipefail
WHITTLE=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
cd "$(dirname "$0")/../.." || exit 1
. scripts/lib/roles.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fails() { "$@" > "$folder/out" 2>&1 || { fault "$* ($(tail -1 "$folder/out"))"; return 1; }; }
holds() { checks=$((checks + 1)) && fails "$@"; }

# What it is refused is what data/roles/roles.csv says, and nothing depends on arguments.
as_known() { # ROLE WORKLOAD TARGET_FLAG...
  local role=$1 workload=$2 known refused # begins with "verified", so that an answer that never came is not the answer "nothing"
  shift 2
  refused=$("$WHITTLE" verify "$role" "$(role_evidence "$workload")" --json "$@" 2> /dev/null | python3 -c 'import json, sys
d = json.load(sys.stdin)
print("verified", *sorted({found["call"] for found in d["refused"] + d["depends"]} | set(map(str, d["baseline"]["refused"]))))')
  known=$(role_known_refusals "$role" "$workload")
  [ "$refused" = "verified${known:+ $known}" ] || { echo "answer: $refused"; return 1; }
}

# Everywhere a role may be used: loaders, runtimes, without and with no_new_privs.
works_everywhere() { # ROLE WORKLOAD
  local loader runtime privileges
  for loader in docker:20.10.24 podman:4.3.1 oci:2.1.0; do
    for runtime in runc:1.1.5 crun:1.8.1; do
      for privileges in '' --no-new-privs; do
        [ -z "$privileges" ] || [ "$loader" = docker:20.10.24 ] || continue
        # shellcheck disable=SC2086
        holds as_known "$1" "$2" --loader "$loader" --runtime "$runtime" $privileges --arch x86_64 --kernel 6.1
      done
    done
  done
}

list=$("$WHITTLE" profile list)
roles=$(role_names)
[ "$(wc -w <<< "$roles")" = 7 ] || fault "there are not seven roles: $roles"
role_forbidden "$folder/risky" > /dev/null
[ "$(wc -l < "$folder/risky")" -gt 20 ] || fault 'the calls of the highest risk are not known'

for role in $roles; do
  grep -q "^$role " <<< "$list" || fault "$role is not in the list"
  # What is in the program is what the script makes of the recordings.
  holds role_document "$role" "$folder/made.json"
  holds cmp "$folder/made.json" "data/catalogue/$role.json"
  holds "$WHITTLE" prove "data/catalogue/$role.json" "$role" "${ROLE_TARGET[@]}"
  for workload in $(role_workloads "$role") $(role_workloads "$role" tried); do
    works_everywhere "$role" "$workload"
  done
  for workload in $(role_workloads "$role"); do
    [ -z "$(role_known_refusals "$role" "$workload")" ] || fault "$role refuses something to $workload, of which it is made"
  done
  [ -n "$(role_workloads "$role" tried)" ] || fault "$role was tried with nothing that it was not made of"
  holds "$WHITTLE" lint "$role"
  for library in 2.5.4 2.6.0; do
    holds "$WHITTLE" diff docker-default "$role" --fail-if-looser "${ROLE_TARGET[@]}" --libseccomp "$library"
  done
  # Tighter than docker's default, not the same.
  checks=$((checks + 1))
  "$WHITTLE" diff "$role" docker-default --fail-if-looser "${ROLE_TARGET[@]}" > /dev/null 2>&1
  [ $? = 1 ] || fault "docker-default is not looser than $role"
  checks=$((checks + 1))
  open=$("$WHITTLE" simulate "$role" --calls "$folder/risky" "${ROLE_TARGET[@]}" 2> /dev/null | paste -d' ' - "$folder/risky" |
    grep -v '^ERRNO' | paste -sd,)
  [ -z "$open" ] || fault "$role lets pass what is of the highest risk: $open"
  # Other machines take it, and their runtimes' calls pass.
  for arch in aarch64 riscv64 s390x ppc64le; do
    checks=$((checks + 1))
    [ "$("$WHITTLE" simulate "$role" openat --arch "$arch" --loader docker:28.5.2 --runtime runc:1.1.5 2> /dev/null)" = ALLOW ] ||
      fault "$role does not work on $arch"
    holds "$WHITTLE" verify "$role" --arch "$arch" --loader docker:28.5.2 --runtime runc:1.1.5
  done
done

# Another libc: what musl does for the same program is among the equivalents of what glibc does, but for fork, which roles have.
holds "$WHITTLE" generate "$(role_evidence libc-glibc)" --level portable -o "$folder/glibc.json" "${ROLE_TARGET[@]}"
says 1 1 ', x86_64: fork$' "$WHITTLE" verify "$folder/glibc.json" "$(role_evidence libc-musl)" "${ROLE_TARGET[@]}"
says 1 1 ' observations checked, 1 refused' "$WHITTLE" verify "$folder/glibc.json" "$(role_evidence libc-musl)" "${ROLE_TARGET[@]}"
says 0 1 '^ALLOW$' "$WHITTLE" simulate batch fork "${ROLE_TARGET[@]}"
holds "$WHITTLE" generate "$(role_evidence libc-glibc)" --level strict -o "$folder/strict.json" "${ROLE_TARGET[@]}"
says 1 1 ' checked, [0-9]{2} refused' "$WHITTLE" verify "$folder/strict.json" "$(role_evidence libc-musl)" "${ROLE_TARGET[@]}"

# These checks see what is missing.
holds "$WHITTLE" profile new --from static-web --remove sendfile "${ROLE_TARGET[@]}" -o "$folder/less.json"
says 1 1 ', x86_64: sendfile$' "$WHITTLE" verify "$folder/less.json" "$(role_evidence nginx)" "${ROLE_TARGET[@]}"

# Of other workloads a role is no good: it is tight enough to say so.
says 1 1 '^no: ' "$WHITTLE" verify go-service "$(role_evidence jobs)" "${ROLE_TARGET[@]}"

# What is recorded can be recorded anew: every workload has its file.
for workload in $(role_all_workloads); do
  checks=$((checks + 1))
  [ -e "scripts/servers/$workload.sh" ] || [ -e "scripts/workloads/$workload.sh" ] || fault "$workload has no file"
done

finish
