# gunicorn with an application of Flask: workers with threads, a reload by HUP, more and fewer workers, the log opened anew.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

gunicorn_packages() { printf '%s\n' python3 gunicorn python3-flask curl; }
gunicorn_phases() { printf '%s\n' reload log-rotation; }

gunicorn_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  server_package "$root" python3.11-minimal libpython3.11-minimal libpython3.11-stdlib gunicorn python3-gunicorn python3-flask \
    python3-werkzeug python3-jinja2 python3-markupsafe python3-click python3-itsdangerous python3-blinker python3-pkg-resources \
    python3-setuptools
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/python3.11", "/usr/bin/gunicorn"]'
}

gunicorn_prepare() {
  local folder=$1
  rm -rf "$folder/data"
  mkdir -p "$folder/data" "$folder/logs"
  cp scripts/workloads/python/app.py "$folder/"
  seq 1 100000 > "$folder/data/large.txt"
}

gunicorn_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp -e "DATA=$1/data"; }
gunicorn_command() {
  printf '%s\n' --chdir "$1" --bind "127.0.0.1:$SERVER_PORT" --workers 2 --worker-class gthread --threads 4 --max-requests 300 \
    --access-logfile "$1/logs/access.log" --error-logfile "$1/logs/error.log" app:app
}
gunicorn_ready() { server_until 20 curl -sf -o /dev/null "$(request_base)/"; }
gunicorn_ask() { request_each / rows child; }

gunicorn_load() {
  local folder=$1 container=$2 cycle signal
  for cycle in $(seq "${SERVER_CYCLES:-3}"); do
    gunicorn_ready || { echo "$cycle does not answer"; return 1; }
    request_each / large stream moved broken rows child missing | sed "s/^/$cycle /"
    request upload --data-binary "@$folder/data/large.txt" "$(request_base)/upload" | sed "s/^/$cycle /"
    request range -r 10-20 "$(request_base)/large" | sed "s/^/$cycle /"
    request_many "$cycle" / large stream rows child
    mv "$folder/logs/access.log" "$folder/logs/access.log.1"
    for signal in USR1 TTIN TTOU HUP; do
      server_signal "$container" "$signal"
      sleep 0.7
      gunicorn_ready || echo "$cycle does not answer after $signal"
    done
    request_each / rows | sed "s/^/$cycle again /"
    request_restart "$container" "$cycle" && gunicorn_ready || echo "$cycle not started again"
  done
}
