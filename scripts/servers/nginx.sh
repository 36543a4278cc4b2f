# nginx: two workers, static files, compression, lists, a proxy to itself, uploads; reloads and log rotation under load.
# Source after scripts/lib/servers.sh.

nginx_packages() { printf '%s\n' nginx-light curl; }
nginx_phases() { printf '%s\n' reload log-rotation; }

# Configuration and content.
nginx_prepare() {
  local folder=$1
  mkdir -p "$folder"/{site/list,logs,run,temp}
  chmod 755 "$folder" "$folder/site" "$folder/site/list"
  chmod 777 "$folder/temp" "$folder/logs" "$folder/run"
  printf '<!doctype html><title>whittle</title><p>It works.\n' > "$folder/site/index.html"
  local name
  for name in one two three; do echo "$name" > "$folder/site/list/$name.txt"; done
  # Large enough for several sendfile calls; text, so that gzip has something to do.
  [ -s "$folder/site/large.txt" ] || seq 1 400000 > "$folder/site/large.txt"
  # Same answers in every run: lists and headers show modification times.
  find "$folder/site" -exec touch -d '2026-01-01 00:00:00 UTC' {} +
  cat > "$folder/nginx.conf" <<CONF
user www-data;
worker_processes 2;
pid $folder/run/nginx.pid;
error_log $folder/logs/error.log notice;
events { worker_connections 256; }
http {
  access_log $folder/logs/access.log;
  client_body_temp_path $folder/temp/body;
  proxy_temp_path $folder/temp/proxy;
  fastcgi_temp_path $folder/temp/fastcgi;
  uwsgi_temp_path $folder/temp/uwsgi;
  scgi_temp_path $folder/temp/scgi;
  sendfile on;
  keepalive_timeout 5;
  gzip_types text/plain;
  server {
    listen 127.0.0.1:$SERVER_PORT;
    root $folder/site;
    location /list/ { autoindex on; }
    location /moved { return 301 /index.html; }
    location /packed/ { alias $folder/site/; gzip on; }
    location /proxy/ { proxy_pass http://127.0.0.1:$SERVER_PORT/; }
    location /upload { client_max_body_size 4m; proxy_pass http://127.0.0.1:$SERVER_PORT/sink; }
    location /sink { client_max_body_size 4m; return 200 "taken\n"; }
  }
}
CONF
}

nginx_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root www-data:33)
  mkdir -p "$root"/var/{log,lib}/nginx
  server_copy "$root" /usr/sbin/nginx
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/sbin/nginx", "-g", "daemon off;"]'
}

nginx_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp --stop-signal SIGQUIT; }
nginx_command() { printf '%s\n' -c "$1/nginx.conf"; }
nginx_ready() { server_until 10 curl -s -o /dev/null "http://127.0.0.1:$SERVER_PORT/"; }

# One line a request: what was asked, the status, and a digest of the answer's body.
nginx_request() {
  local name=$1
  shift
  local status
  status=$(curl -s -m 10 -o "$NGINX_BODY" -w '%{http_code}' "$@" || echo failed)
  printf '%s %s %s\n' "$name" "$status" "$(sed '/^Date:/d' "$NGINX_BODY" | sha256sum | cut -c1-16)"
  : > "$NGINX_BODY"
}

nginx_requests() {
  local base=http://127.0.0.1:$SERVER_PORT upload=$1 i
  nginx_request page "$base/"
  nginx_request large "$base/large.txt"
  nginx_request range -r 1000-5000 "$base/large.txt"
  nginx_request packed -H 'Accept-Encoding: gzip' "$base/packed/large.txt"
  nginx_request missing "$base/no-such-page"
  nginx_request moved "$base/moved"
  nginx_request list "$base/list/"
  nginx_request head --head -H 'Connection: close' "$base/"
  nginx_request unchanged -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT' "$base/list/one.txt"
  nginx_request proxied "$base/proxy/list/two.txt"
  nginx_request proxied-large "$base/proxy/large.txt"
  nginx_request upload --data-binary "@$upload" "$base/upload"
  nginx_request method -X DELETE "$base/"
  nginx_request bad-request -H 'Host:' "$base/"
  # Several clients at once, many requests on one connection each.
  local clients=()
  for i in 1 2 3 4; do
    curl -s -m 20 "$base/list/[1-40].txt" "$base/?[1-40]" "$base/proxy/?[1-20]" > /dev/null &
    clients+=($!)
  done
  wait "${clients[@]}" || true
  # A client that leaves in the middle.
  curl -s -m 0.05 --limit-rate 1k -o /dev/null "$base/large.txt" || true
}

nginx_ask() {
  NGINX_BODY=$(mktemp)
  nginx_request page "http://127.0.0.1:$SERVER_PORT/"
  nginx_request proxied "http://127.0.0.1:$SERVER_PORT/proxy/list/two.txt"
  rm -f "$NGINX_BODY"
}

nginx_load() { nginx_rounds "$1" server_signal "$2"; }

# nginx_rounds FOLDER SIGNAL_COMMAND...: requests, reload, requests, log rotation, again and again. `SIGNAL_COMMAND... HUP`
# must send nginx's master that signal.
nginx_rounds() {
  local folder=$1 upload cycle
  shift
  NGINX_BODY=$(mktemp)
  upload=$(mktemp)
  head -c 300000 /dev/zero > "$upload"
  for cycle in $(seq "${SERVER_CYCLES:-12}"); do
    nginx_ready || { echo "nginx does not answer"; return 1; }
    nginx_requests "$upload" | sed "s/^/$cycle /"
    "$@" HUP > /dev/null
    sleep 0.7
    nginx_ready || { echo "nginx does not answer after the reload"; return 1; }
    nginx_requests "$upload" | sed "s/^/$cycle reloaded /"
    mv "$folder/logs/access.log" "$folder/logs/access.log.1"
    "$@" USR1 > /dev/null
    sleep 0.4
    nginx_request rotated "http://127.0.0.1:$SERVER_PORT/" | sed "s/^/$cycle /"
    [ -s "$folder/logs/access.log" ] && echo "$cycle log rotated" || echo "$cycle log not rotated"
  done
  rm -f "$upload" "$NGINX_BODY"
}
