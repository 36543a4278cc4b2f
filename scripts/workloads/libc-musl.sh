# What programs in C ask of their C library, built with musl: with libc-glibc it shows which calls one library makes for what the
# other does by another. A program that runs to its end. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

libc-musl_packages() { printf '%s\n' musl musl-tools; }
libc-musl_phases() { :; }
libc-musl_image() { libc_image_with "$1" musl-gcc -static; }
libc-musl_prepare() { mkdir -p "$1"; }
libc-musl_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
libc-musl_command() { printf '%s\n' "$1" files serve; }
libc-musl_ready() { job_ready whittle-libc-musl; }
libc-musl_load() { job_load "$@"; }

# libc_image_with TAG COMPILER...
libc_image_with() {
  local tag=$1 root name
  shift
  server_has_image "$tag" && return 0
  root=$(server_root www-data:33)
  for name in true kill; do ln -sf busybox "$root/usr/bin/$name"; done
  "$@" -O1 -pthread -o "$root/libc" scripts/workloads/libc/libc.c || return 1
  # What glibc loads by itself.
  server_copy "$root" /lib/x86_64-linux-gnu/lib{c.so.6,gcc_s.so.1,nss_files.so.2,nss_dns.so.2,resolv.so.2}
  server_import "$root" "$tag" 'ENTRYPOINT ["/bin/sh", "-c", "exec /libc \"$@\" > \"$1/out\" 2>&1", "sh"]'
}
