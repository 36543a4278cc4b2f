# The same as libc-musl, with glibc. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/libc-musl.sh"

libc-glibc_packages() { printf '%s\n' libc6 gcc libc6-dev; }
libc-glibc_phases() { :; }
libc-glibc_image() { libc_image_with "$1" gcc; }
libc-glibc_prepare() { libc-musl_prepare "$@"; }
libc-glibc_arguments() { libc-musl_arguments "$@"; }
libc-glibc_command() { libc-musl_command "$@"; }
libc-glibc_ready() { job_ready whittle-libc-glibc; }
libc-glibc_load() { job_load "$@"; }
