# A server of Tornado: coroutines, two processes, websockets, children. No role was recorded with it.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

tornado_packages() { printf '%s\n' python3 python3-tornado curl; }
tornado_phases() { :; }

tornado_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  server_package "$root" python3.11-minimal libpython3.11-minimal libpython3.11-stdlib python3-tornado
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/python3.11"]'
}

tornado_prepare() {
  mkdir -p "$1/static"
  cp scripts/workloads/python/events.py "$1/"
  seq 1 100000 > "$1/static/large.txt"
}

tornado_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
tornado_command() { printf '%s\n' "$1/events.py" "$1" "$SERVER_PORT"; }
tornado_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/"; }
tornado_ask() { request_each / files child; }

tornado_load() {
  local cycle
  for cycle in $(seq "${SERVER_CYCLES:-3}"); do
    tornado_ready || { echo "$cycle does not answer"; return 1; }
    request_each / child files talk static/large.txt missing | sed "s/^/$cycle /"
    request packed --compressed "$(request_base)/static/large.txt" | sed "s/^/$cycle /"
    request_many "$cycle" / child files talk static/large.txt
    request_restart "$2" "$cycle" && tornado_ready || echo "$cycle not started again"
  done
}
