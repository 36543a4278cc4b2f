# caddy, a web server written in Go: static files, lists, compression, a proxy to itself; a new configuration under load.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

caddy_packages() { printf '%s\n' caddy curl; }
caddy_phases() { printf '%s\n' reload; }

caddy_prepare() {
  local folder=$1
  web_site "$folder"
  mkdir -p "$folder/home"
  cat > "$folder/Caddyfile" <<CONF
{
  admin 127.0.0.1:$((SERVER_PORT + 1))
  auto_https off
  storage file_system $folder/home
}
http://127.0.0.1:$SERVER_PORT {
  log {
    output file $folder/logs/access.log
  }
  encode gzip
  handle_path /proxy/* {
    reverse_proxy 127.0.0.1:$SERVER_PORT
  }
  handle {
    root * $folder/site
    file_server browse
  }
}
CONF
}

caddy_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  server_copy "$root" /usr/bin/caddy
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/caddy", "run", "--adapter", "caddyfile"]'
}

caddy_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp -e "HOME=$1/home"; }
caddy_command() { printf '%s\n' --config "$1/Caddyfile"; }
caddy_ready() { web_ready; }
caddy_ask() { web_requests; }
caddy_load() { web_load "$1" caddy_reload "$1" "$2"; }

# Once by its own interface; a second process in the container asks for it.
caddy_reload() { "$DOCKER" exec "$2" /usr/bin/caddy reload --adapter caddyfile --config "$1/Caddyfile" --force; }
