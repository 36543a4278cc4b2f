# lighttpd: static files, lists, compression, a proxy to itself; graceful restarts under load. No role was recorded with it.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

lighttpd_packages() { printf '%s\n' lighttpd lighttpd-mod-deflate curl; }
lighttpd_phases() { printf '%s\n' reload log-rotation; }

lighttpd_prepare() {
  local folder=$1
  web_site "$folder"
  chown -R 33:33 "$folder/logs" "$folder/temp"
  cat > "$folder/lighttpd.conf" <<CONF
server.modules = ("mod_alias", "mod_dirlisting", "mod_accesslog", "mod_deflate", "mod_proxy")
server.document-root = "$folder/site"
server.bind = "127.0.0.1"
server.port = $SERVER_PORT
server.username = "www-data"
server.groupname = "www-data"
server.pid-file = "$folder/run/lighttpd.pid"
server.errorlog = "$folder/logs/error.log"
server.upload-dirs = ("$folder/temp")
accesslog.filename = "$folder/logs/access.log"
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html", ".txt" => "text/plain")
dir-listing.activate = "enable"
deflate.mimetypes = ("text/plain")
deflate.allowed-encodings = ("gzip")
deflate.cache-dir = "$folder/temp"
\$HTTP["url"] =~ "^/proxy/" {
  proxy.server = ("" => (("host" => "127.0.0.1", "port" => $SERVER_PORT)))
  proxy.header = ("map-urlpath" => ("/proxy/" => "/"))
}
CONF
}

lighttpd_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root www-data:33)
  server_package "$root" lighttpd lighttpd-mod-deflate
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/sbin/lighttpd", "-D"]'
}

lighttpd_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
lighttpd_command() { printf '%s\n' -f "$1/lighttpd.conf"; }
lighttpd_ready() { web_ready; }
lighttpd_ask() { web_requests; }
lighttpd_load() { web_load "$1" lighttpd_reload "$1" "$2"; }
lighttpd_reload() {
  mv "$1/logs/access.log" "$1/logs/access.log.1"
  server_signal "$2" HUP
}
