#!/usr/bin/env bash
# `whittle lint` as scripts see it. Usage: lint.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
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

# The rules.
says 0 1 '^  unknown-name +error ' lint --rules
says 0 1 '^# unknown-name$' lint --explain unknown-name
says 0 0 '^## (Fires|Silent)' lint --explain unknown-name
expect 2 "did you mean 'unknown-name'" lint --explain unknown-nam
expect 2 'no rule' lint --ignore nonsense bad.json
expect 2 'name a profile' lint
expect 2 '--(json|sarif) excludes --(json|sarif)' lint --json --sarif bad.json
expect 2 'fail-on' lint --fail-on sometimes bad.json

finish
