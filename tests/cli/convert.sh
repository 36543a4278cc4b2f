#!/usr/bin/env bash
# `whittle convert` as scripts see it. Usage: convert.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker:28.5.2 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1 --cap default)

# is WANTED GOT WHAT
is() {
  checks=$((checks + 1))
  [ "$1" = "$2" ] || fault "$3: expected '$1', got '$2'"
}
convert() { "$whittle" convert "$@" "${target[@]}"; }

# Usage.
expect 2 '^error: --to is required' "$whittle" convert docker-default
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "wrte"], "action": "SCMP_ACT_ALLOW"}]}' > typo.json
expect 0 "^warning: typo.json:1:.*no system call is named 'wrte', did you mean 'write'" "$whittle" convert typo.json --to oci
expect 2 "^error: unknown format 'xml'; there are: docker \(" "$whittle" convert docker-default --to xml
expect 2 "has no name" "$whittle" convert docker-default --to systemd --name web "${target[@]}"
expect 2 "is no name of a variable" "$whittle" convert docker-default --to c --name 1x "${target[@]}"
expect 2 "--conditional: maybe not in" "$whittle" convert docker-default --to systemd --conditional maybe
expect 3 'nowhere.json: cannot be opened' "$whittle" convert nowhere.json --to oci
echo '{}' > empty.json
expect 3 'would install no filter' "$whittle" convert empty.json --to oci "${target[@]}"
[ ! -e out ] || fault 'something was written'

# What can be held is held: each form that is a filter again is proven equal.
for format in oci docker; do
  convert docker-default --to "$format" --strict -o "$format.json" 2> /dev/null || fault "$format"
done
is '' "$("$whittle" prove docker-default oci.json "${target[@]}" 2> /dev/null | grep -v ^equal)" 'oci'
is '' "$("$whittle" prove oci.json docker.json "${target[@]}" 2> /dev/null | grep -v ^equal)" 'docker'
convert docker-default --to raw --strict > filter.bpf 2> err.txt || fault "raw: $(cat err.txt)"
is '' "$("$whittle" prove docker-default filter.bpf "${target[@]}" 2> /dev/null | grep -v ^equal)" 'raw'
expect 0 '^note: includes, excludes and archMap are decided' convert docker-default --to oci
convert docker.json --to docker > kept.json 2> kept.err || fault 'docker'
is '' "$(cmp docker.json kept.json 2>&1)" 'docker takes the document as it was'
is 0 "$(grep -c 'are decided' kept.err)" 'what is kept is not decided'

# The arrays hold the same bytes.
convert docker-default --to c --name filter -o filter.h 2> /dev/null
if command -v cc > /dev/null; then
  printf '#include <stdio.h>\n#include "filter.h"\nint main(void) { return fwrite(filter, sizeof filter, 1, stdout) != 1; }\n' > print.c
  cc -Wall -Werror -o print print.c && ./print > from-c.bpf
  checks=$((checks + 1))
  cmp -s filter.bpf from-c.bpf || fault 'the array in C is another filter'
fi
convert docker-default --to go -o filter.go 2> /dev/null
is "$(($(stat -c %s filter.bpf) / 8))" "$(grep -c '{Code: ' filter.go)" 'instructions in Go'
if command -v gofmt > /dev/null; then
  checks=$((checks + 1))
  gofmt -e filter.go > /dev/null || fault 'no Go'
fi

# The others are read by import, and say what they lose.
for format in spo systemd minijail; do
  convert docker-default --to "$format" -o "$format.txt" 2> "$format.err" || fault "$format"
  "$whittle" import --strict "$format.txt" -o "$format.evidence" 2> /dev/null || fault "import of $format"
  "$whittle" show --calls "$format.evidence" 2> /dev/null | grep -w x86_64 | grep -w allowed | cut -f3-4 > "$format.calls"
done
[ -s spo.calls ] || fault 'no calls'
is '' "$(diff spo.calls systemd.calls)" 'systemd and the operator'
is '' "$(diff spo.calls minijail.calls)" 'minijail and the operator'
is '' "$(grep lost: spo.err)" 'the operator loses nothing'
is '' "$("$whittle" prove docker-default spo.txt "${target[@]}" 2> /dev/null | grep -v ^equal)" 'the object is the same filter'
convert spo.txt --to oci --strict -o back.json 2> /dev/null || fault 'an object back to OCI'
is '' "$("$whittle" prove docker-default back.json "${target[@]}" 2> /dev/null | grep -v ^equal)" 'back from an object'
python3 -c 'import json, sys; p = json.load(open("oci.json")); p["baseProfileName"] = ""; json.dump({"kind": "SeccompProfile", "spec": p}, open("object.json", "w"))'
is '' "$("$whittle" prove docker-default object.json "${target[@]}" 2> /dev/null | grep -v ^equal)" 'an object in JSON'
convert spo.txt --to kubernetes 2> /dev/null | grep -q localhostProfile || fault 'an object is a profile, not a manifest'
sed 's/^spec:/spec:\n  baseProfileName: runc-v1.1.5/' spo.txt > based.yaml
expect 3 "based.yaml:7:20: /spec/baseProfileName: the profile adds to 'runc-v1.1.5'" convert based.yaml --to oci
sed 's/SCMP_ACT_ALLOW/SCMP_ACT_ALOW/' spo.txt > misspelled.yaml
expect 3 "misspelled.yaml:[0-9]+:[0-9]+: .*did you mean 'SCMP_ACT_ALLOW'" convert misspelled.yaml --to oci
(cat spo.txt; echo ---; cat spo.txt) > two.yaml
expect 3 'two.yaml: 2 objects in one file' convert two.yaml --to oci
printf 'kind: SeccompProfile\nmetadata: {name: a}\n' > hollow.yaml
expect 3 'hollow.yaml:1:1: /spec: a SeccompProfile has an object there' convert hollow.yaml --to oci
expect 3 'hollow.yaml:1:1: /spec' "$whittle" explain ./hollow.yaml
grep -q '^lost: looser: x86_64: clone (/syscalls/' systemd.err || fault "systemd: $(cat systemd.err)"
grep -q 'clone3' systemd.err && fault "clone3 is lost: $(cat systemd.err)"
grep -q '^SystemCallFilter=~.*clone3:ENOSYS' systemd.txt || fault "no clone3: $(cat systemd.txt)"
grep -q '^lost: architectures: i386' minijail.err || fault "minijail: $(cat minijail.err)"

# Kubernetes: the field, and manifests.
printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "chmod", "action": "SCMP_ACT_ERRNO"}]}' > old.json
convert old.json --to kubernetes > field.yaml 2> err.txt
grep -q '^    localhostProfile: profiles/old.json$' field.yaml || fault "$(cat field.yaml)"
grep -q '^lost: looser: x86_64: chmod' err.txt || fault "a node reads no 'name': $(cat err.txt)"
expect 2 "is no localhostProfile: no step of it may be '..'" "$whittle" convert old.json --to kubernetes --name ../x.json "${target[@]}"
expect 0 "'localhost/' belongs to the old annotation" convert old.json --to kubernetes --name localhost/app
cat > pod.yaml << 'END'
kind: Pod   # by hand
metadata:
  annotations:
    seccomp.security.alpha.kubernetes.io/pod: localhost/web.json
spec:
  containers:
  - name: web
END
cat > wanted.yaml << 'END'
kind: Pod   # by hand
metadata:
spec:
  containers:
  - name: web
    securityContext:
      seccompProfile:
        type: Localhost
        localhostProfile: web.json
END
"$whittle" convert --to kubernetes pod.yaml -o moved.yaml 2> err.txt
is 0 $? 'a manifest'
is '' "$(diff wanted.yaml moved.yaml)" 'the manifest'
grep -q "^moved: pod.yaml:7: container web: Localhost web.json" err.txt || fault "$(cat err.txt)"
grep -q "sidecars" err.txt || fault 'it is not said why at container level'
"$whittle" convert --to kubernetes - < moved.yaml > again.yaml 2> err.txt
is '' "$(cmp moved.yaml again.yaml)" 'nothing to move'
grep -q 'no annotation became a field' err.txt || fault "$(cat err.txt)"
printf '{"kind": "Pod", "spec": {"containers": [{"name": "a"}]}}\n---\n{"kind": "Pod", "spec": {"containers": [{"name": "b"}]}}\n' > json.yaml
is '' "$("$whittle" convert --to kubernetes json.yaml 2> /dev/null | cmp - json.yaml)" 'pods in JSON'
printf 'a: b\n' > other.yaml
expect 3 'expected a profile, or a manifest with a pod in it' "$whittle" convert --to kubernetes other.yaml
printf 'a: [b\n' > torn.yaml
expect 3 '^error: torn.yaml:' "$whittle" convert --to kubernetes torn.yaml
sed 's|localhost/web.json|localhost//web.json|' pod.yaml > absolute.yaml
expect 3 '^error: absolute.yaml:4:.*without / in front' "$whittle" convert --to kubernetes absolute.yaml -o nothing.yaml
sed 's|- name: web|- {name: web}|' pod.yaml > flow.yaml
expect 4 '^error: flow.yaml:7:' "$whittle" convert --to kubernetes flow.yaml -o nothing.yaml
[ ! -e nothing.yaml ] || fault 'something was written'

# --strict writes nothing.
"$whittle" convert docker-default --to systemd --strict -o strict.conf "${target[@]}" 2> strict.err
is 1 $? '--strict'
[ ! -e strict.conf ] || fault '--strict wrote something'
grep -q 'nothing is written' strict.err || fault 'not said'
convert docker-default --to systemd --conditional refuse 2> err.txt | grep > /dev/null -w clone && fault 'clone is allowed'
grep -q '^lost: tighter: x86_64: clone' err.txt || fault 'not said to be tighter'

finish
