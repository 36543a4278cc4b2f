#!/usr/bin/env bash
# Runs every command of a tutorial, in order, in one shell and one empty folder, exactly as it is printed.
#
#   tutorial.sh WHITTLE TUTORIAL.md
#
# A block fenced as ```sh is run; after each block a line of the form `<!-- says: REGEX -->` states what its output must
# contain, `<!-- exit: N -->` which exit code its last command must have (0 where nothing is said).
# Needs root and a Docker daemon (DOCKER_HOST) with nothing in it.
set -uo pipefail
whittle=$(realpath "$1")
tutorial=$(realpath "$2")
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
/usr/bin/docker version > /dev/null 2>&1 || { echo "SKIPPED: no docker answers"; exit 77; }
folder=$(mktemp -d)
mkdir "$folder/bin"
ln -s "$whittle" "$folder/bin/whittle"
ln -s /usr/bin/docker "$folder/bin/docker"
export PATH=$folder/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd "$folder" || exit 1
mkdir work && cd work || exit 1

python3 - "$tutorial" > ../script.sh <<'PYTHON'
import re, shlex, sys
text = open(sys.argv[1]).read()
blocks = re.findall(r"```sh\n(.*?)```\n((?:<!--.*?-->\n)*)", text, re.S)
for number, (code, claims) in enumerate(blocks, 1):
    print(f"echo '== block {number}'; code=0")
    print("{\n" + code.rstrip() + f"\n}} > ../out.{number} 2>&1 || code=$?")
    wanted = re.search(r"<!-- exit: (\d+) -->", claims)
    print(f"check_exit {number} $code {wanted.group(1) if wanted else 0}")
    for regex in re.findall(r"<!-- says: (.*?) -->", claims):
        print(f"check_says {number} {shlex.quote(regex)}")
PYTHON

blocks=0
faults=0
check_exit() {
  blocks=$((blocks + 1))
  [ "$2" = "$3" ] || { faults=$((faults + 1)); echo "FAULT: block $1 ends with $2, expected $3:"; tail -20 "../out.$1"; }
}
check_says() {
  grep -qE -- "$2" "../out.$1" || { faults=$((faults + 1)); echo "FAULT: block $1 does not say '$2':"; tail -40 "../out.$1"; }
}
. ../script.sh
cd /
rm -rf "$folder"
echo "$blocks blocks, $faults faults"
[ "$blocks" -gt 0 ] && [ "$faults" = 0 ]
