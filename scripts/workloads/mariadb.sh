# mariadb: tables of InnoDB, Aria and MyISAM, transactions, indexes, temporary tables, load and dump, sorting on disk, many clients,
# a crash and its recovery. The data directory is made in the container. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

mariadb_packages() { printf '%s\n' mariadb-server mariadb-server-core mariadb-client-core; }
mariadb_phases() { printf '%s\n' shutdown crash; }

mariadb_image() {
  local root name
  server_has_image "$1" && return 0
  root=$(server_root mysql:101)
  server_package "$root" mariadb-server mariadb-server-core mariadb-common
  server_copy "$root" /usr/bin/my_print_defaults
  for name in sed hostname dirname basename touch mkdir chmod chown grep; do ln -sf busybox "$root/usr/bin/$name"; done
  server_import "$root" "$1" 'ENTRYPOINT ["/bin/sh"]' 'USER 101:101'
}

mariadb_prepare() {
  rm -rf "$1/data" "$1/secure"
  mkdir -p "$1/data" "$1/secure"
  seq 1 20000 | sed 's/.*/&\tword &/' > "$1/secure/words.tsv"
  cp scripts/workloads/mariadb/start.sh "$1/"
  chown -R 101:101 "$1"
}

mariadb_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp --tmpfs /run:mode=1777; }
mariadb_command() { printf '%s\n' "$1/start.sh" "$1" "$SERVER_PORT"; }
mariadb_sql() { mariadb -h 127.0.0.1 -P "$SERVER_PORT" -u root --local-infile=1 --batch --skip-column-names "$@"; }
mariadb_ready() { server_until 60 mariadb_sql -e 'select 1'; }
mariadb_ask() { mariadb_sql -e 'select 1'; }

mariadb_load() {
  local folder=$1 container=$2 cycle
  for cycle in $(seq "${SERVER_CYCLES:-2}"); do
    mariadb_round "$folder" "$container" 2>&1 | sed "s/^/$cycle /"
  done
}

mariadb_round() {
  local folder=$1 container=$2 i clients=()
  rm -f "$folder/secure/out.tsv"
  sed "s#FOLDER#$folder#" scripts/workloads/mariadb/load.sql | mariadb_sql
  mariadb-dump -h 127.0.0.1 -P "$SERVER_PORT" -u root --skip-dump-date work | sha256sum
  for i in 1 2 3 4 5 6; do
    { for _ in $(seq 50); do echo "insert into work.hits (who) values ($i); select count(*) from work.words where word like '%$i';"; done; } |
      mariadb_sql | sort -u | tail -1 | sed "s/^/$i /" > "$folder/client-$i" &
    clients+=($!)
  done
  wait "${clients[@]}"
  cat "$folder"/client-*
  mariadb_sql -e 'select count(*) from work.hits'
  mariadb -S "$folder/data/socket" -u root --skip-column-names -e "select 'by socket'"
  # A crash, from which it recovers; then a clean stop and a start.
  "$DOCKER" kill "$container" > /dev/null && server_start_again "$container" && mariadb_ready
  mariadb_sql -e 'select count(*) from work.hits'
  "$DOCKER" stop -t 30 "$container" > /dev/null && server_start_again "$container" && mariadb_ready
  mariadb_sql -e 'select count(*) from work.hits; drop database work; flush logs'
}
