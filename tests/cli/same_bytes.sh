#!/usr/bin/env bash
# Same evidence, same options: same profile, to the byte, whatever way it came. Usage: same_bytes.sh WHITTLE FOLDER-OF-EVIDENCE
set -uo pipefail
whittle=$(realpath "$1")
evidence=$(realpath "$2")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1 --cap default)

same() { # A B WHAT
  checks=$((checks + 1))
  [ -s "$1" ] && cmp -s "$1" "$2" || fault "$3: $1 and $2 differ"
}
make() { "$whittle" generate "${@:2}" "${target[@]}" -o "$1" 2> "$1.said" || fault "generate $*"; }

for level in strict portable; do
  for deny in errno kill log; do
    options=(--level "$level" --deny "$deny")
    make one.json "$evidence/web.evidence.json" "$evidence/mixed.evidence.json" "${options[@]}"
    make again.json "$evidence/web.evidence.json" "$evidence/mixed.evidence.json" "${options[@]}"
    make turned.json "$evidence/mixed.evidence.json" "$evidence/web.evidence.json" "${options[@]}"
    same one.json again.json "twice, $level, $deny"
    sed -i /^written:/d one.json.said again.json.said
    same one.json.said again.json.said "what is said, $level, $deny"
    same one.json turned.json "in another order, $level, $deny"
  done
done

make one.json "$evidence/web.evidence.json"
make twice.json "$evidence/web.evidence.json" "$evidence/web.evidence.json"
same one.json twice.json 'the same file twice'
"$whittle" merge "$evidence/web.evidence.json" -o merged.json 2> /dev/null
make merged.profile.json merged.json
same one.json merged.profile.json 'through merge'
"$whittle" generate - "${target[@]}" < "$evidence/web.evidence.json" > piped.json 2> /dev/null
same one.json piped.json 'through pipes'
mkdir elsewhere && cp "$evidence/web.evidence.json" elsewhere/other-name.json
(cd elsewhere && env -i TZ=Asia/Tokyo LC_ALL=C HOME=/ "$whittle" generate other-name.json "${target[@]}" -o ../moved.json 2> /dev/null)
same one.json moved.json 'another folder, name and environment'

# What was imported, too.
printf '7 1700000000.0 execve("/a", [], 0) = 0\n7 1700000001.0 getpid() = 7\n7 1700000001.5 exit_group(0) = ?\n7 1700000001.5 +++ exited with 0 +++\n' > trace.txt
cp trace.txt elsewhere/
"$whittle" import trace.txt -o import-1.json 2> /dev/null
(cd elsewhere && "$whittle" import ../elsewhere/trace.txt -o ../import-2.json 2> /dev/null)
same import-1.json import-2.json 'imports of one file'
make import-1.profile.json import-1.json
make import-2.profile.json import-2.json
same import-1.profile.json import-2.profile.json 'profiles of imports'

finish
