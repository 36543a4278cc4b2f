# A service in Go, statically linked (CGO_ENABLED=0): net/http, files, children, garbage under load, TLS, names, signals.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

go_packages() {
  printf '%s\n' curl
  [ -n "$(go_compiler)" ] || echo golang-go
}
go_phases() { printf '%s\n' reload; }

go_compiler() { command -v go || { [ -x /usr/local/go/bin/go ] && echo /usr/local/go/bin/go; } || true; }

go_versions() { "$(go_compiler)" version | sed -E 's/.* go([0-9.]+) .*/go,\1/'; }

go_image() { go_image_with "$1" CGO_ENABLED=0; }

# go_image_with TAG VARIABLE=VALUE...: variables of the compiler's environment.
go_image_with() {
  local tag=$1 root
  shift
  server_has_image "$tag" && return 0
  root=$(server_root)
  env GO111MODULE=off GOFLAGS= "$@" "$(go_compiler)" build -o "$root/service" scripts/workloads/go/main.go || return 1
  # What the C library loads by itself comes along, and with it the C library.
  if ldd "$root/service" > /dev/null 2>&1; then
    server_copy "$root" /lib/x86_64-linux-gnu/lib{nss_dns,nss_files,resolv}.so.2
  fi
  server_import "$root" "$tag" 'ENTRYPOINT ["/service"]'
}

go_prepare() {
  local folder=$1
  mkdir -p "$folder/data/list"
  rm -rf "$folder"/data/{work,upload,socket}-*
  seq 1 100000 > "$folder/data/large.txt"
  echo one > "$folder/data/list/one.txt"
  echo '{"greeting": "hello"}' > "$folder/config.json"
}

go_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
go_command() { printf '%s\n' "$1" "$SERVER_PORT"; }
go_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/greeting"; }
go_ask() { request_each greeting files children; }

go_load() {
  local folder=$1 container=$2 cycle
  for cycle in $(seq "${SERVER_CYCLES:-4}"); do
    request_each greeting large packed static/list/one.txt static/list/ files children memory threads sockets names secret system \
      missing | sed "s/^/$cycle /"
    request upload --data-binary "@$folder/data/large.txt" "$(request_base)/upload" | sed "s/^/$cycle /"
    request_many "$cycle" large packed files children memory threads
    echo "{\"greeting\": \"hello $cycle\"}" > "$folder/config.json"
    server_signal "$container" HUP
    server_until 20 request_says greeting "hello $cycle" || echo "$cycle not reloaded"
    request_restart "$container" "$cycle" && go_ready "$folder" || echo "$cycle not started again"
  done
}
