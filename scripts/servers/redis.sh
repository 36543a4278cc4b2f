# redis: every kind of value, Lua, transactions, expiry, pub/sub, snapshots by fork, append-only file, replication both ways,
# a crash, a kill, shutdown and restart with the data loaded. A second redis of the host (port + 1) is its replica and its master.
# Source after scripts/lib/servers.sh.

redis_packages() { printf '%s\n' redis-server redis-tools; }
redis_phases() { printf '%s\n' reload shutdown crash; }

REDIS_USER=6379

redis_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root redis:$REDIS_USER)
  server_copy "$root" /usr/bin/redis-server
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/redis-server"]' "USER $REDIS_USER:$REDIS_USER"
}

redis_prepare() {
  local folder=$1
  rm -rf "$folder"/data "$folder"/redis.*
  mkdir -p "$folder/data"
  cat > "$folder/redis.conf" <<CONF
bind 127.0.0.1
port $SERVER_PORT
unixsocket $folder/redis.sock
dir $folder/data
appendonly yes
save 3600 1
maxmemory-policy allkeys-lru
enable-debug-command local
io-threads 2
io-threads-do-reads yes
repl-diskless-sync-delay 0
repl-timeout 10
CONF
  chown -R $REDIS_USER:$REDIS_USER "$folder"
}

redis_arguments() { printf '%s\n' --network host -v "$1:$1"; }
redis_command() { echo "$1/redis.conf"; }

redis_do() { redis-cli -h 127.0.0.1 -p "$SERVER_PORT" "$@"; }
redis_ready() { server_until 20 redis_is_loaded; }
redis_is_loaded() { [ "$(redis_do ping)" = PONG ]; }

redis_ask() {
  redis_do set started yes
  redis_do get started
}

redis_load() {
  local folder=$1 container=$2 cycle
  REDIS_OUT=$(mktemp)
  REDIS_DIR=$(mktemp -d)
  for cycle in $(seq "${SERVER_CYCLES:-3}"); do
    redis_round "$folder" "$container" 2>&1 | sed "s/^/$cycle /"
  done
  rm -rf "$REDIS_OUT" "$REDIS_DIR"
}

redis_round() {
  local folder=$1 container=$2
  redis_do flushall async
  redis_do script flush
  redis_do function flush
  redis_do < scripts/servers/redis.commands
  redis_do -s "$folder/redis.sock" ping
  redis_big_values
  redis_clients
  redis_subscribe
  redis_snapshots
  redis_replicate "$folder"
  redis_evict
  redis_restart "$folder" "$container"
}

redis_big_values() {
  head -c 8000000 /dev/zero | redis_do -x set big
  redis_do get big | sha256sum
  seq 1 200000 | sed 's/.*/rpush numbers &/' | redis_do --pipe | tail -1
  redis_do lrange numbers 0 -1 | sha256sum
  redis_do unlink big numbers
}

# Many clients at once, pipelined; clients that leave in the middle of a command, that block, that are killed.
redis_clients() {
  redis-benchmark -h 127.0.0.1 -p "$SERVER_PORT" -q -n 20000 -c 40 -P 16 -t set,get,incr,lpush,lrange_100,mset > /dev/null 2>&1
  redis-benchmark -h 127.0.0.1 -p "$SERVER_PORT" -q -n 2000 -c 20 -t ping,set,get > /dev/null 2>&1
  redis_do llen mylist
  (exec 3<> "/dev/tcp/127.0.0.1/$SERVER_PORT" && printf '*3\r\n$3\r\nSET\r\n$100\r\nhalf' >&3)
  (exec 3<> "/dev/tcp/127.0.0.1/$SERVER_PORT" && printf '*1\r\n$4\r\nPING\r\n' >&3)
  local waiting
  redis_do blpop queue 5 > "$REDIS_OUT" &
  waiting=$!
  server_until 5 redis_sees blocked_clients:1
  redis_do rpush queue task
  wait "$waiting"
  cat "$REDIS_OUT"
  redis_do blpop nothing 0.2
  redis_do blpop never 30 > "$REDIS_OUT" 2>&1 &
  waiting=$!
  server_until 5 redis_sees blocked_clients:1
  redis_do client kill type normal skipme yes
  kill "$waiting" 2> /dev/null
  wait "$waiting" 2> /dev/null
}

redis_sees() { redis_do info | grep "^$1" > /dev/null; }

redis_subscribe() {
  local listening
  timeout 5 redis-cli -h 127.0.0.1 -p "$SERVER_PORT" subscribe news > "$REDIS_OUT" &
  listening=$!
  server_until 5 redis_has_listener
  redis_do publish news first
  redis_do publish news second
  server_until 3 grep -q second "$REDIS_OUT"
  kill "$listening"
  wait "$listening" 2> /dev/null
  cat "$REDIS_OUT"
}
redis_has_listener() { redis_do pubsub numsub news | grep -qx 1; }

redis_snapshots() {
  redis_do bgsave
  server_until 10 redis_sees rdb_bgsave_in_progress:0
  redis_do bgrewriteaof
  server_until 10 redis_sees aof_rewrite_in_progress:0
  redis_do save
  redis_do debug reload
  redis_do config set appendfsync always
  redis_do set durable yes
  redis_do config set appendfsync everysec
  redis_do config set hz 50
  redis_do config rewrite
  redis_do config resetstat
  redis_do config get maxmemory-policy
}

redis_replicate() {
  local folder=$1 other=$((SERVER_PORT + 1)) replica
  redis-server --port "$other" --bind 127.0.0.1 --dir "$REDIS_DIR" --save '' --replicaof 127.0.0.1 "$SERVER_PORT" \
    --repl-diskless-load on-empty-db > /dev/null &
  replica=$!
  server_until 10 redis_replica_has durable "$other"
  redis-cli -p "$other" get durable
  redis_do set replicated yes
  redis_do wait 1 2000
  server_until 5 redis_replica_has replicated "$other"
  redis-cli -p "$other" get replicated
  redis_do config set repl-diskless-sync no
  redis-cli -p "$other" debug reload > /dev/null 2>&1
  redis-cli -p "$other" replicaof no one
  redis-cli -p "$other" flushall
  redis-cli -p "$other" replicaof 127.0.0.1 "$SERVER_PORT"
  server_until 10 redis_replica_has replicated "$other"
  redis-cli -p "$other" get replicated
  redis-cli -p "$other" replicaof no one
  redis-cli -p "$other" set from-master yes
  redis_do replicaof 127.0.0.1 "$other"
  server_until 10 redis_replica_has from-master "$SERVER_PORT"
  redis_do get from-master
  redis_do replicaof no one
  redis_do config set repl-diskless-sync yes
  kill "$replica"
  wait "$replica"
}
redis_replica_has() { redis-cli -h 127.0.0.1 -p "$2" exists "$1" | grep -qx 1; }

redis_evict() {
  redis_do config set maxmemory 8mb
  seq 1 40000 | sed 's/.*/set filler:& abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz/' |
    redis_do --pipe | grep -o 'errors: 0'
  redis_do config set maxmemory 0
  redis_do memory purge
  redis_do flushall async
}

# How it ends, and how it comes back with its data: shutdown, a stop, a kill, a crash.
redis_restart() {
  local folder=$1 container=$2 end
  for end in shutdown stop kill crash; do
    redis_do set "before:$end" there
    case "$end" in
      shutdown) redis_do shutdown ;;
      stop) "$DOCKER" stop "$container" > /dev/null ;;
      kill) server_signal "$container" KILL ;;
      crash) redis_do debug segfault > /dev/null 2>&1 ;;
    esac
    server_start_again "$container"
    redis_ready || echo "does not answer after $end"
    redis_do get "before:$end"
  done
}
