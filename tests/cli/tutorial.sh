#!/usr/bin/env bash
# Runs every command of a tutorial, in order, in one shell and one empty folder, exactly as it is printed.
#
#   tutorial.sh WHITTLE TUTORIAL.md
#
# A block fenced as ```sh is run; after each block a line of the form `<!-- says: REGEX -->` states what its output must
# contain, `<!-- exit: N -->` which exit code its last command must have (0 where nothing is said; N is a pattern).
# A table with the columns step, usual, characters, with Whittle, characters is a claim: both lengths must be right, ours the
# smaller one, and our commands must have been run.
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
    wanted = re.search(r"<!-- exit: (.*?) -->", claims)
    print(f"check_exit {number} $code {shlex.quote(wanted.group(1) if wanted else '0')}")
    for regex in re.findall(r"<!-- says: (.*?) -->", claims):
        print(f"check_says {number} {shlex.quote(regex)}")
PYTHON

blocks=0
faults=0
check_exit() {
  blocks=$((blocks + 1))
  grep -qxE "$3" <<< "$2" || { faults=$((faults + 1)); echo "FAULT: block $1 ends with $2, expected $3:"; tail -20 "../out.$1"; }
}
check_says() {
  grep -qE -- "$2" "../out.$1" || { faults=$((faults + 1)); echo "FAULT: block $1 does not say '$2':"; tail -40 "../out.$1"; }
}
. ../script.sh
python3 - "$tutorial" <<'PYTHON' || faults=$((faults + 1))
import re, sys
text = open(sys.argv[1]).read()
ran = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.S)).replace(" --network none", "")
row = re.compile(r"^\| ([^|`]+) \| `(.*?)` \| (\d+) \| `(.*?)` \| (\d+) \|$", re.M)
faults, rows = [], row.findall(text)
table = re.search(r"^\| step \| usual .*\n\|[-|]+\n((?:\|.*\n)*)", text, re.M)
if table and len(table.group(1).splitlines()) != len(rows): faults.append("a row of the table is not understood")
for step, usual, usual_length, ours, our_length in rows:
    usual, ours = usual.replace("\\|", "|"), ours.replace("\\|", "|")
    if len(usual) != int(usual_length): faults.append(f"{step}: the usual way has {len(usual)} characters")
    if len(ours) != int(our_length): faults.append(f"{step}: ours has {len(ours)} characters")
    if len(ours) >= len(usual): faults.append(f"{step}: ours is not shorter: {len(ours)} against {len(usual)}")
    faults += [f"{step}: not run: {command}" for command in ours.split("; ") if command not in ran]
if "How much shorter" in text and not rows: faults.append("there is no comparison")
if table: print(f"{len(rows)} steps compared, {len(faults)} faults")
for fault in faults: print("FAULT: " + fault)
sys.exit(bool(faults))
PYTHON
cd /
rm -rf "$folder"
echo "$blocks blocks, $faults faults"
[ "$blocks" -gt 0 ] && [ "$faults" = 0 ]
