# An application of Express on Node.js. No role was recorded with it. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

express_packages() { printf '%s\n' nodejs node-express curl; }
express_phases() { :; }

express_image() { workload_image_of node "$1"; }

express_prepare() {
  mkdir -p "$1/static"
  cp scripts/workloads/node/express.js "$1/"
  seq 1 100000 > "$1/static/large.txt"
}

express_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp --entrypoint /usr/bin/node -e NODE_PATH=/usr/share/nodejs; }
express_command() { printf '%s\n' "$1/express.js" "$1" "$SERVER_PORT"; }
express_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/"; }
express_ask() { request_each / child file; }

express_load() {
  local folder=$1 cycle
  for cycle in $(seq "${SERVER_CYCLES:-3}"); do
    express_ready || { echo "$cycle does not answer"; return 1; }
    request_each / file moved child watch broken static/large.txt missing | sed "s/^/$cycle /"
    request upload --data-binary "@$folder/static/large.txt" "$(request_base)/upload" | sed "s/^/$cycle /"
    request range -r 10-20 "$(request_base)/file" | sed "s/^/$cycle /"
    request_many "$cycle" / file child static/large.txt watch
    request_restart "$2" "$cycle" && express_ready || echo "$cycle not started again"
  done
}
