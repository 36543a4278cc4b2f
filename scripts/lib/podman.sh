# A podman of our own for tests: own store, so it disturbs no other. It needs no daemon. Source after common.sh.
#   podman_up FOLDER     makes the store's settings and exports CONTAINERS_CONF and CONTAINERS_STORAGE_CONF, which
#                        podman and whittle read
#   podman_image NAME TAR  imports a root file system, unless there is such an image
#   podman_down FOLDER   removes its containers, its mounts and the folder

podman_up() {
  local folder=$1
  mkdir -p "$folder"
  cat > "$folder/storage.conf" <<EOF
[storage]
driver = "overlay"
graphroot = "$folder/root"
runroot = "$folder/run"
EOF
  # The usual limits of a container are higher than what a host without CAP_SYS_RESOURCE may give.
  cat > "$folder/containers.conf" <<EOF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
cgroupns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
tmp_dir = "$folder/libpod"
EOF
  export CONTAINERS_STORAGE_CONF=$folder/storage.conf CONTAINERS_CONF=$folder/containers.conf
  podman info > "$folder/info.txt" 2>&1 || fail 4 "podman does not work here: $(tail -1 "$folder/info.txt")"
}

podman_image() {
  podman image exists "$1" 2>/dev/null || podman import "$2" "$1" > /dev/null 2>&1
}

podman_down() {
  local folder=$1
  podman rm --all --force --time 0 > /dev/null 2>&1 || true
  umount "$folder/root/overlay" 2>/dev/null || true
  rm -rf "$folder"
}
