# python3: a threaded HTTP server with files, SQLite, children, process pools, coroutines, TLS; configuration and log are opened
# anew by signals. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/requests.sh"

python_packages() { printf '%s\n' python3 curl openssl; }
python_phases() { printf '%s\n' reload log-rotation; }

python_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  server_package "$root" python3.11-minimal libpython3.11-minimal libpython3.11-stdlib
  ln -sf busybox "$root/usr/bin/sleep"
  cp scripts/servers/python/server.py "$root/server.py"
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/python3.11", "/server.py"]'
}

python_prepare() {
  local folder=$1 name
  mkdir -p "$folder/data/list"
  seq 1 100000 > "$folder/data/large.txt"
  for name in one two three; do echo "$name" > "$folder/data/list/$name.txt"; done
  echo '{"greeting": "hello"}' > "$folder/config.json"
  : > "$folder/log"
  request_certificate "$folder/tls.pem"
}

python_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp --shm-size 16m; }
python_command() { printf '%s\n' "$1" "$SERVER_PORT"; }
python_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/"; }
python_ask() { request_each / files children; }

python_load() {
  local folder=$1 container=$2 cycle
  for cycle in $(seq "${SERVER_CYCLES:-6}"); do
    request_each / large list files database children pool threads coroutines tls sockets packed memory system missing |
      sed "s/^/$cycle /"
    request upload --data-binary "@$folder/data/large.txt" "$(request_base)/upload" | sed "s/^/$cycle /"
    request head --head "$(request_base)/list" | sed "s/^/$cycle /"
    request_many "$cycle" / list files children threads database
    echo "{\"greeting\": \"hello $cycle\"}" > "$folder/config.json"
    server_signal "$container" HUP
    server_until 20 request_says / "it works: hello $cycle" || echo "$cycle not reloaded"
    mv "$folder/log" "$folder/log.1"
    server_signal "$container" USR1
    server_until 20 test -e "$folder/log" || echo "$cycle log not opened"
    request_restart "$container" "$cycle" && python_ready "$folder" || echo "$cycle not started again"
  done
}
