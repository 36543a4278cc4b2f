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

# `called NAME EXECUTABLE FILE`: the evidence as if it had been recorded in a container.
called() {
  python3 - "$@" << 'END' || fault "called $*"
import json, sys
document = json.load(open(sys.argv[3]))
for subject in document["subjects"]:
    subject["container"], subject["executable"] = sys.argv[1:3]
json.dump(document, open(sys.argv[3], "w"))
END
}

# What works, what it leaves open, and what one of its own would save.
# No role lets mq_open pass, so the choice is between the wide ones.
evidence plain.json read write openat close exit_group mq_open
says 0 1 '^  outside of containers +(docker|podman)-default +[0-9]+ +[0-9]+ calls +[0-9]+ points: worth it +(-|[a-z-]+ \+ 1 call .*)$' recommend plain.json
says 0 1 '^outside of containers: (docker|podman)-default \(' recommend plain.json
says 0 1 '^  it leaves [0-9]+ calls open beyond the evidence, and calls of i386' recommend plain.json
says 0 1 '^  one of its own \(whittle generate\): .* points fewer; worth' recommend plain.json
says 0 3 '^' recommend plain.json --summary
first='d["containers"][0]'
json_is "($first"'["recommended"] == '"$first"'["candidates"][0]["profile"] and '"$first"'["custom"]["worth_it"] and
  '"$first"'["custom"]["saved"] == '"$first"'["candidates"][0]["points"] - '"$first"'["custom"]["points"])' recommend plain.json --json
json_is 'not any(c["protects"] for c in '"$first"'["candidates"] if c["profile"] in ("audit", "complain", "allow-all"))' recommend plain.json --json
json_is '"listen" in '"$first"'["candidates"][0]["beyond"] and "read" not in '"$first"'["candidates"][0]["beyond"]' recommend plain.json --json

# The same points as `explain` gives, and the same answer as `verify`.
checks=$((checks + 1))
best=$(recommend plain.json --json 2> /dev/null | python3 -c 'import json, sys; c = json.load(sys.stdin)["containers"][0]["candidates"][0]; print(c["profile"], c["points"])')
points=$("$whittle" explain "${best% *}" --json "${target[@]}" 2> /dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["score"]["points"])')
[ "${best#* }" = "$points" ] || fault "recommend says $best, explain $points points"
says 0 1 '^ok: ' "$whittle" verify "${best% *}" plain.json "${target[@]}"
"$whittle" generate plain.json -o own.json "${target[@]}" 2> /dev/null || fault 'generate'
own=$("$whittle" explain own.json --json "${target[@]}" 2> /dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["score"]["points"])')
json_is "$first['custom']['points'] == $own" recommend plain.json --json

# What would break is not recommended, and who would be refused what is said, with what it takes: tried, as a command.
evidence bpf.json read bpf
says 1 1 '^  outside of containers +none +- +- ' recommend bpf.json
says 1 1 '^outside of containers: none of the catalogue that refuses anything would surely work$' recommend bpf.json
says 1 1 '^    docker-default: would work: no; ' recommend bpf.json
json_is "all([f['call'] for f in c['refused']] == ['bpf'] for c in $first['candidates'] if c['protects'])" recommend bpf.json --json
says 1 1 '^  would do with a few calls more \(commands below\): [a-z-]+ \+ 1 call \([0-9]+ points\), [a-z-]+ ' recommend bpf.json
says 1 0 'tighter' recommend bpf.json
says 1 1 '^      docker-default \+ 1 call would do, with [0-9]+ points \(tried on the evidence\):$' recommend bpf.json
json_is "$first"'["recommended"] == "" and [f["call"] for c in '"$first"'["candidates"] if c["profile"] == "docker-default" for f in c["refused"]] == ["bpf"]' recommend bpf.json --json
evidence depends.json read personality
says 1 1 'docker-default: would work: perhaps' recommend depends.json
json_is "all(c['refused'] == [] for c in $first['candidates'] if c['profile'].endswith('-default'))" recommend depends.json --json

# What a program was measured to do without is refused, and said; of another program it is a reason against the profile.
evidence pkey.json read mq_open pkey_alloc
cp pkey.json node.json; called web /bin/node node.json
called web /usr/bin/app pkey.json
says 0 1 '^  web +docker-default, without pkey_alloc +[0-9]+ ' recommend node.json
says 0 1 '^web: docker-default, without pkey_alloc \(' recommend node.json
says 0 1 '^  /bin/node is refused pkey_alloc \(answered EPERM\): nodejs [0-9.]+ was measured to do without$' recommend node.json
says 0 1 '^  would work, too: containerd-default \([0-9]+ points\), podman-default \([0-9]+ points\)' recommend node.json
json_is "[($first[m], c[0]['profile'], c[0]['works'], c[0]['does_without'][0]['call'], c[0]['refused'][0]['call']) for c in [$first['candidates']] for m in ['recommended']] == [('docker-default', 'docker-default', 'without', 'pkey_alloc', 'pkey_alloc')]" recommend node.json --json
says 0 1 '^      go-service \+ 1 call would do, without pkey_alloc, with [0-9]+ points \(tried on the evidence\):$' recommend node.json
says 0 1 ' go-service \+ 1 call \([0-9]+ points, without pkey_alloc\)$' recommend node.json --summary
json_is "[(c['amended']['add'], c['amended']['does_without'][0]['executable']) for c in $first['candidates'] if c['profile'] == 'go-service'] == [(['mq_open'], '/bin/node')]" recommend node.json --json
json_is "$first['recommended_without'] == ['pkey_alloc']" recommend node.json --json
says 1 0 '^ok: ' "$whittle" verify docker-default node.json "${target[@]}"
says 0 1 '^web: containerd-default \(' recommend pkey.json
says 0 1 '^    docker-default: would work: no; ' recommend pkey.json
json_is "$first['recommended_without'] == [] and not any(c['does_without'] for c in $first['candidates'])" recommend pkey.json --json

evidence uring.json read mq_open io_uring_setup io_uring_enter
called db /usr/sbin/mariadbd uring.json
says 0 1 '^  would work, too: containerd-default \([0-9]+ points\), podman-default \([0-9]+ points, without$' recommend uring.json
json_is "[[(w['call'], w['moot_by']) for w in c['does_without']] for c in $first['candidates'] if c['profile'] == 'podman-default'] == [[('io_uring_setup', ''), ('io_uring_enter', 'io_uring_setup')]]" recommend uring.json --json

# Of a clone whose flags are not known it is said that it passes perhaps: no advice to open it with all flags.
evidence clone.json read clone
says 0 1 'static-web: would work: perhaps' recommend clone.json
says 0 0 '--add [a-z0-9_,]*clone' recommend clone.json

# Many calls that miss are counted, and no near miss.
evidence many.json read bpf mount umount2 swapon swapoff reboot kexec_load init_module delete_module acct quotactl settimeofday setns pivot_root
checks=$((checks + 1))
grep -qE '^ +quotactl, .*swapoff and 2 more$' <<< "$(recommend many.json --container - 2> /dev/null)" || fault 'many calls are not counted'
says 1 0 'docker-default \+ ' recommend many.json
json_is '[len(c["missing"]) for c in '"$first"'["candidates"] if c["profile"] == "docker-default"] == [14]' recommend many.json --json

# What the runtime itself needs, and only for some arguments gets, is no certain end of every start.
echo personality > runtime-depends.txt
echo bpf > runtime-refused.txt
says 1 1 'docker-default: would work: perhaps' recommend plain.json --baseline runtime-depends.txt
says 1 3 'itself would be let pass for some arguments only, so maybe' recommend plain.json --baseline runtime-depends.txt
json_is '[(c["runtime_refused"], c["runtime_depends"]) for c in '"$first"'["candidates"] if c["profile"] == "docker-default"] == [([], ["personality"])]' recommend plain.json --baseline runtime-depends.txt --json
says 1 1 'docker-default: would work: no' recommend plain.json --baseline runtime-refused.txt
json_is "all(c['runtime_refused'] == ['bpf'] for c in $first['candidates'] if c['protects'])" recommend plain.json --baseline runtime-refused.txt --json
says 1 1 'itself would be let pass for some arguments only, so maybe no container starts' "$whittle" verify docker-default plain.json --baseline runtime-depends.txt "${target[@]}"
says 1 0 'so no container starts' "$whittle" verify docker-default plain.json --baseline runtime-depends.txt "${target[@]}"
says 1 1 'itself would be refused, so no container starts' "$whittle" verify docker-default plain.json --baseline runtime-refused.txt "${target[@]}"

# Every command that is advised, as it stands: what it makes works, with the points that were said.
for one in bpf depends; do
  while IFS=$'\t' read -r points file command; do
    checks=$((checks + 1))
    read -ra words <<< "$command"
    "$whittle" "${words[@]:1}" 2> /dev/null || fault "$command"
    says 0 1 '^ok: ' "$whittle" verify "$file" "$one.json" "${target[@]}"
    json_is "d['score']['points'] == $points" "$whittle" explain "$file" --json "${target[@]}"
  done < <(recommend "$one.json" --json 2> /dev/null | python3 -c '
import json, sys
for candidate in json.load(sys.stdin)["containers"][0]["candidates"]:
    if "amended" in candidate:
        command = candidate["amended"]["command"]
        print(candidate["amended"]["points"], command.split()[-1], command, sep="\t")')
done

# A role is the choice where it lets all pass: it has fewer points than what lets everything usual pass.
evidence job.json read write openat close exit_group
json_is "$first['recommended'] in ('static-web', 'jvm', 'node', 'python', 'go-service', 'batch', 'database')" recommend job.json --json

# Several containers: one block each, who forces the wider profile, and only one of them.
cp plain.json web.json; called web /usr/sbin/nginx web.json
cp bpf.json sh.json; called web /bin/sh sh.json
cp plain.json db.json; called db /bin/postgres db.json
says 1 1 '^  web +none ' recommend web.json sh.json db.json
says 1 1 '^  db +(docker|podman)-default ' recommend web.json sh.json db.json
says 1 2 '^(db|web): ' recommend web.json sh.json db.json
says 1 1 '^    /bin/sh: none of the catalogue; it needs bpf: without it .* would do$' recommend web.json sh.json db.json
says 1 1 '^    /usr/sbin/nginx: [a-z-]+$' recommend web.json sh.json db.json
json_is '[c["container"] for c in d["containers"]] == ["db", "web"] and d["without_workload"] == []' recommend web.json sh.json db.json --json
json_is '[(p["executable"], p["alone"], p["needs"]) for p in d["containers"][1]["programs"]][0] == ("/bin/sh", "", ["bpf"])' recommend web.json sh.json db.json --json
says 0 1 '^(db|web): ' recommend web.json sh.json db.json --container db
checks=$((checks + 1))
[ "$(recommend web.json sh.json db.json --container db)" = "$(recommend db.json)" ] || fault 'of one container of several another answer'
expect 3 "the evidence has no container 'dbx'; it has db, web" recommend web.json sh.json db.json --container dbx
expect 2 'json' recommend web.json --json --summary

# Docker's default of another version is said to be one.
says 0 1 '^  doubt: docker-default is made of what docker 20.10.24 has built in, not docker 28.5.2' \
  "$whittle" recommend plain.json --loader docker:28.5.2 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1

newer=(--loader docker:28.5.2 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1)
expect 0 '^warning: docker-default is made of what docker 20.10.24 has built in' "$whittle" recommend plain.json --summary "${newer[@]}"

# Evidence of another machine makes nothing sure on this one.
there=(--loader docker:20.10.24 --runtime runc:1.1.5 --arch aarch64 --kernel 6.1)
doubt='the evidence is of x86_64, without a call of aarch64: what the workload calls there is not known'
joined() { "$whittle" "$@" 2>&1 | tr -s '\n ' ' '; }
text=$(joined recommend plain.json "${there[@]}")
checks=$((checks + 3))
[[ $text == *"doubt: $doubt"* && $text == *'from evidence of another machine'* && $text != *'surely works and'* ]] || fault "recommend of another machine: $text"
text=$(joined generate plain.json -o there.json "${there[@]}")
[[ $text == *"warning: $doubt"* ]] || fault "generate of another machine: $text"
text=$(joined verify there.json plain.json "${there[@]}")
[[ $text == *"ok: "*"$doubt"* ]] || fault "verify of another machine: $text"
expect 3 'the evidence holds no calls of aarch64; it has those of x86_64' "$whittle" generate plain.json --one-arch "${there[@]}"

# Recorded evidence, several files, and what is none.
says 0 1 '^web: [a-z-]+ \(' recommend "$golden/web.evidence.json"
says 0 1 '^    /usr/bin/dash for .*/docker-entrypoint.sh: ' recommend "$golden/web.evidence.json"
says 0 2 '^(web|outside of containers): [a-z-]+ \(' recommend "$golden/web.evidence.json" plain.json
says 0 1 'doubt: .*gap' recommend "$golden/web-gaps.evidence.json"
expect 3 'the evidence holds no calls at all' recommend "$golden/empty.evidence.json"
expect 3 'nowhere.json' recommend nowhere.json
expect 2 'evidence is required' "$whittle" recommend

finish
