#!/usr/bin/env bash
# Checks seccomp profiles in continuous integration, on any host: lint, the recorded workload, and what the branch makes looser.
# docs/ci.md describes it; deploy/github-action calls it.
#
#   WHITTLE_BASE_REF=origin/main WHITTLE_EVIDENCE='evidence/{name}.evidence.json' deploy/ci/check-profile.sh profiles/*.json
#
# Profiles are arguments (as they are), or lines of
#   WHITTLE_PROFILES        paths, or patterns of git's: profiles/**/*.json
# What else there is to say comes from the environment; what is empty is not set:
#   WHITTLE_EVIDENCE        paths or patterns of evidence, a line each. {name} is the profile's name without .json (or .yaml), {dir} its folder
#   WHITTLE_BASE_REF        a branch, tag or commit: profiles are compared with where the branch left it
#   WHITTLE_FAIL_ON         error (default), warning, info, never: how bad a finding of lint has to be
#   WHITTLE_FAIL_IF_LOOSER  true (default) or false: only tell of what is looser
#   WHITTLE_IGNORE          rules of lint to leave out
#   WHITTLE_TARGET          the place that is meant: --loader docker --runtime runc --arch x86_64 ...
#   WHITTLE_OUTPUT          the folder to write to (default: whittle-check): whittle.sarif, comment.md, verdict
#   WHITTLE                 the program (default: whittle)
# Exit code: 0 all is well, 1 something was found, 2 to 5 something could not be checked (docs/cli.md). Needs bash, git, jq.
set -uo pipefail
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }

if [ "${1:-}" = --help ]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
  exit 0
fi

whittle=${WHITTLE:-whittle}
base_ref=${WHITTLE_BASE_REF:-}
fail_on=${WHITTLE_FAIL_ON:-error}
fail_if_looser=${WHITTLE_FAIL_IF_LOOSER:-true}
output=${WHITTLE_OUTPUT:-whittle-check}

parts=    # a folder for what is put together at the end
code=0    # the worst so far
reasons=0 # lines of reasons.md

# For a person who reads Markdown: no name can be markup there.
markdown_code() {
  local at char number out=
  for ((at = 0; at < ${#1}; at++)); do
    char=${1:at:1}
    case $char in
      [a-zA-Z0-9\ ,./=-]) out+=$char ;;
      *)
        printf -v number %d "'$char"
        out+="&#$((number < 32 ? 65533 : number));"
        ;;
    esac
  done
  say "<code>$out</code>"
}

# because CODE MARKDOWN: why the answer is not yes. A program that crashes is an internal error, as 5 is.
because() {
  if [ "$1" -gt "$code" ]; then code=$(($1 > 5 ? 5 : $1)); fi
  reasons=$((reasons + 1))
  [ $reasons -gt 50 ] || printf -- '- %s\n' "$2" >> "$parts/reasons.md"
}

verdict() {
  case $code in
    0) say pass ;;
    1) say fail ;;
    *) say error ;;
  esac
}

headline() {
  case $code in
    0) say '## Seccomp profiles: all is well' ;;
    1) say '## Seccomp profiles: not as they should be' ;;
    *) say '## Seccomp profiles: something could not be checked' ;;
  esac
}

# Hosts take comments of 65,536 characters. What is too long for one is in the log.
comment() {
  local part left_out=0 size=0
  say '<!-- whittle: seccomp profiles -->'
  headline
  say ''
  if [ -s "$parts/reasons.md" ]; then cat "$parts/reasons.md"; fi
  if [ $reasons -gt 50 ]; then say "- and $((reasons - 50)) more"; fi
  say ''
  if [ -s "$parts/table.md" ]; then
    say "| profile | lint | evidence | ${base_shown:-base} |"
    say '|---|---|---|---|'
    head -n 100 "$parts/table.md"
    if [ "$(wc -l < "$parts/table.md")" -gt 100 ]; then printf '\n%s more profiles.\n' $(($(wc -l < "$parts/table.md") - 100)); fi
    printf '\n%s\n' "$asked"
  fi
  for part in "$parts"/section.*; do
    [ -e "$part" ] || continue
    size=$((size + $(wc -c < "$part")))
    if [ $size -gt 40000 ]; then left_out=$((left_out + 1)); else cat "$part"; fi
  done
  if [ $left_out -gt 0 ]; then printf '\nToo long for a comment, and left out: %s profiles. They are in the log.\n' "$left_out"; fi
}

# Code hosts take one run of each analysis: results of several profiles are put into one.
sarif() {
  cat "$parts"/sarif.* 2> /dev/null | jq -s '[.[].runs[]] | group_by(.automationDetails.id)
    | {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0",
       runs: map(.[0] + {results: (map(.results) | add)})}'
}

finish() {
  local folder=$output
  comment > "$folder/comment.md"
  if compgen -G "$parts/sarif.*" > /dev/null; then sarif > "$folder/whittle.sarif"; fi
  verdict > "$folder/verdict"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$folder/comment.md" >> "$GITHUB_STEP_SUMMARY"; fi
  say "verdict: $(verdict)"
  exit "$code"
}

# stop CODE MESSAGE: nothing can be checked.
stop() {
  printf 'error: %s\n' "$2" >&2
  if [ -z "$parts" ]; then exit "$1"; fi
  because "$1" "$(markdown_code "$2")"
  finish
}

command -v jq > /dev/null || stop 4 "jq is not there: install it (Debian: apt-get install jq)"
mkdir -p -- "$output" || stop 3 "the folder '$output' cannot be made"
output=$(realpath -- "$output")
rm -f -- "$output/comment.md" "$output/whittle.sarif" "$output/verdict"
parts=$(mktemp -d) || stop 3 "no temporary folder"
trap 'rm -rf -- "$parts"' EXIT

case $fail_on in
  error | warning | info | never) ;;
  *) stop 2 "fail-on is '$fail_on': expected error, warning, info or never" ;;
esac
case $fail_if_looser in
  true | false) ;;
  *) stop 2 "fail-if-looser is '$fail_if_looser': expected true or false" ;;
esac
# A path stays one when the folder changes.
case $whittle in */*) whittle=$(realpath -- "$whittle") ;; esac
"$whittle" --version > /dev/null || stop 4 "the program '$whittle' does not run: name it in WHITTLE, or put it into PATH"

target=() ignored=()
read -r -d '' -a target <<< "${WHITTLE_TARGET:-}"
read -r -d '' -a rules <<< "${WHITTLE_IGNORE:-}"
for rule in "${rules[@]}"; do ignored+=(--ignore "$rule"); done
# Without a target lint asks all usual places; the others need one, and not that of the machine that happens to run this.
one_target=("${target[@]}")
asked="lint, evidence and base were asked of $(markdown_code "${target[*]}")"
if [ ${#target[@]} = 0 ]; then
  one_target=(--loader docker --runtime runc)
  asked='lint was asked of all usual places, evidence and base of docker with runc: `target` names another place'
fi
# A word that is no flag would be taken for one more file, so a target is tried with a verb that takes just two.
say '{"defaultAction": "SCMP_ACT_ALLOW"}' > "$parts/any.json"
"$whittle" diff "${one_target[@]}" "$parts/any.json" "$parts/any.json" > /dev/null 2> "$parts/errors"
if [ $? = 2 ]; then stop 2 "the target '${target[*]}' is none: $(head -n 1 "$parts/errors")"; fi

# All names are relative to the root of the repository from here on: code hosts know files by these.
in_git=false
here=$(pwd -P)
root=$here
if git rev-parse --is-inside-work-tree > /dev/null 2> "$parts/git"; then
  in_git=true
  root=$(git rev-parse --show-toplevel)
elif [ -n "$base_ref" ] || grep -q 'dubious ownership' "$parts/git"; then
  stop 4 "no repository of git that can be asked: $(head -n 1 "$parts/git")"
fi

# to_root PATH-OR-PATTERN: without a look at the files; outside of the repository it is absolute. Who comes by a symbolic link to a
# folder above is inside all the same.
to_root() {
  local path folder
  path=$(realpath -ms --relative-to="$root" -- "$here/${1#"$here"/}")
  case $1 in /*) path=$(realpath -ms --relative-to="$root" -- "$1") ;; esac
  case $path in
    .. | ../*)
      path=$(realpath -ms -- "$root/$path")
      folder=$(realpath -m -- "${path%/*}/")
      path=${folder%/}/${path##*/}
      say "${path#"$root"/}"
      ;;
    *) say "$path" ;;
  esac
}

# files_of PATTERN: what is there, NUL-terminated; a name that is a file's is no pattern.
files_of() {
  if [ -e "$1" ]; then
    printf '%s\0' "$1"
  elif $in_git && [[ $1 != /* ]]; then
    git ls-files -z --cached --others --exclude-standard -- ":(glob)$1"
  fi
}

base=
base_shown=
if [ -n "$base_ref" ]; then
  for name in "$base_ref" "origin/$base_ref"; do
    tip=$(git rev-parse --verify --quiet --end-of-options "$name^{commit}") && break
  done
  shallow=$(git rev-parse --is-shallow-repository)
  if [ -z "$tip" ]; then
    if [ "$shallow" = true ]; then
      stop 4 "the base '$base_ref' is not in this shallow clone: fetch all of it (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0), or at least that branch"
    fi
    stop 3 "the base '$base_ref' is no branch, tag or commit of this repository, nor is 'origin/$base_ref'"
  fi
  if ! base=$(git merge-base "$tip" HEAD); then
    if [ "$shallow" = true ]; then
      stop 4 "this shallow clone does not reach back to where the branch left '$base_ref': fetch more (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0; by hand: git fetch --unshallow)"
    fi
    stop 3 "'$base_ref' and this branch have no commit in common"
  fi
  base_shown="against $(markdown_code "$base_ref") ($(git rev-parse --short "$base"))"
fi
cd -- "$root" || stop 3 "$root cannot be entered"

# Which profile had which name in the base, and which are gone.
declare -A old_name=() is_gone=()
if [ -n "$base" ]; then
  while IFS= read -r -d '' status && IFS= read -r -d '' path; do
    case $status in
      R*)
        IFS= read -r -d '' new_path
        old_name[$new_path]=$path
        ;;
      D) is_gone[$path]=1 ;;
    esac
  done < <(git diff --name-status -z -M --diff-filter=RD "$base" --)
fi

profiles=()
declare -A is_listed=()
list() {
  if [ -n "${is_listed[$1]:-}" ]; then return 0; fi
  case $1 in *$'\n'*) stop 3 "the name of a file has a line break, which is refused: ${1//$'\n'/\\n}" ;; esac
  is_listed[$1]=1
  profiles+=("$1")
}
# add_profiles PATTERN: a pattern that finds nothing would be a gate that is always open.
add_profiles() {
  local pattern file found=false
  pattern=$(to_root "$1")
  while IFS= read -r -d '' file; do
    # git also lists what is deleted.
    if [ -e "$file" ] || [ -L "$file" ]; then list "$file" && found=true; fi
  done < <(files_of "$pattern")
  if [ -n "$base" ] && [ ! -e "$pattern" ]; then
    while IFS= read -r -d '' file; do
      if [ -n "${is_gone[$file]:-}" ]; then list "$file" && found=true; fi
    done < <(git diff --name-only -z --no-renames --diff-filter=D "$base" -- ":(glob)$pattern")
  fi
  $found || stop 3 "no profile is named '$1', or matches it"
}
for file in "$@"; do add_profiles "$file"; done
while IFS= read -r line; do
  read -r line <<< "$line"
  if [ -n "$line" ]; then add_profiles "$line"; fi
done <<< "${WHITTLE_PROFILES:-}"
if [ ${#profiles[@]} = 0 ]; then stop 2 "no profile is named: give files as arguments, or patterns in WHITTLE_PROFILES"; fi

# evidence_of PROFILE: the files, into `evidence`.
evidence_of() {
  local line pattern file name=${1##*/} folder=. found
  case $1 in */*) folder=${1%/*} ;; esac
  case $name in *.json | *.yaml | *.yml) name=${name%.*} ;; esac
  evidence=()
  while IFS= read -r line; do
    read -r line <<< "$line"
    if [ -z "$line" ]; then continue; fi
    pattern=${line//'{name}'/"$name"}
    case $line in
      '{dir}'*) pattern=${pattern/'{dir}'/"$folder"} ;;
      *) pattern=$(to_root "$pattern") ;;
    esac
    found=false
    while IFS= read -r -d '' file; do
      case $file in /*) ;; *) file=./$file ;; esac
      if [ -e "$file" ]; then evidence+=("$file") found=true; fi
    done < <(files_of "$pattern")
    # What is not named after the profile must be there.
    if ! $found && [[ $line != *'{name}'* && $line != *'{dir}'* ]]; then stop 3 "no evidence is named '$line', or matches it"; fi
  done <<< "${WHITTLE_EVIDENCE:-}"
}

# forms VERB ARGUMENTS...: text for the log, Markdown and SARIF for the host, what it has to say besides into errors; the exit code
# of the verb. $at numbers the profile.
forms() {
  local verb=$1 got=0
  "$whittle" "$@" --format text --also "sarif=$parts/sarif.$at.$verb" --also "markdown=$parts/markdown.$at.$verb" \
    2> "$parts/errors" || got=$?
  # All is well, and no answer: that is none.
  if [ ! -s "$parts/sarif.$at.$verb" ] && [ $got -le 1 ]; then got=5; fi
  return "$got"
}

# could_not VERB CODE: tells of a verb that gave no answer.
could_not() {
  because "$2" "$shown: \`whittle $1\` could not answer (exit code $2): $(markdown_code "$(grep -m 1 '^error: ' "$parts/errors" || tail -n 1 "$parts/errors")")"
}

# tally VERB: how many of its results there are of each rule and each level, into `tallied`.
declare -A tallied=()
tally() {
  local rule level
  tallied=()
  while IFS=$'\t' read -r rule level; do
    tallied[$rule]=$((${tallied[$rule]:-0} + 1))
    tallied[$level]=$((${tallied[$level]:-0} + 1))
    tallied[$rule $level]=$((${tallied[$rule $level]:-0} + 1))
  done < <(jq -r '.runs[].results[] | [.ruleId, .level] | @tsv' "$parts/sarif.$at.$1")
}
has() { [ -n "${tallied[$1]:-}" ]; }

counted() { if [ "$1" = 1 ]; then say "1 $2"; else say "$1 ${2}s"; fi; }

# What lint finds in a file that is no profile, or of which no filter comes, is not a matter of how bad a finding has to be.
is_profile() {
  local said got=0
  said=$("$whittle" simulate "${one_target[@]}" "$document" read --json 2> "$parts/errors") || got=$?
  if [ $got != 0 ]; then
    could_not simulate $got
  elif [ "$(jq -r .state <<< "$said")" = unconfined ]; then
    because 3 "$shown: no profile: $(markdown_code "$(jq -r .why <<< "$said")")"
  fi
}

lint() {
  local got=0
  forms lint --fail-on "$fail_on" "${ignored[@]}" "${target[@]}" "$document" || got=$?
  cat "$parts/errors" >&2
  if [ $got -gt 1 ]; then
    lint_cell='could not be asked'
    could_not lint $got
    return
  fi
  tally lint
  lint_cell="$(counted "${tallied[error]:-0}" error), $(counted "${tallied[warning]:-0}" warning)"
  if ! has error && ! has warning; then lint_cell='ok'; fi
  if [ $got = 1 ]; then
    if [ "$fail_on" = info ]; then lint_cell="$lint_cell, $(counted "${tallied[note]:-0}" info)"; fi
    because 1 "$shown: lint: $lint_cell"
  fi
}

verify() {
  local got=0 why=
  evidence_of "$1"
  if [ ${#evidence[@]} = 0 ]; then
    evidence_cell='none given'
    return
  fi
  forms verify "${one_target[@]}" "$document" "${evidence[@]}" || got=$?
  cat "$parts/errors" >&2
  if [ $got -gt 1 ]; then
    evidence_cell='could not be asked'
    could_not verify $got
    return
  fi
  printf -- '\n- evidence:%s\n' "$(for file in "${evidence[@]}"; do printf ' %s' "$(markdown_code "$file")"; done)" >> "$parts/markdown.$at.verify"
  evidence_cell='would work'
  tally verify
  if [ $got = 1 ]; then
    if has evidence/no-filter; then why+=', there would be no filter'; fi
    if has evidence/refused; then why+=", $(counted "${tallied[evidence/refused]}" call) refused"; fi
    if has evidence/depends; then why+=", $(counted "${tallied[evidence/depends]}" call) perhaps refused"; fi
    if has 'baseline-not-covered error'; then why+=', the runtime could not start'; fi
    evidence_cell=${why#, }
    because 1 "$shown: the recorded workload would not work: $evidence_cell"
  fi
  if has evidence/incomplete; then evidence_cell+='; the evidence is **incomplete**'; fi
}

# take_base PATH FILE: the file as it was in the base, through symbolic links.
take_base() {
  local object
  object=$(printf '%s:%s\n' "$base" "$1" | git cat-file --batch-check='%(objecttype) %(objectname)' --follow-symlinks)
  [[ $object =~ ^blob\ [0-9a-f]+$ ]] && git cat-file blob "${object#blob }" > "$2"
}

# fails_at FILE CODE: the verb failed, since that file is no profile.
fails_at() {
  local error
  error=$(grep -m 1 '^error: ' "$parts/errors")
  [ "$2" = 3 ] && [[ $error == "error: $1:"* ]]
}

compare() {
  local was=${old_name[$1]:-$1} file=$parts/base.$at got=0 gate=()
  base_cell=new
  if [ -z "$base" ]; then
    base_cell='not asked'
    return
  fi
  if ! take_base "$1" "$file"; then
    take_base "$was" "$file" || return
  else
    was=$1
  fi
  if $fail_if_looser; then gate=(--fail-if-looser); fi
  forms diff "${gate[@]}" "${one_target[@]}" --a-name "$was of $base_ref" "$file" "$document" || got=$?
  if fails_at "$file" $got; then
    base_cell='new: what was there is no profile'
    return
  fi
  cat "$parts/errors" >&2
  if [ ! -e "$parts/sarif.$at.diff" ]; then
    base_cell='could not be compared'
    could_not diff $got
    return
  fi
  tally diff
  if has behaviour/looser; then
    base_cell='**looser**'
    if $fail_if_looser; then because 1 "$shown: looser than it was"; fi
  elif has behaviour/undecided; then
    base_cell='**undecided**: not every call could be compared'
    if $fail_if_looser; then because 1 "$shown: it is undecided whether it is looser than it was"; fi
  elif has behaviour/tighter; then
    base_cell=tighter
  elif [ ${#tallied[@]} -gt 0 ]; then
    base_cell='other answers'
  else
    base_cell='same behaviour'
  fi
  if [ "$was" != "$1" ]; then base_cell+=", was $(markdown_code "$was")"; fi
}

# What the verbs said of one profile; folded away if all is well.
section() {
  local text
  text=$(for verb in diff verify lint; do cat "$parts/markdown.$at.$verb" 2> /dev/null && say ''; done)
  if [ -z "$text" ]; then return; fi
  if [ "$1" = fine ]; then
    printf '\n<details><summary>%s</summary>\n\n%s\n\n</details>\n' "$shown" "$text"
  else
    printf '\n## %s\n\n%s\n' "$shown" "$text"
  fi > "$parts/section.$at"
}

at=10000 # files are taken in this order
for profile in "${profiles[@]}"; do
  at=$((at + 1))
  shown=$(markdown_code "$profile")
  if [ ! -e "$profile" ] && [ ! -L "$profile" ]; then
    say "== $(printf '%q' "$profile"): deleted"
    printf '| %s | | | deleted |\n' "$shown" >> "$parts/table.md"
    continue
  fi
  say "== $(printf '%q' "$profile")"
  before=$reasons
  case $profile in /*) document=$profile ;; *) document=./$profile ;; esac # a file, never a name of the catalogue or an option
  is_profile
  lint
  verify "$profile"
  compare "$profile"
  printf '| %s | %s | %s | %s |\n' "$shown" "$lint_cell" "$evidence_cell" "$base_cell" >> "$parts/table.md"
  if [ "$reasons" = "$before" ]; then section fine; else section open; fi
done
finish
