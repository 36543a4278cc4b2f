# A real nginx for demonstrations and acceptance: as a container image made from this host's Debian package, or as a plain
# process tree; and a load whose answers can be compared between two runs. Source after common.sh and engine.sh.
# Traffic stays on 127.0.0.1.

NGINX_PORT=${NGINX_PORT:-18473}

# nginx_site FOLDER: configuration and content below FOLDER, used at the same path inside the container.
nginx_site() {
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
    listen 127.0.0.1:$NGINX_PORT;
    root $folder/site;
    location /list/ { autoindex on; }
    location /moved { return 301 /index.html; }
    location /packed/ { alias $folder/site/; gzip on; }
    location /proxy/ { proxy_pass http://127.0.0.1:$NGINX_PORT/; }
    location /upload { client_max_body_size 4m; proxy_pass http://127.0.0.1:$NGINX_PORT/sink; }
    location /sink { client_max_body_size 4m; return 200 "taken\n"; }
  }
}
CONF
}

# nginx_image TAG: an image with nginx, its libraries and the accounts that it needs. Seconds; made anew only if missing.
nginx_image() {
  local tag=$1 root file
  "$DOCKER" image inspect "$tag" > /dev/null 2>&1 && return 0
  root=$(mktemp -d /tmp/whittle-image.XXXXXX)
  mkdir -p "$root"/{etc,usr/sbin,usr/bin,lib64,var/log/nginx,var/lib/nginx,tmp,proc,sys,dev,run}
  ln -s usr/bin "$root/bin"
  cp /usr/sbin/nginx "$root/usr/sbin/nginx"
  cp /bin/busybox "$root/usr/bin/busybox"
  ln -s busybox "$root/usr/bin/sh"
  ldd /usr/sbin/nginx | grep -oE '/[^ )]+' | while read -r file; do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
  done
  printf 'root:x:0:0:root:/:/bin/sh\nwww-data:x:33:33:www-data:/:/bin/false\n' > "$root/etc/passwd"
  printf 'root:x:0:\nwww-data:x:33:\n' > "$root/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files\n' > "$root/etc/nsswitch.conf"
  printf '127.0.0.1 localhost\n' > "$root/etc/hosts"
  tar -C "$root" -c . | "$DOCKER" import --change 'ENTRYPOINT ["/usr/sbin/nginx", "-g", "daemon off;"]' - "$tag" > /dev/null
  rm -rf "$root"
}

# nginx_container_arguments FOLDER: what `docker run` is given besides the image; the site is seen at its own path.
nginx_container_arguments() {
  printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp --stop-signal SIGQUIT
}

# nginx_answers: waits until nginx listens; fails after 10 s.
nginx_answers() {
  local waited=0
  until curl -s -o /dev/null "http://127.0.0.1:$NGINX_PORT/"; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || return 1
    sleep 0.1
  done
}

# One line a request: what was asked, the status, and a digest of the answer's body.
nginx_ask() {
  local name=$1
  shift
  local status
  status=$(curl -s -m 10 -o "$NGINX_BODY" -w '%{http_code}' "$@" || echo failed)
  printf '%s %s %s\n' "$name" "$status" "$(sed '/^Date:/d' "$NGINX_BODY" | sha256sum | cut -c1-16)"
  : > "$NGINX_BODY"
}

nginx_requests() {
  local base=http://127.0.0.1:$NGINX_PORT upload=$1 i
  nginx_ask page "$base/"
  nginx_ask large "$base/large.txt"
  nginx_ask range -r 1000-5000 "$base/large.txt"
  nginx_ask packed -H 'Accept-Encoding: gzip' "$base/packed/large.txt"
  nginx_ask missing "$base/no-such-page"
  nginx_ask moved "$base/moved"
  nginx_ask list "$base/list/"
  nginx_ask head --head -H 'Connection: close' "$base/"
  nginx_ask unchanged -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT' "$base/list/one.txt"
  nginx_ask proxied "$base/proxy/list/two.txt"
  nginx_ask proxied-large "$base/proxy/large.txt"
  nginx_ask upload --data-binary "@$upload" "$base/upload"
  nginx_ask method -X DELETE "$base/"
  nginx_ask bad-request -H 'Host:' "$base/"
  # Several clients at once, many requests on one connection each.
  for i in 1 2 3 4; do
    curl -s -m 20 "$base/list/[1-40].txt" "$base/?[1-40]" "$base/proxy/?[1-20]" > /dev/null &
  done
  wait $(jobs -p) || true
  # A client that leaves in the middle.
  curl -s -m 0.05 --limit-rate 1k -o /dev/null "$base/large.txt" || true
}

# nginx_load FOLDER SIGNAL_COMMAND...: the whole load, NGINX_CYCLES times: requests, reload, requests, log rotation.
# `SIGNAL_COMMAND... HUP` must send nginx's master that signal. Prints the answers, one a line.
nginx_load() {
  local folder=$1
  shift
  NGINX_BODY=$(mktemp)
  local upload cycle
  upload=$(mktemp)
  head -c 300000 /dev/zero > "$upload"
  for cycle in $(seq "${NGINX_CYCLES:-12}"); do
    nginx_answers || { echo "nginx does not answer"; return 1; }
    nginx_requests "$upload" | sed "s/^/$cycle /"
    "$@" HUP > /dev/null
    sleep 0.7
    nginx_answers || { echo "nginx does not answer after the reload"; return 1; }
    nginx_requests "$upload" | sed "s/^/$cycle reloaded /"
    mv "$folder/logs/access.log" "$folder/logs/access.log.1"
    "$@" USR1 > /dev/null
    sleep 0.4
    nginx_ask rotated "http://127.0.0.1:$NGINX_PORT/" | sed "s/^/$cycle /"
    [ -s "$folder/logs/access.log" ] && echo "$cycle log rotated" || echo "$cycle log not rotated"
  done
  rm -f "$upload" "$NGINX_BODY"
}
