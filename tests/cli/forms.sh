#!/usr/bin/env bash
# One answer in several forms: what --also writes is what --format prints. Usage: forms.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --runtime runc --kernel 6.1 --arch x86_64)
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}' > a.json
printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["write"], "action": "SCMP_ACT_ALLOW"}]}' > b.json
printf 'x86_64 bpf\n' > calls.txt
"$whittle" import calls.txt -o calls.json 2> /dev/null

# forms CODE VERB ARGUMENTS...: each form on standard output, and all of them in one run.
forms() {
  local code=$1 form got=0 also=()
  shift
  for form in text json markdown sarif; do
    "$whittle" "$@" "${target[@]}" --format $form > printed.$form 2> said.$form
    also+=(--also "$form=written.$form")
  done
  rm -f written.*
  "$whittle" "$@" "${target[@]}" "${also[@]}" > printed 2> said || got=$?
  checks=$((checks + 1))
  [ "$got" = "$code" ] || fault "exit $got, expected $code: $*"
  cmp printed printed.text || fault "standard output is another with --also: $*"
  cmp said said.text || fault "standard error is another with --also: $*"
  for form in text json markdown sarif; do
    cmp written.$form printed.$form || fault "--also $form is not --format $form: $*"
    [ -s printed.$form ] || fault "nothing in $form: $*"
  done
}
forms 1 lint a.json
forms 1 verify a.json calls.json
forms 1 diff a.json b.json
forms 0 diff a.json a.json
# What was found is written, whatever else cannot be answered.
forms 3 lint a.json nowhere.json

# One way to name what is printed, and others beside it.
expect 0 '' "$whittle" diff a.json a.json "${target[@]}" --json --also sarif=both.sarif
json_is 'd["answer"] == "equal"' "$whittle" diff a.json a.json "${target[@]}" --json --also 'sarif=a=b.sarif'
json_is 'd["version"] == "2.1.0"' cat a=b.sarif
expect 2 'excludes' "$whittle" diff a.json a.json "${target[@]}" --json --format sarif

for verb in 'lint a.json' 'verify a.json calls.json' 'diff a.json a.json'; do
  for also in sarif sarif= html=a.html =a.html '' -; do
    expect 2 "^error: --also '$also': expected text, json, markdown or sarif, and a file" "$whittle" $verb "${target[@]}" --also "$also"
  done
  expect 2 'what is printed says --format' "$whittle" $verb "${target[@]}" --also sarif=-
  expect 2 "two forms for one file, 'same'" "$whittle" $verb "${target[@]}" --also sarif=same --also json=same
  [ ! -e same ] || fault "wrong usage writes: $verb"
  # What is printed is there all the same.
  checks=$((checks + 1))
  "$whittle" $verb "${target[@]}" --also sarif=no/where > printed 2> said
  [ $? = 3 ] || fault "a file that cannot be written: $verb"
  grep -q '^error: no/where' said || fault "not said which: $(cat said)"
  [ -s printed ] || fault "nothing is printed: $verb"
done
finish
