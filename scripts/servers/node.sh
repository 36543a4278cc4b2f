# node: an HTTP server with streams, compression, cryptography, worker threads, children, TLS and a cluster; configuration and
# log are opened anew by signals. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/requests.sh"

node_packages() { printf '%s\n' nodejs curl openssl; }
node_phases() { printf '%s\n' reload log-rotation; }

# Debian's nodejs is a small program, a library, and JavaScript that other packages bring; others' is one program.
node_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  # shellcheck disable=SC2046
  server_package "$root" nodejs $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 'libnode*' 'node-*' 2> /dev/null |
    awk '$2 == "installed" && $1 !~ /-dev$/ {print $1}')
  ln -sf busybox "$root/usr/bin/sleep"
  cp scripts/servers/node/server.mjs "$root/server.mjs"
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/node", "/server.mjs"]'
}

node_prepare() {
  local folder=$1
  mkdir -p "$folder/data"
  rm -rf "$folder"/data/work-*
  seq 1 100000 > "$folder/data/large.txt"
  echo '{"greeting": "hello"}' > "$folder/config.json"
  : > "$folder/log"
  request_certificate "$folder/tls.pem"
}

node_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
node_command() { printf '%s\n' "$1" "$SERVER_PORT"; }
node_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/"; }
node_ask() { request_each / files children; }

node_load() {
  local folder=$1 container=$2 cycle
  for cycle in $(seq "${SERVER_CYCLES:-6}"); do
    request_each / large packed files crypto compress workers children names sockets tls cluster timers memory system missing |
      sed "s/^/$cycle /"
    request upload --data-binary "@$folder/data/large.txt" "$(request_base)/upload" | sed "s/^/$cycle /"
    request head --head "$(request_base)/system" | sed "s/^/$cycle /"
    request_many "$cycle" / large packed files children workers crypto
    echo "{\"greeting\": \"hello $cycle\"}" > "$folder/config.json"
    server_signal "$container" HUP
    server_until 20 request_says / "it works: hello $cycle" || echo "$cycle not reloaded"
    mv "$folder/log" "$folder/log.1"
    server_signal "$container" USR2
    server_until 20 test -e "$folder/log" || echo "$cycle log not opened"
    request_restart "$container" "$cycle" && node_ready "$folder" || echo "$cycle not started again"
  done
}
