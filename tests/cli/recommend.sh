#!/usr/bin/env bash
# `whittle recommend` as scripts see it. Usage: recommend.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
golden=$(realpath "$(dirname "$0")/../golden/evidence")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker:20.10.24 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1)

recommend() { "$whittle" recommend "$@" "${target[@]}"; }
evidence() { # FILE CALLS...
  printf 'x86_64 %s\n' "${@:2}" > calls.txt
  "$whittle" import calls.txt -o "$1" 2> /dev/null || fault "import of ${*:2}"
}

# What works, what it leaves open, and what one of its own would save.
evidence plain.json read write openat close exit_group
says 0 1 '^recommended of the catalogue: (docker|podman)-default ' recommend plain.json
says 0 1 '^it leaves [0-9]+ calls open beyond the evidence: ' recommend plain.json
says 0 1 '^one of its own \(whittle generate\): .* points fewer; worth it' recommend plain.json
json_is '(d["recommended"] == d["candidates"][0]["profile"] and d["custom"]["worth_it"] and
  d["custom"]["saved"] == d["candidates"][0]["points"] - d["custom"]["points"])' recommend plain.json --json
json_is 'all(c["works"] == "yes" for c in d["candidates"]) and not any(c["protects"] for c in d["candidates"] if c["profile"] in ("audit", "complain", "allow-all"))' recommend plain.json --json
json_is '"listen" in d["candidates"][0]["beyond"] and "read" not in d["candidates"][0]["beyond"]' recommend plain.json --json

# The same points as `explain` gives, and the same answer as `verify`.
checks=$((checks + 1))
best=$(recommend plain.json --json 2> /dev/null | python3 -c 'import json, sys; c = json.load(sys.stdin)["candidates"][0]; print(c["profile"], c["points"])')
points=$("$whittle" explain "${best% *}" --json "${target[@]}" 2> /dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["score"]["points"])')
[ "${best#* }" = "$points" ] || fault "recommend says $best, explain $points points"
says 0 1 '^ok: ' "$whittle" verify "${best% *}" plain.json "${target[@]}"
"$whittle" generate plain.json -o own.json "${target[@]}" 2> /dev/null || fault 'generate'
own=$("$whittle" explain own.json --json "${target[@]}" 2> /dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["score"]["points"])')
json_is "d['custom']['points'] == $own" recommend plain.json --json

# What would break is not recommended, and who would be refused what is said.
evidence bpf.json read bpf
says 1 1 '^recommended: none of the catalogue' recommend bpf.json
says 1 2 '^    .* would be refused: bpf$' recommend bpf.json
json_is 'd["recommended"] == "" and [f["call"] for c in d["candidates"] if c["profile"] == "docker-default" for f in c["refused"]] == ["bpf"]' recommend bpf.json --json
evidence depends.json read personality
says 1 1 'docker-default: would work: perhaps' recommend depends.json

# Docker's default of another version is said to be one.
says 0 1 '^doubt: docker-default is made of what docker 20.10.24 has built in, not docker 28.5.2' \
  "$whittle" recommend plain.json --loader docker:28.5.2 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1

# Recorded evidence, several files, and what is none.
says 0 1 '^recommended of the catalogue: ' recommend "$golden/web.evidence.json"
says 0 1 '^recommended of the catalogue: ' recommend "$golden/web.evidence.json" plain.json
says 0 1 'doubt: .*gap' recommend "$golden/web-gaps.evidence.json"
expect 3 'the evidence holds no calls at all' recommend "$golden/empty.evidence.json"
expect 3 'nowhere.json' recommend nowhere.json
expect 2 'evidence is required' "$whittle" recommend

finish
