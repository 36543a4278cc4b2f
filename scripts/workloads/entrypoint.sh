# What comes before the program in most images: an init (docker run --init), an entry point in shell, another user. A program that
# runs to its end, with a command executed in it as health checks are. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

entrypoint_packages() {
  printf '%s\n' bash dash coreutils findutils sed mawk grep hostname util-linux gosu tini dumb-init gettext-base
}
entrypoint_phases() { echo exec; }

entrypoint_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root app:1000)
  rm -f "$root"/usr/bin/[!b]*
  # shellcheck disable=SC2046
  server_package "$root" $(entrypoint_packages)
  if [ ! -L "$root/bin" ]; then cp -a "$root/bin/." "$root/usr/bin/" && rm -rf "$root/bin" && ln -s usr/bin "$root/bin"; fi
  ln -sf dash "$root/usr/bin/sh"
  ln -sf mawk "$root/usr/bin/awk"
  server_import "$root" "$1" 'ENTRYPOINT ["/bin/bash"]'
}

entrypoint_prepare() {
  mkdir -p "$1/init"
  cp scripts/workloads/entrypoint/start.sh "$1/"
  echo 'word' > "$1/secret"
  echo 'echo "sourced ${NAME:-}"' > "$1/init/first.sh"
  printf 'name @NAME@\n' > "$1/init/one.txt"
  # shellcheck disable=SC2016
  printf 'name $NAME\n' > "$1/init/two.txt"
}

entrypoint_arguments() { printf '%s\n' --network none --init -e NAME=whittle -v "$1:$1" --tmpfs /tmp; }
entrypoint_command() { printf '%s\n' "$1/start.sh" "$1"; }
entrypoint_ready() { job_ready whittle-entrypoint; }

entrypoint_load() {
  "$DOCKER" exec "$2" /bin/sh -c 'cat "$1/secret"; test -e /proc/1/status' sh "$1"
  "$DOCKER" exec --user 1000 "$2" /usr/bin/busybox id -u
  job_load "$@"
}
