#!/usr/bin/env bash
# `whittle lint` as scripts see it. Usage: lint.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
root=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

lint() { "$whittle" lint "$@"; }

cat > bad.json << 'END'
{
  "defaultAction": "SCMP_ACT_ALLOW",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    {"names": ["clone"], "action": "SCMP_ACT_ERRNO",
     "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}]}
  ]
}
END
cat > warned.json << 'END'
{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
 "syscalls": [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
END
printf '{"defaultAction": "SCMP_ACT_ERRNO",}' > broken.json
cat > docker.json << 'END'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_SYS_ADMIN"]}}]}
END

# The forms.
says 1 1 '^bad.json:6:15: error: /syscalls/0/args/0: refuses exactly .* \[inverted-mask\]$' lint bad.json
says 1 1 '^    say in valueTwo' lint bad.json
expect 1 '^1 error, .* in 1 file \(asked of docker' lint bad.json
json_is '[(f["rule"], f["file"], f["pointer"], f["line"], f["column"]) for f in d if f["severity"] == "error"] == [
  ("inverted-mask", "bad.json", "/syscalls/0/args/0", 6, 15)]' lint --json bad.json
json_is 'all(set(f) == {"rule", "severity", "file", "pointer", "line", "column", "message", "fix"} for f in d)' lint --json bad.json
json_is 'd["version"] == "2.1.0" and any((r["ruleId"], r["level"]) == ("inverted-mask", "error") and
  r["locations"][0]["physicalLocation"]["region"] == {"startLine": 6, "startColumn": 15} for r in d["runs"][0]["results"])' lint --sarif bad.json
json_is 'd["runs"][0]["automationDetails"]["id"] == "whittle/lint/"' lint --format sarif bad.json
json_is 'len(d) > 0 and all("fix" in f for f in d)' lint --format json bad.json
says 1 1 '^### seccomp: lint$' lint --format markdown bad.json
says 1 1 '^\| error \| <code>bad.json</code>:6 \| .* \| inverted-mask \|$' lint --format markdown bad.json
json_is 'd == []' lint --json --ignore default-allows warned.json

# Many of one kind are counted.
python3 - << 'END' > many.json
import json
print(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
                  "syscalls": [{"names": [f"no_such_call_{i}" for i in range(150)], "action": "SCMP_ACT_ERRNO"}]}))
END
says 1 10 '^many.json:1:[0-9]+: error: /syscalls/0/names/[0-9]+: no system call' lint many.json
says 1 1 '^many.json: 91 more of error \[unknown-name\] \(--all shows them\)$' lint many.json
says 1 101 'error: .*\[unknown-name\]$' lint --all many.json
says 1 1 '/syscalls/0/names/99: and 50 more findings of this kind' lint --all many.json
json_is 'len([f for f in d if f["rule"] == "unknown-name"]) == 101' lint --json many.json
says 1 0 $'\033' lint many.json

# Several files, standard input, names.
checks=$((checks + 1))
grep -q '^-:6:15: error' <<< "$(lint - < bad.json 2> /dev/null)" || fault 'standard input is not read'
says 1 2 'default-allows' lint bad.json warned.json
expect 0 '^0 errors' lint docker-default podman-default

# What is no profile is a finding, what cannot be read is not.
says 1 1 '^broken.json:1:35: error: .*json-syntax' lint broken.json
expect 3 'nowhere.json' lint nowhere.json
expect 3 'nowhere.json' lint bad.json nowhere.json

# The others are looked at all the same.
says 3 1 '^bad.json:6:15: error' lint nowhere.json bad.json other.json
expect 3 'nowhere.json: .*; other.json: ' lint nowhere.json bad.json other.json
expect 3 "docker-defalt: no such file, .* did you mean 'docker-default'" lint docker-defalt

# The places that were asked are those that are named: all of which a start fails, and the one where it does not.
"$whittle" generate "$root/data/roles/apache.evidence.json" -o apache.json --loader podman:5.6.0 --runtime crun:1.29.1 --arch x86_64 --kernel 6.1 2> /dev/null
python3 - << 'END'
import json
document = json.load(open("apache.json"))
json.dump({name: value for name, value in document.items() if name != "comment"} | {"syscalls": [
    {name: value for name, value in rule.items() if name != "comment"} for rule in document["syscalls"]]}, open("bare.json", "w"))
END
says 0 0 'elsewhere it does' lint bare.json
says 0 1 'itself needs .* no container starts there \(docker 28.5.2 with runc 1.5.1, .*a Localhost profile with runc 1.5.1\); one does under ' lint bare.json
expect 0 '\(asked of docker, podman and Localhost profiles, with runc and crun\)$' lint bare.json
expect 0 '\(asked of docker, podman and Localhost profiles, with crun 1.29.1\)$' lint apache.json
expect 0 '\(asked: bare.json of docker, .* with runc and crun; apache.json of docker, .* with crun 1.29.1\)$' lint bare.json apache.json
printf 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: []}\n' > service.yaml
expect 0 ' in 1 file$' lint service.yaml

# What a text that is no JSON most likely is.
hint() { printf "$2" > hint.json; says 1 1 "^    .*$1" lint hint.json; }
hint 'YAML' 'defaultAction: SCMP_ACT_ERRNO\nsyscalls: []\n'
hint 'base64' 'eyJkZWZhdWx0QWN0aW9uIjoiU0NNUF9BQ1RfRVJSTk8ifQ=='
hint 'base64' 'eyJkZWZhdWx0QWN0aW9uIjoi/0NNUF9BQ1RfRVJSTk8ifQ=='
hint 'no comments' '// mine\n{"defaultAction": "SCMP_ACT_ERRNO"}\n'
hint 'one too many' '{"defaultAction": "SCMP_ACT_ERRNO",}'
hint 'double quotes' "{'defaultAction': 'SCMP_ACT_ERRNO'}"
hint 'UTF-16' '{\0"\0d\0'
hint 'binary' '\037\213\010'

# How bad is bad.
expect 0 '1 warning' lint warned.json
expect 1 '1 warning' lint --fail-on warning warned.json
expect 1 '' lint --fail-on info docker-default
expect 0 '1 error' lint --fail-on never bad.json
expect 0 '^0 errors' lint --ignore inverted-mask bad.json

# Who reads it.
expect 1 '' lint docker.json
expect 0 'target: docker 28.5.2' lint --loader docker docker.json
expect 0 'target: docker 20.10.24, runc' lint --loader docker docker.json
expect 1 'target: oci' lint --loader oci docker.json
expect 0 '^target: podman 5.6.0, crun 1.29.1' lint --loader podman --runtime crun docker.json
says 0 1 'abi-missing' lint --arch aarch64 --loader docker docker.json

# That there are more profiles in one file than are looked at is told, beside what was found.
{ printf 'apiVersion: v1\nkind: ConfigMap\ndata:\n'; for i in {1..1003}; do printf "  p%s: '{\"defaultAction\": \"SCMP_ACT_ALLOW\"}'\n" "$i"; done; } > map.yaml
expect 3 'map.yaml: of the profiles in it only the first 1000 were looked at' lint map.yaml bad.json
says 3 1 'default-allows.*bad.json|^bad.json.*inverted-mask' lint map.yaml bad.json
expect 0 '^0 errors' lint <(head -n 1003 map.yaml)

# Manifests of Kubernetes.
mkdir -p deploy/more node/profiles
cat > deploy/web.yaml << 'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        securityContext: {seccompProfile: {type: Localhost, localhostProfile: profiles/web.json}}
      - name: sidecar
END
printf 'kind: Pod\napiVersion: v1\nspec: {os: {name: windows}, containers: [{name: a}]}\n' > deploy/more/win.yml
cp warned.json deploy/more/profile.json
printf 'no yaml: [' > deploy/notes.txt
printf 'image:\n  tag: [1\n' > deploy/values.yaml
printf '{"name": "web", "version": 1}' > deploy/package.json
touch node/profiles/web.json
expect 0 '^0 errors, 2 warnings, 0 infos in 3 files' lint deploy
says 0 1 '^deploy/web.yaml:10:9: warning: /spec/template/spec/containers/1: Deployment web, container sidecar: .*\[seccomp-not-set\]$' lint deploy
says 1 1 '^deploy/web.yaml:10:9: error: /spec/template/spec/containers/1: .* refused at level restricted.*\[pod-security\]$' \
  lint deploy --pod-security restricted
says 0 0 'pod-security' lint deploy --pod-security baseline
expect 0 '^2 files passed over: no manifest and no profile$' lint deploy
expect 1 '^of level restricted only what it says of seccomp was checked, nothing else$' lint deploy --pod-security restricted
says 1 1 '^deploy/values.yaml:[0-9]*:[0-9]*: error: .*\[yaml-syntax\]$' lint deploy/values.yaml
says 1 0 'json-syntax' lint deploy/values.yaml
says 1 2 'pod-security' lint deploy --pod-security restricted --kubernetes-version v1.24.3
expect 0 '0 errors' lint deploy --node-files node
printf '/data/kubelet/seccomp/profiles/other.json\n' > files.txt
expect 1 '1 error' lint deploy --node-files files.txt --kubelet-root /data/kubelet
says 1 1 '/data/kubelet/seccomp/profiles/web.json is no file on files.txt' lint deploy --node-files files.txt --kubelet-root /data/kubelet/
says 1 0 'did you mean' lint deploy --node-files files.txt --kubelet-root /data/kubelet/
expect 3 'files.txt: none of its files is below /var/lib/kubelet/seccomp/' lint deploy --node-files files.txt
expect 3 'nowhere: cannot be opened' lint deploy --node-files nowhere
expect 2 'pod-security' lint deploy --pod-security strict
for version in new 1.999 2.0 28.5.2; do
  expect 2 "^error: .*'$version' is no version of Kubernetes: .*known are 1.0 to 1.[0-9]+" lint deploy --kubernetes-version "$version"
done
expect 0 '^note: Kubernetes v1.98 is newer than the newest that is known here: asked as of 1.[0-9]+$' lint deploy --kubernetes-version v1.98
says 1 1 'refused at level restricted of Kubernetes 1.37:' lint deploy --pod-security restricted --kubernetes-version 1.98
checks=$((checks + 1))
grep -q note <<< "$(lint deploy --kubernetes-version 1.37 2>&1 > /dev/null; lint deploy --kubernetes-version latest 2>&1 > /dev/null)" && fault 'a note of a known version'
expect 3 "nothing: no .yaml, .yml or .json in this folder is a manifest or a profile" bash -c 'mkdir -p nothing; "$0" lint nothing' "$whittle"
checks=$((checks + 1))
grep -q '^-:10:9: warning' <<< "$(lint - < deploy/web.yaml 2> /dev/null)" || fault 'a manifest on standard input is not read'
cat > live.json << 'END'
{"metadata": {"name": "app", "deletionTimestamp": "2026-02-01T00:00:00Z",
  "finalizers": ["node-a-delete", "node-b-delete", "in-use-by-active-pods"]}, "status": {"activeWorkloads": ["ns1/web-1"]}}
END
printf 'node-a\n' > nodes.txt
printf 'ns1/web-1 node-a Terminated\n' > pods.txt
expect 1 '^2 errors, 0 warnings, 1 info' lint live.json --nodes nodes.txt --pods pods.txt
says 1 1 '^live.json:2:35: error: /metadata/finalizers/1: .* remove node-b-delete: node node-b is gone' lint live.json --nodes nodes.txt --pods pods.txt
says 0 3 'undecided' lint live.json

# The rules.
says 0 1 '^  unknown-name +error ' lint --rules
# Texts for people; who asks for JSON must not get them.
for form in --json --sarif '--format markdown'; do
  expect 2 'excludes' lint --rules $form
  expect 2 'excludes' lint --explain unknown-name $form
done
says 0 1 '^# unknown-name$' lint --explain unknown-name
says 0 0 '^## (Fires|Silent)' lint --explain unknown-name
expect 2 "did you mean 'unknown-name'" lint --explain unknown-nam
expect 2 'no rule' lint --ignore nonsense bad.json
expect 2 'name a profile' lint
expect 2 '--(json|sarif) excludes --(json|sarif)' lint --json --sarif bad.json
expect 2 '--(format|sarif) excludes --(format|sarif)' lint --format json --sarif bad.json
expect 2 'markdown' lint --format xml bad.json
expect 2 'fail-on' lint --fail-on sometimes bad.json

finish
