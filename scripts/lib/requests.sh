# What the clients of several servers share. Source after scripts/lib/servers.sh.
#   request NAME CURL_ARGUMENT...   one request: prints its name, the status and a digest of the answer's body; REQUEST_SECONDS is
#                                   how long it may take (120)
#   request_each PATH...            a request to each path, one after the other
#   request_many CYCLE PATH...      several clients at once, one that leaves in the middle
#   request_says PATH TEXT          succeeds if the answer is TEXT
#   request_restart CONTAINER CYCLE  stops and starts it, in every second cycle
#   request_certificate FILE        a key and a certificate of its own for localhost, both in FILE
#   server_package ROOT PACKAGE...  all that programs need of installed packages, and the libraries that it loads

request_base() { echo "http://127.0.0.1:$SERVER_PORT"; }

request() {
  local name=$1 body status
  shift
  body=$(mktemp)
  status=$(curl -s -m "${REQUEST_SECONDS:-120}" -o "$body" -w '%{http_code}' "$@" || echo failed)
  printf '%s %s %s\n' "$name" "$status" "$(grep -av '^Date:' "$body" | sha256sum | cut -c1-16)"
  # What a server says of its own failure is worth more than a digest.
  [ "$status" != 500 ] || sed 's/^/  /' "$body" | paste -s
  rm -f "$body"
}

request_each() {
  local path
  for path in "$@"; do request "$path" "$(request_base)/${path#/}"; done
}

request_many() {
  local cycle=$1 path pids=() out
  shift
  out=$(mktemp -d)
  for path in "$@"; do
    request_each "$path" "$path" > "$out/${path//\//_}" &
    pids+=($!)
  done
  curl -s -m 0.05 --limit-rate 1k -o /dev/null "$(request_base)/large" || true
  wait "${pids[@]}"
  for path in "$@"; do sed "s/^/$cycle at once /" "$out/${path//\//_}"; done
  rm -rf "$out"
}

request_says() { [ "$(curl -s -m 20 "$(request_base)/${1#/}")" = "$2" ]; }

request_restart() {
  [ $(($2 % 2)) = 0 ] || return 0
  "$DOCKER" stop "$1" > /dev/null && "$DOCKER" start "$1" > /dev/null
}

request_certificate() {
  [ -s "$1" ] && return 0
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$1.key" -out "$1.crt" 2> /dev/null
  cat "$1.key" "$1.crt" > "$1"
  rm -f "$1.key" "$1.crt"
}

server_package() {
  local root=$1
  shift
  dpkg -L "$@" | grep -vE '^/usr/share/(doc|man|lintian|bug|doc-base|bash-completion)/|^/usr/include/|/npm/|/corepack/|/test/' |
    while read -r file; do if [ ! -d "$file" ] && [ -e "$file" ]; then echo "$file"; fi; done | sort -u > "$root.files"
  tar -C / -c --no-recursion -T "$root.files" 2> /dev/null | tar -C "$root" -x
  local linked
  linked=$(grep -E '\.so(\.|$)|/s?bin/|/jspawnhelper$' "$root.files")
  # shellcheck disable=SC2086
  ldd $linked 2> /dev/null | grep -oE '=> /[^ )]+|^\s/[^ )]+' | grep -oE '/.*' | sort -u | while read -r file; do
    [ -e "$root$file" ] && continue
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
  done
  rm -f "$root.files"
}
