#!/usr/bin/env bash
# Arguments, from a trace of a real program to a profile that it works under and that refuses others.
# Usage: arguments_seen.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
command -v strace > /dev/null || { echo "SKIPPED: needs strace"; exit 77; }
[ -x /usr/bin/python3 ] || { echo "SKIPPED: needs python3"; exit 77; }
. "$(dirname "$0")/../cli/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
strace -f -o probe.txt true || { echo "SKIPPED: strace cannot trace here"; exit 77; }

cat > work.py << 'END'
import ctypes, fcntl, socket, sys
want = sys.argv[1:]
pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
fcntl.fcntl(pair[0], fcntl.F_GETFD)
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if 'stream' in want:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if 'netlink' in want:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
if 'personality' in want:
    assert ctypes.CDLL(None, use_errno=True).personality(0xffffffff) >= 0
print('done')
END
work=(/usr/bin/python3 -E -s -S work.py)

# However strace writes them they are the same.
for format in abbrev raw verbose; do
  strace -f -X "$format" -o "$format.txt" "${work[@]}" personality > /dev/null
  "$whittle" import "$format.txt" -o "$format.json" 2> /dev/null
  "$whittle" show "$format.json" --arguments | cut -f 4- > "$format.seen"
done
checks=$((checks + 3))
cmp -s abbrev.seen raw.seen || fault "names and numbers differ: $(diff abbrev.seen raw.seen)"
cmp -s abbrev.seen verbose.seen || fault "names and both differ: $(diff abbrev.seen verbose.seen)"
grep -qx $'socket\tallowed\t(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC)' abbrev.seen || fault "socket was not seen: $(cat abbrev.seen)"

# The profile of what was seen, and of all values.
strace -f -o plain.txt "${work[@]}" > /dev/null
"$whittle" import plain.txt -o plain.json 2> /dev/null
"$whittle" generate plain.json --args all -o tight.json 2> tight.log
"$whittle" generate plain.json -o wide.json 2> /dev/null
grep -q 'with the arguments that were seen only: .*socket' tight.log || fault "socket is not narrowed: $(cat tight.log)"
expect 0 '' "$whittle" verify tight.json plain.json
expect 1 '' "$whittle" verify tight.json abbrev.json
expect 0 '' "$whittle" lint tight.json --fail-on error
is() { # WANTED GOT WHAT
  checks=$((checks + 1))
  [ "$2" = "$1" ] || fault "$3: '$2'"
}
run() { "$whittle" run --profile "$1" -- "${work[@]}" "${@:2}" 2> run.log; }
is done "$(run tight.json)" 'it works under its profile'
is done "$(run wide.json stream)" 'another socket passes where its arguments are open'
is '' "$(run tight.json stream)" 'and is refused where they are not'
is '' "$(run tight.json netlink)" 'another family is refused'
grep -q 'PermissionError' run.log || fault "it was not the profile: $(cat run.log)"
finish
