# What the workloads of roles share beyond the servers (scripts/workloads/README.md). Source after scripts/lib/servers.sh.
#   workload_image_of SERVER TAG        the image of another server or workload, under a tag of its own
#   job_load FOLDER CONTAINER           the load of a program that runs to its end: again and again, with what it said
#   web_site FOLDER, web_load ...       what static web servers serve, and are asked
. "$(dirname "${BASH_SOURCE[0]}")/requests.sh"

workload_image_of() {
  server_has_image "$2" && return 0
  server_use "$1"
  "${1}_image" "whittle-$1" && "$DOCKER" tag "whittle-$1" "$2"
}

# --- Programs that run to their end. They write what they found out into FOLDER/out, the same in every run.

job_ready() { "$DOCKER" inspect "$1" > /dev/null; }

job_load() {
  local folder=$1 container=$2 cycle cycles=${SERVER_CYCLES:-2}
  for cycle in $(seq "$cycles"); do
    echo "$cycle ended with $(timeout 300 "$DOCKER" wait "$container")"
    sed "s/^/$cycle /" "$folder/out"
    [ "$cycle" = "$cycles" ] || "$DOCKER" start "$container" > /dev/null
  done
}

# --- Static web servers.

web_site() {
  local folder=$1 name
  mkdir -p "$folder"/{site/list,logs,run,temp}
  chmod 755 "$folder" "$folder/site" "$folder/site/list"
  chmod 777 "$folder/temp" "$folder/logs" "$folder/run"
  printf '<!doctype html><title>whittle</title><p>It works.\n' > "$folder/site/index.html"
  for name in one two three; do echo "$name" > "$folder/site/list/$name.txt"; done
  [ -s "$folder/site/large.txt" ] || seq 1 400000 > "$folder/site/large.txt"
  # Same answers in every run: lists and headers show modification times.
  find "$folder/site" -exec touch -d '2026-01-01 00:00:00 UTC' {} +
}

web_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/"; }

# One line a request, and several clients at once. /list/ is a list of files, /proxy/ a proxy to the server itself.
web_requests() {
  local base i clients=()
  base=$(request_base)
  request page "$base/"
  request large "$base/large.txt"
  request range -r 1000-5000 "$base/large.txt"
  request packed --compressed "$base/large.txt"
  request missing "$base/no-such-page"
  request list "$base/list/"
  request unchanged -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT' "$base/list/one.txt"
  request proxied "$base/proxy/list/two.txt"
  request proxied-large "$base/proxy/large.txt"
  echo "head $(curl -s -m 10 -o /dev/null -w '%{http_code}' --head "$base/large.txt")"
  echo "upload $(curl -s -m 10 -o /dev/null -w '%{http_code}' --data-binary some "$base/proxy/list/one.txt")"
  echo "method $(curl -s -m 10 -o /dev/null -w '%{http_code}' -X DELETE "$base/")"
  for i in 1 2 3 4; do
    curl -s -m 20 "$base/?[1-40]" "$base/list/one.txt?[1-40]" "$base/proxy/?[1-20]" > /dev/null &
    clients+=($!)
  done
  wait "${clients[@]}" || true
  curl -s -m 0.05 --limit-rate 1k -o /dev/null "$base/large.txt" || true
}

# web_load FOLDER RELOAD_COMMAND...: requests, then the reload, by which logs are opened anew, again and again.
web_load() {
  local folder=$1 cycle
  shift
  for cycle in $(seq "${SERVER_CYCLES:-3}"); do
    web_ready || { echo "$cycle does not answer"; return 1; }
    web_requests | sed "s/^/$cycle /"
    "$@" > /dev/null
    sleep 1
    web_ready || { echo "$cycle does not answer after the reload"; return 1; }
    request again "$(request_base)/list/three.txt" | sed "s/^/$cycle /"
  done
}
