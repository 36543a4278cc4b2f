# SQLite by its shell, as a program that runs to its end. No role was recorded with it.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

sqlite_packages() { printf '%s\n' sqlite3; }
sqlite_phases() { :; }

sqlite_image() {
  local root name
  server_has_image "$1" && return 0
  root=$(server_root)
  server_copy "$root" /usr/bin/sqlite3
  for name in sleep mkdir wc kill; do ln -sf busybox "$root/usr/bin/$name"; done
  server_import "$root" "$1" 'ENTRYPOINT ["/bin/sh"]'
}

sqlite_prepare() { mkdir -p "$1" && cp scripts/workloads/sqlite/job.sh "$1/"; }
sqlite_arguments() { printf '%s\n' --network none -v "$1:$1" --tmpfs /tmp; }
sqlite_command() { printf '%s\n' "$1/job.sh" "$1"; }
sqlite_ready() { job_ready whittle-sqlite; }
sqlite_load() { job_load "$@"; }
