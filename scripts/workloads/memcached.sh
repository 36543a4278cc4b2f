# memcached: values small and large, counters, expiry, eviction, values on disk, many clients.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

memcached_packages() { printf '%s\n' memcached; }
memcached_phases() { :; }

memcached_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root memcache:11211)
  server_copy "$root" /usr/bin/memcached
  server_import "$root" "$1" 'ENTRYPOINT ["/usr/bin/memcached"]'
}

memcached_prepare() { mkdir -p "$1" && chmod 777 "$1"; }
memcached_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
memcached_command() {
  printf '%s\n' -u memcache -l 127.0.0.1 -p "$SERVER_PORT" -t 4 -m 8 -o "ext_path=$1/values:64m,ext_item_size=512,ext_item_age=1"
}

# memcached_say LINE...: one connection; the last answer is that to `version`.
memcached_say() {
  exec 7<> "/dev/tcp/127.0.0.1/$SERVER_PORT" || return 1
  printf '%s\r\n' "$@" version quit >&7
  tr -d '\r' <&7
  exec 7>&-
}
memcached_answers() { memcached_say | grep -q VERSION; }
memcached_ready() { server_until 10 memcached_answers; }
memcached_ask() { memcached_say 'set a 0 0 3' abc 'get a'; }

memcached_load() {
  local cycle i clients=() value
  value=$(head -c 2000 /dev/zero | tr '\0' x)
  for cycle in $(seq "${SERVER_CYCLES:-2}"); do
    memcached_ready || echo "$cycle does not answer"
    {
      memcached_say flush_all 'set a 0 0 3' abc 'append a 0 0 3' def 'get a' 'add a 0 0 1' x 'set n 0 0 1' 5 'incr n 3' 'decr n 1' \
        'set gone 0 1 1' x 'touch a 100' 'delete n' 'get n' 'gat 10 a' 'nonsense' 'verbosity 1' 'stats reset'
      for i in 1 2 3 4 5 6; do
        (mapfile -t lines < <(for k in $(seq 3000); do printf '%s\n' "set k$i-$k 0 0 2000 noreply" "$value"; done)
          memcached_say "${lines[@]}" "get k$i-3000" | sha256sum > "$1/answer-$i") &
        clients+=($!)
      done
      wait "${clients[@]}"
      cat "$1"/answer-*
      # What is old goes to the disk. Whether this one is still there depends on the time that the others took.
      sleep 2.5
      memcached_say 'get k1-2900' > /dev/null
      memcached_say 'get gone'
    } | sed "s/^/$cycle /"
    request_restart "$2" "$cycle"
  done
  memcached_ready
}
