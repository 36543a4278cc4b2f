# A Docker daemon of our own for tests and demonstrations: own socket, data root, state folder and pid file, so it
# disturbs no other. Source after common.sh.
#   engine_up FOLDER     starts it (idempotent) and sets DOCKER_HOST and DOCKER
#   engine_up_crun FOLDER  the same with the runtime crun beside runc, which needs a view of control groups of its own
#   engine_busybox       makes the image whittle-busybox
#   engine_down FOLDER   stops it by process id and removes what it mounted
# FOLDER should be short: socket paths are limited to 107 characters.

# The client that matches Debian's daemon, even where a newer one stands before it in PATH.
DOCKER=/usr/bin/docker

engine_running() { [ -s "$1/dockerd.pid" ] && kill -0 "$(cat "$1/dockerd.pid")" 2>/dev/null; }

# crun refuses hosts that mix control groups v1 and v2: its daemon runs in a mount namespace where v2 is hidden. Nothing
# of this host's own mounts changes. On a pure host it is plain engine_up.
engine_up_crun() {
  local folder=$1
  shift
  if [ -d /sys/fs/cgroup/unified ]; then
    engine_launcher=(unshare --mount --propagation private
      sh -c 'mount -t tmpfs none /sys/fs/cgroup/unified && exec "$@"' sh)
  fi
  engine_up "$folder" --add-runtime crun=/usr/bin/crun "$@"
  engine_launcher=()
}
engine_launcher=()

# Extra arguments go to dockerd.
engine_up() {
  local folder=$1
  shift
  export DOCKER_HOST=unix://$folder/docker.sock
  if engine_running "$folder" && "$DOCKER" version >/dev/null 2>&1; then return 0; fi
  mkdir -p "$folder"
  rm -f "$folder/dockerd.pid" "$folder/docker.sock"
  # No bridge and no packet filter: containers of the tests use --network none or host, and the daemon
  # needs no kernel feature for networks.
  nohup "${engine_launcher[@]}" /usr/sbin/dockerd --data-root "$folder/data" --exec-root "$folder/exec" -p "$folder/dockerd.pid" \
    -H "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false "$@" \
    > "$folder/dockerd.log" 2>&1 < /dev/null &
  local waited=0
  until "$DOCKER" version >/dev/null 2>&1; do
    waited=$((waited + 1))
    if [ "$waited" -gt 150 ]; then
      tail -5 "$folder/dockerd.log" >&2
      fail 4 "dockerd did not answer within 30 s; its log: $folder/dockerd.log"
    fi
    sleep 0.2
  done
  say "engine: dockerd $("$DOCKER" version -f '{{.Server.Version}}') answers on $DOCKER_HOST"
}

# The smallest image that has a shell, from Debian's static busybox, as whittle-busybox.
engine_busybox() {
  "$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 && return 0
  local root name
  root=$(mktemp -d)
  mkdir "$root/bin"
  cp /bin/busybox "$root/bin/busybox"
  for name in sh ls cat echo sleep true chmod mount unshare id uname; do ln -s busybox "$root/bin/$name"; done
  tar -C "$root" -c . | "$DOCKER" import - whittle-busybox > /dev/null
  rm -rf "$root"
}

engine_down() {
  local folder=$1
  engine_running "$folder" || return 0
  local pid
  pid=$(cat "$folder/dockerd.pid")
  kill "$pid" 2>/dev/null || true
  local waited=0
  while kill -0 "$pid" 2>/dev/null && [ "$waited" -lt 100 ]; do
    sleep 0.2
    waited=$((waited + 1))
  done
  # It leaves the network namespace of its host.
  awk -v folder="$folder/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do
    umount "$mounted" || say "engine: $mounted stays mounted"
  done
}
