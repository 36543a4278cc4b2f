# Programs that end by themselves, with the functions of a server (scripts/servers/README.md), so that servers.sh brings them
# through a life: Debian's ls and chmod, a static Go program, and two that Docker's default refuses something to: one whatever its
# arguments, one for these. Source after servers.sh.

ADVICE_PROGRAMS=(ls chmod static unshare setarch)

# program_is NAME ARGUMENT...: defines the functions of a program that are the same for all; the words are its command.
program_is() {
  local name=$1 words
  shift
  words=$([ $# = 0 ] || printf '%q ' "$@")
  eval "${name}_packages() { :; }
    ${name}_phases() { printf '%s\n' start shutdown; }
    ${name}_command() { ${words:+printf '%s\n' }${words:-:}; }
    ${name}_ready() { program_ends $name; }
    ${name}_arguments() { printf '%s\n' --network none -v \"\$1:/data\" --tmpfs /tmp; }
    ${name}_prepare() { program_data \"\$1\"; }
    ${name}_load() { program_answer $name \"\$1\"; }"
}

# What ls lists and chmod changes; the same in every life.
program_data() {
  mkdir -p "$1/files"
  chmod 755 "$1" "$1/files"
  echo one > "$1/files/one"
  chmod 600 "$1/files/one"
  find "$1" -exec touch -d '2026-01-01 00:00:00 UTC' {} +
}

program_ends() { timeout 20 "$DOCKER" wait "$(server_container "$1")" > /dev/null; }

# What it said, how it ended, and what became of the file.
program_answer() {
  "$DOCKER" logs "$(server_container "$1")" 2>&1
  "$DOCKER" inspect -f 'exit {{.State.ExitCode}}' "$(server_container "$1")"
  stat -c 'mode %a' "$2/files/one"
}

# program_image TAG PROGRAM PLACE: an image of one program with its libraries.
program_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  rm -f "$root$3"
  mkdir -p "$root$(dirname "$3")"
  cp -L "$2" "$root$3"
  server_copy "$root" "$2"
  server_import "$root" "$1" "ENTRYPOINT [\"$3\"]"
}

program_is ls -l --color=never /data/files
program_is chmod 0640 /data/files/one
program_is static
program_is unshare --user ls /data/files
program_is setarch --addr-no-randomize ls /data/files

ls_image() { program_image "$1" /bin/ls /usr/bin/ls; }
chmod_image() { program_image "$1" /bin/chmod /usr/bin/chmod; }
unshare_image() { program_image "$1" /usr/bin/unshare /usr/bin/unshare; }
setarch_image() { program_image "$1" /usr/bin/setarch /usr/bin/setarch; }

# Go's own tree where PATH has none.
static_image() {
  local folder status=0
  server_has_image "$1" && return 0
  folder=$(mktemp -d)
  PATH=$PATH:/usr/local/go/bin CGO_ENABLED=0 GOFLAGS=-mod=mod GOCACHE="$folder/cache" \
    go build -o "$folder/static" scripts/lib/advice-static.go && program_image "$1" "$folder/static" /static || status=1
  rm -rf "$folder"
  return "$status"
}
