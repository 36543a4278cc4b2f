# postgres: initdb inside the container, prepared transactions of many clients, COPY, large objects, sorts on disk, parallel
# queries, VACUUM, indexes, LISTEN, reload, log rotation, archiving, backup, logical decoding, killed connections; then a
# backend's crash, the postmaster's kill with recovery, a stop. Source after scripts/lib/servers.sh.

postgres_packages() { printf '%s\n' postgresql-15 postgresql-client-15; }
postgres_phases() { printf '%s\n' reload log-rotation shutdown crash; }

POSTGRES_USER=5432
POSTGRES_PROGRAMS=/usr/lib/postgresql/15
export PGUSER=postgres PGPASSWORD=whittle PGDATABASE=postgres PGCONNECT_TIMEOUT=5

# As in the usual image, a script makes the data where there is none and then becomes the server.
postgres_image() {
  local root library
  server_has_image "$1" && return 0
  root=$(server_root "postgres:$POSTGRES_USER")
  server_copy "$root" "$POSTGRES_PROGRAMS"/bin/{postgres,initdb}
  server_copy "$root" "$POSTGRES_PROGRAMS"/lib/*.{so,bc}
  cp -r "$POSTGRES_PROGRAMS/lib/bitcode" "$root$POSTGRES_PROGRAMS/lib/"
  mkdir -p "$root/usr/share/postgresql" "$root/var/run/postgresql"
  cp -rL /usr/share/postgresql/15 "$root/usr/share/postgresql/15"
  cp -r /usr/share/zoneinfo "$root/usr/share/zoneinfo"
  cat > "$root/usr/bin/start" <<'SCRIPT'
#!/bin/sh
set -e
programs=/usr/lib/postgresql/15/bin
if [ ! -s "$1/data/PG_VERSION" ]; then
  $programs/initdb -D "$1/data" -U postgres -E UTF8 --locale=C -A scram-sha-256 --pwfile="$1/password"
fi
exec $programs/postgres -D "$1/data" -c "config_file=$1/postgresql.conf"
SCRIPT
  chmod 755 "$root/usr/bin/start"
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/start"]' "USER $POSTGRES_USER:$POSTGRES_USER"
}

postgres_prepare() {
  local folder=$1
  rm -rf "$folder"/{data,space,archive,socket}
  mkdir -p "$folder"/{space,archive,socket}
  echo "$PGPASSWORD" > "$folder/password"
  cat > "$folder/postgresql.conf" <<CONF
data_directory = '$folder/data'
hba_file = '$folder/data/pg_hba.conf'
ident_file = '$folder/data/pg_ident.conf'
listen_addresses = '127.0.0.1'
port = $SERVER_PORT
unix_socket_directories = '$folder/socket'
logging_collector = on
log_directory = 'log'
wal_level = logical
archive_mode = on
archive_command = 'cp %p $folder/archive/%f'
max_prepared_transactions = 4
max_wal_size = 64MB
checkpoint_timeout = 30s
autovacuum_naptime = 1s
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
shared_preload_libraries = 'pg_stat_statements'
deadlock_timeout = 200ms
bgwriter_delay = 50ms
timezone = 'UTC'
CONF
  chown -R $POSTGRES_USER:$POSTGRES_USER "$folder"
}

postgres_arguments() { printf '%s\n' --network host -v "$1:$1" --shm-size 256m --stop-signal SIGINT; }
postgres_command() { echo "$1"; }

postgres_sql() { psql -h 127.0.0.1 -p "$SERVER_PORT" -X -q -A -t "$@" 2>&1; }
postgres_ready() { server_until 60 postgres_answers; }
postgres_answers() { [ "$(postgres_sql -c 'select 1')" = 1 ]; }

postgres_ask() {
  PGOPTIONS='-c client_min_messages=warning' postgres_sql -c "create table if not exists started (at text)" -c "select 'answer', 6 * 7"
}

postgres_load() {
  local folder=$1 container=$2 cycle
  POSTGRES_OUT=$(mktemp)
  POSTGRES_DIR=$(mktemp -d)
  for cycle in $(seq "${SERVER_CYCLES:-2}"); do
    postgres_round "$folder" "$container" 2>&1 | sed "s/^/$cycle /"
  done
  rm -rf "$POSTGRES_OUT" "$POSTGRES_DIR"
}

postgres_round() {
  local folder=$1 container=$2
  postgres_sql -c 'drop database if exists load' -c 'drop tablespace if exists space' -c 'create database load'
  PGDATABASE=load postgres_sql -v "space=$folder/space" -f scripts/servers/postgres.sql
  PGDATABASE=load postgres_clients "$folder"
  PGDATABASE=load postgres_sessions
  postgres_copies "$folder"
  postgres_operate "$folder" "$container"
  PGDATABASE=load postgres_crash "$folder" "$container"
}

postgres_bench() {
  "$POSTGRES_PROGRAMS/bin/pgbench" -n --random-seed=7 -c 6 -j 2 "$@" > /dev/null 2>&1 || echo "pgbench failed: $*"
}

# Many clients, prepared and not, over TCP and over a socket; the sums say that nothing was lost.
postgres_clients() {
  local folder=$1
  "$POSTGRES_PROGRAMS/bin/pgbench" -h 127.0.0.1 -p "$SERVER_PORT" -q -i -s 2 > /dev/null 2>&1
  postgres_bench -h 127.0.0.1 -p "$SERVER_PORT" -M prepared -t 200
  postgres_bench -h 127.0.0.1 -p "$SERVER_PORT" -M simple -C -t 15
  postgres_bench -h "$folder/socket" -p "$SERVER_PORT" -M extended -S -t 300
  postgres_sql -c 'select count(*), sum(delta) from pgbench_history' \
    -c 'select sum(abalance) = (select sum(delta) from pgbench_history) from pgbench_accounts'
}

# Sessions that meet: notification, a lock that is waited for, a deadlock, one that is cancelled, one that is ended, one that
# leaves in the middle.
postgres_sessions() {
  local one two
  postgres_sql -c 'listen news' -c 'select pg_sleep(1)' -c 'select 1' > "$POSTGRES_OUT" &
  one=$!
  sleep 0.3
  postgres_sql -c "notify news, 'hello'"
  wait "$one"
  sed -n 's/ from server process.*//p' "$POSTGRES_OUT"

  postgres_sql -c 'begin' -c 'lock table words' -c 'select pg_sleep(0.5)' -c 'commit' > /dev/null &
  one=$!
  sleep 0.2
  postgres_sql -c 'begin' -c "set local lock_timeout = '5s'" -c 'lock table words' -c "select 'had the lock'" -c 'commit'
  wait "$one"

  postgres_deadlock 1 2 &
  one=$!
  postgres_deadlock 2 1 &
  two=$!
  wait "$one" "$two"
  postgres_sql -c 'select sum(hits) from counters'

  postgres_sql -c "set statement_timeout = '200ms'" -c 'select pg_sleep(5)'
  postgres_sql -c "/* end me */ select pg_sleep(20)" > "$POSTGRES_OUT" &
  one=$!
  server_until 5 postgres_is_asleep
  postgres_sql -c "select pg_cancel_backend(pid) from pg_stat_activity where query like '/* end%'"
  wait "$one"
  cat "$POSTGRES_OUT"
  postgres_sql -c "/* end me */ select pg_sleep(20)" > "$POSTGRES_OUT" &
  one=$!
  server_until 5 postgres_is_asleep
  postgres_sql -c "select pg_terminate_backend(pid) from pg_stat_activity where query like '/* end%'"
  wait "$one"
  head -1 "$POSTGRES_OUT"
  timeout 0.3 psql -h 127.0.0.1 -p "$SERVER_PORT" -X -c 'select n, repeat($$x$$, 1000) from generate_series(1, 2000000) n' > /dev/null 2>&1
  (exec 3<> "/dev/tcp/127.0.0.1/$SERVER_PORT" && printf 'not a protocol' >&3)
}
postgres_is_asleep() { postgres_sql -c "select count(*) from pg_stat_activity where query like '/* end%' and wait_event = 'PgSleep'" | grep -qx 1; }

# Both update two rows, each in its own order: one of two such sessions is refused and tries again.
postgres_deadlock() {
  local tries
  for tries in 1 2 3 4 5; do
    postgres_sql -v ON_ERROR_STOP=1 -1 -c "update counters set hits = hits + 1 where id = $1" -c 'select pg_sleep(0.3)' \
      -c "update counters set hits = hits + 1 where id = $2" > /dev/null 2>&1 && return 0
  done
  echo "a deadlock never ended"
}

# What copies a database: a base backup, a change stream, a dump.
postgres_copies() {
  local folder=$1
  rm -rf "$POSTGRES_DIR/backup"
  pg_basebackup -h 127.0.0.1 -p "$SERVER_PORT" -D "$POSTGRES_DIR/backup" -X stream -c fast --tablespace-mapping="$folder/space=$POSTGRES_DIR/backup-space" \
    > /dev/null 2>&1 && echo "backup made"
  rm -rf "$POSTGRES_DIR/backup" "$POSTGRES_DIR/backup-space"
  pg_dump -h 127.0.0.1 -p "$SERVER_PORT" -t words load | sed '/^--/d; /^\\/d; /^SE/d' | sha256sum
}

postgres_operate() {
  local folder=$1 container=$2
  postgres_sql -c 'checkpoint' -c 'select pg_switch_wal() is not null'
  echo "work_mem = '8MB'" >> "$folder/postgresql.conf"
  postgres_sql -c 'select pg_reload_conf()'
  server_until 5 postgres_has_setting work_mem 8MB
  postgres_sql -c 'show work_mem'
  echo "work_mem = '6MB'" >> "$folder/postgresql.conf"
  server_signal "$container" HUP
  server_until 5 postgres_has_setting work_mem 6MB
  postgres_sql -c 'show work_mem'
  sleep 1.1  # a log file's name holds the second
  postgres_sql -c 'select pg_rotate_logfile()'
  server_until 5 postgres_has_archive "$folder"
  ls "$folder/archive" | head -1
}
postgres_has_setting() { [ "$(postgres_sql -c "show $1")" = "$2" ]; }
postgres_has_archive() { [ -n "$(ls "$1/archive")" ]; }

# A backend that is killed makes the postmaster start all others anew; a postmaster that is killed leaves a log to recover
# from; so does an immediate shutdown. What was committed is there each time.
postgres_crash() {
  local folder=$1 container=$2 end
  for end in kill segv postmaster immediate stop; do
    postgres_sql -c "insert into words (word) values ('before $end')"
    case "$end" in
      kill | segv) postgres_hit_backend "$container" "${end/segv/SEGV}" ;;
      postmaster) server_signal "$container" KILL ;;
      immediate) server_signal "$container" QUIT ;;
      stop) "$DOCKER" stop "$container" > /dev/null ;;
    esac
    case "$end" in kill | segv) ;; *) server_start_again "$container" ;; esac
    postgres_ready || echo "does not answer after $end"
    postgres_sql -c "select word from words where word = 'before $end'"
    postgres_sql -c "delete from words where word = 'before $end'"
  done
}

postgres_hit_backend() {
  local container=$1 signal=${2/kill/KILL} session inside outside
  postgres_sql -c "/* end me */ select pg_sleep(20)" > /dev/null &
  session=$!
  server_until 5 postgres_is_asleep
  inside=$(postgres_sql -c "select pid from pg_stat_activity where query like '/* end%'")
  for outside in $("$DOCKER" top "$container" -eo pid | tail -n +2); do
    [ "$(awk '/^NSpid:/ {print $NF}' "/proc/$outside/status" 2> /dev/null)" = "$inside" ] && kill -s "$signal" "$outside"
  done
  wait "$session"
  true
}
