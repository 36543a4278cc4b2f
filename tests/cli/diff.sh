#!/usr/bin/env bash
# `whittle diff` as scripts see it, and the comparisons that `scripts/accept engine` counts. Usage: diff.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
golden=$(realpath "$(dirname "$0")/../golden/diff")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader oci --runtime crun --arch x86_64 --kernel 6.1 --cap none)
all='"architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"]'

# profile FILE DEFAULT-MEMBERS RULES
profile() { printf '{%s,"syscalls":[%s]}\n' "$2" "$3" > "$1"; }
allow() { printf '{"names":[%s],"action":"SCMP_ACT_ALLOW"}' "$1"; }

# compares CODE FILE FILE LINE...: the exit code, and lines that the text must have. A line that begins with ! must not stand there.
compares() {
  local code=$1 a=$2 b=$3 got=0 line
  shift 3
  "$whittle" diff "$a" "$b" "${target[@]}" > text.txt 2> error.txt || got=$?
  checks=$((checks + 1))
  [ "$got" = "$code" ] || fault "exit $got, expected $code: diff $a $b ($(cat error.txt))"
  # Wrapped lines are one line again.
  sed ':a;N;$!ba;s/\n         / /g' text.txt > lines.txt
  for line in "$@"; do
    checks=$((checks + 1))
    case $line in
      !*) if grep -qF -- "${line#!}" lines.txt; then fault "diff $a $b says '${line#!}'"; fi ;;
      *) grep -qF -- "$line" lines.txt || fault "diff $a $b does not say '$line': $(cat lines.txt)" ;;
    esac
  done
}

errno='"defaultAction":"SCMP_ACT_ERRNO"'
profile base.json "$errno,$all" "$(allow '"read","write","futex","close"')"

# Order, grouping and duplicates are no drift.
profile shuffled.json "$all,$errno" "$(allow '"close","write"'),$(allow '"futex"'),$(allow '"read","write"')"
compares 0 base.json shuffled.json 'same behaviour' 'A allows nothing that B refuses: yes' 'B allows nothing that A refuses: yes'

# Another errno is drift, and no permission.
for number in 38 1; do
  profile "clone3-$number.json" "$errno,$all" \
    "$(allow '"read"'),{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":$number}"
done
compares 1 clone3-38.json clone3-1.json 'other    clone3: ERRNO(38) -> ERRNO(1)' 'B allows nothing that A refuses: yes' \
  'A allows nothing that B refuses: yes' '!looser'

# A part of a call, another call, and another default.
profile part.json "$errno,$all" "$(allow '"read"'),{\"names\":[\"open\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":
  [{\"index\":1,\"value\":3,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"
profile more.json "$errno,\"defaultErrnoRet\":38,$all" "$(allow '"read","open","getpid"')"
compares 1 part.json more.json 'A allows nothing that B refuses: yes' 'B allows nothing that A refuses: no' \
  'looser   B also allows getpid (A: ERRNO(1))' 'looser   B also allows open when (arg1 & 3) != 0 (A: ERRNO(1))' \
  'other    every unlisted call: ERRNO(1) -> ERRNO(38)'
compares 1 more.json part.json 'A allows nothing that B refuses: no' 'B allows nothing that A refuses: yes' \
  'tighter  B no longer allows getpid (ERRNO(1))' 'tighter  B no longer allows open when (arg1 & 3) != 0 (ERRNO(1))'

# Another ABI is dropped.
profile one-abi.json "$errno,\"architectures\":[\"SCMP_ARCH_X86_64\"]" "$(allow '"read","write","futex","close"')"
compares 1 base.json one-abi.json 'tighter  B no longer allows close, futex, read, write (KILL_THREAD), on i386, x32' \
  'note: i386 as a whole: call by call -> KILL_THREAD' 'B allows nothing that A refuses: yes'

# Nothing was filtered: what is listed call by call is not told as a whole again, and no line of a file that is not there.
profile one.json "$errno,$all" "$(allow '"read"')"
compares 1 unconfined one.json '!as a whole' '!allows every' 'tighter  B no longer allows any unlisted call'
compares 1 unconfined docker-default '!B line' '[B rule 1]'

# The default lets everything pass: said once.
profile open.json "\"defaultAction\":\"SCMP_ACT_LOG\",$all" "$(allow '"read","write","futex","close"')"
compares 1 base.json open.json 'looser   every unlisted call: ERRNO(1) -> LOG' 'B allows nothing that A refuses: no'

# What no filter shows.
profile flags.json "$errno,$all,\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]" "$(allow '"read","write","futex","close"')"
compares 1 base.json flags.json 'same behaviour' 'flags: none -> SECCOMP_FILTER_FLAG_LOG (no filter shows this)'
profile listener.json "$errno,$all,\"listenerPath\":\"/run/a\"" "$(allow '"read","write","futex","close"')"
compares 1 base.json listener.json 'same behaviour' 'listenerPath: none -> /run/a'

# A gate.
expect 1 '' "$whittle" diff part.json more.json --fail-if-looser "${target[@]}"
expect 0 '' "$whittle" diff more.json part.json --fail-if-looser "${target[@]}"
expect 0 '' "$whittle" diff clone3-38.json clone3-1.json --fail-if-looser "${target[@]}"

# One profile, two targets.
expect 1 'target of B: docker 20.10.24' "$whittle" diff more.json "${target[@]}" --b-loader docker --b-loader-version 20.10.24
expect 0 '' "$whittle" diff base.json "${target[@]}" --b-cap all
expect 2 'second profile' "$whittle" diff base.json "${target[@]}"
expect 2 'Markdown|markdown' "$whittle" diff base.json base.json --format xml "${target[@]}"
expect 3 'missing.json' "$whittle" diff base.json missing.json "${target[@]}"

# prove agrees with diff.
expect 0 '' "$whittle" prove base.json shuffled.json "${target[@]}"
expect 1 '' "$whittle" prove part.json more.json --looser "${target[@]}"
expect 0 '' "$whittle" prove more.json part.json --looser "${target[@]}"
"$whittle" prove part.json more.json --looser "${target[@]}" > proof.tsv 2> /dev/null
checks=$((checks + 1))
grep -q $'^looser\tx86_64 open\tERRNO(1) -> ALLOW\tas in x86_64 open(0x0, 0x1)$' proof.tsv || fault "prove's smallest example: $(cat proof.tsv)"

# prove asks the ABIs of the target.
profile arm.json "$errno,\"architectures\":[\"SCMP_ARCH_AARCH64\"]" "$(allow '"read"')"
profile arm-more.json "$errno,\"architectures\":[\"SCMP_ARCH_AARCH64\"]" "$(allow '"read","getpid"')"
"$whittle" prove arm.json arm-more.json --loader oci --runtime crun --arch aarch64 > proof.tsv 2> /dev/null
checks=$((checks + 1))
[ "$(cut -f 1,2 proof.tsv)" = $'looser\taarch64 getpid' ] || fault "prove on aarch64: $(cat proof.tsv)"

# Raw filters, and formats that other programs read.
printf '\006\000\000\000\000\000\377\177' > allow.bpf
printf '\006\000\000\000\001\000\005\000' > refuse.bpf
"$whittle" diff refuse.bpf allow.bpf > text.txt 2> /dev/null
checks=$((checks + 1))
grep -q 'B also allows every call (A: ERRNO(1))' text.txt || fault "raw filters: $(cat text.txt)"
for format in json sarif; do
  "$whittle" diff "$golden/before.json" "$golden/after.json" --format $format "${target[@]}" > out.json 2> /dev/null
  checks=$((checks + 1))
  python3 -c 'import json, sys; json.load(open(sys.argv[1]))' out.json || fault "$format is no JSON"
done
checks=$((checks + 2))
"$whittle" diff base.json more.json "${target[@]}" --json > out.json 2> /dev/null
grep -q '"second_allows_nothing_more": false' out.json ||
  fault '--json does not say who allows more'
NO_COLOR=1 script -qec "'$whittle' diff base.json more.json ${target[*]}" /dev/null < /dev/null | grep > /dev/null $'\x1b\[3' &&
  fault 'colour in spite of NO_COLOR'

# A's file may be a temporary one: what it is called is up to the caller.
says 1 1 '^A: web.json of main \(oci' "$whittle" diff base.json more.json --a-name 'web.json of main' "${target[@]}"
says 1 1 '^- A: <code>&#60;b&#62;</code> on oci' "$whittle" diff base.json more.json --a-name '<b>' --format markdown "${target[@]}"

# What a target's line leaves out is told where the two have something else.
docker=(--loader docker:20.10.24 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1)
says 1 1 '^A: docker-default \(docker .*, no capabilities\)$' "$whittle" diff docker-default --cap none --b-cap all "${docker[@]}"
says 1 1 '^B: docker-default \(docker .*, all capabilities\)$' "$whittle" diff docker-default --cap none --b-cap all "${docker[@]}"
says 1 0 'capabilities' "$whittle" diff docker-default static-web "${docker[@]}"
json_is 'd["first"]["target"].endswith("default capabilities") and d["second"]["target"].endswith(", CAP_BPF")' \
  "$whittle" diff docker-default --b-cap CAP_BPF "${docker[@]}" --json

# One call that is too much to decide does not hide the others.
python3 - << 'P'
import json, random
for name, seed, more in (("pairs.json", 1, []), ("other-pairs.json", 2, ["getpid"])):
    random.seed(seed)
    rules = [{"names": ["read"] + more, "action": "SCMP_ACT_ALLOW"}]
    for _ in range(60):
        pair = random.sample(range(6), 2)
        rules.append({"names": ["bpf"], "action": "SCMP_ACT_ALLOW",
                      "args": [{"index": i, "value": random.getrandbits(64), "op": "SCMP_CMP_EQ"} for i in pair]})
    json.dump({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules}, open(name, "w"))
P
plain=(--loader oci --runtime none --arch x86_64)
says 1 1 'looser +B also allows getpid' "$whittle" diff pairs.json other-pairs.json "${plain[@]}"
says 1 1 '^undecided x86_64 bpf: too many conditions' "$whittle" diff pairs.json other-pairs.json "${plain[@]}"
says 4 1 'B allows nothing that A refuses: undecided' "$whittle" diff other-pairs.json pairs.json --fail-if-looser "${plain[@]}"
for format in markdown json sarif; do
  says 1 1 'x86(_|&#95;)64 bpf' "$whittle" diff pairs.json other-pairs.json --format $format "${plain[@]}"
done

# Words that are multiplied: never "equal".
python3 - << 'PROGRAM' > hard.bpf
import struct, sys
code = [(0x20, 0, 0, 16), (0x07, 0, 0, 0), (0x20, 0, 0, 24), (0x2c, 0, 0, 0), (0x07, 0, 0, 0), (0x20, 0, 0, 32),
        (0x2c, 0, 0, 0), (0x15, 0, 1, 0x12345677), (0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x50001)]
sys.stdout.buffer.write(b"".join(struct.pack("<HBBI", *instruction) for instruction in code))
PROGRAM
expect 4 'undecided' "$whittle" diff refuse.bpf hard.bpf

finish
