# Roles: profiles of the catalogue for a kind of workload, made of kept recordings. Source after common.sh; WHITTLE is the program.
# Pure, but for role_record, which wants servers.sh and an engine. docs/roles.md says what lies in data/roles.
#   role_names                       all roles
#   role_workloads ROLE [USE]        its workloads: made-of (default), or tried (which no document was made of)
#   role_known_refusals ROLE WORKLOAD  calls that it makes and the role refuses, with blanks between
#   role_evidence WORKLOAD           its kept recording
#   role_ceiling FILE                writes what no role goes beyond: docker's default without the calls of the highest risk
#   role_document ROLE FILE          writes the role's profile, from the kept recordings
#   role_record WORKLOAD CEILING OUT records a workload under the ceiling; its essence becomes the kept recording
# Only with the target of ROLE_TARGET documents are the same bytes everywhere.

ROLE_TARGET=(--loader docker:20.10.24 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1 --cap default)
ROLE_DATA=data/roles

role_names() { awk -F, '$3 == "made-of" && !seen[$1]++ {print $1}' "$ROLE_DATA/roles.csv"; }
role_workloads() { awk -F, -v role="$1" -v use="${2:-made-of}" '$1 == role && $3 == use {print $2}' "$ROLE_DATA/roles.csv"; }
role_known_refusals() { awk -F, -v role="$1" -v workload="$2" '$1 == role && $2 == workload {print $4}' "$ROLE_DATA/roles.csv"; }
role_all_workloads() { awk -F, '!/^#/ && $1 != "role" && !seen[$2]++ {print $2}' "$ROLE_DATA/roles.csv"; }
role_evidence() { echo "$ROLE_DATA/$1.evidence.json"; }

# Calls of the highest risk that docker's default lets pass without capabilities.
role_forbidden() {
  local call
  awk -F, '$2 == 3 {print $1}' data/risk.csv > "$1"
  "$WHITTLE" simulate docker-default --calls "$1" "${ROLE_TARGET[@]}" 2> /dev/null | paste -d' ' - "$1" |
    while read -r answer call; do case "$answer" in ERRNO*) ;; *) echo "$call" ;; esac; done
}

role_ceiling() {
  local list
  list=$(mktemp)
  "$WHITTLE" profile new --from docker-default --remove "$(role_forbidden "$list" | paste -sd,)" "${ROLE_TARGET[@]}" -o "$1" 2> /dev/null
  local status=$?
  rm -f "$list"
  return "$status"
}

# The calls of both runtimes: a role is for whoever starts it.
role_baseline() {
  awk -F, '!/^#/ && $1 != "runtime" && $1 != "none" {print $5, $6}' data/baselines/runc-*.csv data/baselines/crun-*.csv | sort -u
}

# Calls of a document that docker's default refuses.
role_beyond() {
  python3 -c 'import json, sys
for rule in json.load(open(sys.argv[1]))["syscalls"]:
    if rule["action"] == "SCMP_ACT_ALLOW": print(*rule["names"], sep="\n")' "$1" > "$1.names"
  "$WHITTLE" simulate docker-default --calls "$1.names" "${ROLE_TARGET[@]}" 2> /dev/null | paste -d' ' - "$1.names" |
    awk '$1 != "ALLOW" {print $2}'
}

role_document() {
  local role=$1 out=$2 folder workload files=() status=0
  folder=$(mktemp -d)
  for workload in $(role_workloads "$role"); do files+=("$(role_evidence "$workload")"); done
  # What programs of most kinds do.
  python3 scripts/lib/roles-common.py "$role" > "$folder/common.json" || return 1
  [ ! -s "$folder/common.json" ] || files+=("$folder/common.json")
  role_baseline > "$folder/runc and crun"
  # The list's name stands in the document. What the newest library knows is named, too: others pass over it.
  "$WHITTLE" generate "${files[@]}" --level portable --baseline "$folder/runc and crun" "${ROLE_TARGET[@]}" --libseccomp 2.6.0 \
    -o "$folder/generated.json" 2> "$folder/said" &&
    role_beyond "$folder/generated.json" > "$folder/beyond" &&
    python3 scripts/lib/roles-document.py "$role" "$folder/generated.json" "$folder/beyond" $(role_workloads "$role") > "$out" || {
    cat "$folder/said" >&2
    status=1
  }
  rm -rf "$folder"
  return "$status"
}

# Keeps of which packages and versions a workload was made; clients are none of it.
role_versions() {
  local file=$ROLE_DATA/versions.csv package
  {
    { [ ! -e "$file" ] || grep -v "^$1," "$file"; } | grep -v '^workload,'
    for package in $("${1}_packages" | grep -vxE 'curl|openssl|.*-client.*|redis-tools|gcc|libc6-dev'); do
      dpkg-query -W -f "$1,\${Package},\${Version}\n" "$package"
    done
    [ "$(type -t "${1}_versions")" != function ] || "${1}_versions" | sed "s/^/$1,/"
  } | LC_ALL=C sort -u | sed '1i workload,program,version' > "$file.new" && mv "$file.new" "$file"
}

# What has a gap is recorded anew, twice; then the gap is kept, too. One round is enough then: with two, most are started again after the first, which a recorder on a
# busy host may notice late.
role_record() {
  local workload=$1 ceiling=$2 out=$3 folder try SERVER_CYCLES
  for try in 1 2 3; do
    SERVER_CYCLES=$((try == 1 ? 2 : 1))
    folder=$(server_folder)
    server_life "$workload" "$folder" "$out/$workload.evidence.json" "$out/$workload.answers" "$ceiling" || { rm -rf "$folder"; return 1; }
    rm -rf "$folder"
    [ "$try" = 3 ] || [ -z "$("$WHITTLE" show "$out/$workload.evidence.json" --gaps)" ] || continue
    role_versions "$workload"
    python3 scripts/lib/roles-essence.py "$workload" < "$out/$workload.evidence.json" > "$(role_evidence "$workload")" || return 1
    # What the essence leaves out may not change what it says.
    diff <("$WHITTLE" show "$out/$workload.evidence.json" --calls | cut -f3-5 | sort -u) \
      <("$WHITTLE" show "$(role_evidence "$workload")" --calls | cut -f3-5 | sort -u)
    return
  done
}
