# A containerd of our own for tests: own socket, root and state folder, so it disturbs no other. Source after common.sh.
#   containerd_up FOLDER         starts it (idempotent) and exports CONTAINERD_ADDRESS, which ctr and whittle read
#   containerd_up_crun FOLDER    the same, able to run crun, which refuses hosts that mix control groups v1 and v2
#   containerd_image NAME TAR    imports an image as `docker save` wrote it, unless it is there
#   containerd_remove NAME       removes a container, running or not
#   containerd_down FOLDER       removes all containers of the namespace "default", and stops it by process id

containerd_running() { [ -s "$1/containerd.pid" ] && kill -0 "$(cat "$1/containerd.pid")" 2>/dev/null; }

# Its shims see control groups v2 no more; nothing of this host's own mounts changes.
containerd_up_crun() {
  if [ -d /sys/fs/cgroup/unified ]; then
    containerd_launcher=(unshare --mount --propagation private
      sh -c 'mount -t tmpfs none /sys/fs/cgroup/unified && exec "$@"' sh)
  fi
  containerd_up "$1"
  containerd_launcher=()
}
containerd_launcher=()

containerd_up() {
  local folder=$1 waited=0
  export CONTAINERD_ADDRESS=$folder/containerd.sock
  if containerd_running "$folder" && ctr version > /dev/null 2>&1; then return 0; fi
  mkdir -p "$folder"
  cat > "$folder/config.toml" <<EOF
version = 2
root = "$folder/root"
state = "$folder/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$CONTAINERD_ADDRESS"
[ttrpc]
  address = "$CONTAINERD_ADDRESS.ttrpc"
EOF
  nohup "${containerd_launcher[@]}" /usr/bin/containerd --config "$folder/config.toml" \
    > "$folder/containerd.log" 2>&1 < /dev/null &
  echo $! > "$folder/containerd.pid"
  until ctr --connect-timeout 1s version > /dev/null 2>&1; do
    waited=$((waited + 1))
    [ "$waited" -le 100 ] || fail 4 "containerd did not answer within 20 s; its log: $folder/containerd.log"
    sleep 0.2
  done
}

containerd_image() {
  ctr images list --quiet 2>/dev/null | grep -qxF "$1" || ctr images import "$2" > /dev/null
}

containerd_remove() {
  ctr tasks kill --signal SIGKILL "$1" > /dev/null 2>&1 || true
  local waited=0
  until ctr tasks delete "$1" > /dev/null 2>&1 || ! ctr tasks list --quiet | grep -qxF "$1"; do
    waited=$((waited + 1))
    [ "$waited" -le 50 ] || break
    sleep 0.1
  done
  ctr containers delete "$1" > /dev/null 2>&1 || true
}

containerd_down() {
  local folder=$1 name pid waited=0
  containerd_running "$folder" || return 0
  for name in $(ctr containers list --quiet 2>/dev/null); do containerd_remove "$name"; done
  pid=$(cat "$folder/containerd.pid")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && [ "$waited" -lt 50 ]; do
    sleep 0.2
    waited=$((waited + 1))
  done
}
