# apache2 with its event module: static files, lists, compression, a proxy to itself; graceful restarts under load.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

apache_packages() { printf '%s\n' apache2-bin media-types curl; }
apache_phases() { printf '%s\n' reload log-rotation; }

apache_prepare() {
  local folder=$1
  web_site "$folder"
  cat > "$folder/apache.conf" <<CONF
ServerRoot $folder
ServerName localhost
Listen 127.0.0.1:$SERVER_PORT
User www-data
Group www-data
PidFile $folder/run/apache.pid
ErrorLog $folder/logs/error.log
$(for name in mpm_event authz_core dir mime autoindex alias filter deflate headers proxy proxy_http; do
    echo "LoadModule ${name}_module /usr/lib/apache2/modules/mod_$name.so"
  done)
TypesConfig /etc/mime.types
StartServers 2
ThreadsPerChild 16
ThreadLimit 16
MaxRequestWorkers 64
LogFormat "%h %t \"%r\" %>s %b" short
CustomLog $folder/logs/access.log short
KeepAliveTimeout 2
DocumentRoot $folder/site
EnableSendfile On
AddOutputFilterByType DEFLATE text/plain
ProxyPass /proxy/ http://127.0.0.1:$SERVER_PORT/
<Directory $folder/site>
  Options Indexes FollowSymLinks
  Require all granted
</Directory>
CONF
}

apache_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root www-data:33)
  server_package "$root" apache2-bin media-types
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/sbin/apache2", "-DFOREGROUND"]'
}

apache_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
apache_command() { printf '%s\n' -f "$1/apache.conf"; }
apache_ready() { web_ready; }
apache_ask() { web_requests; }
apache_load() { web_load "$1" apache_reload "$1" "$2"; }
apache_reload() {
  mv "$1/logs/access.log" "$1/logs/access.log.1"
  server_signal "$2" USR1
}
