# Batch jobs of bash, coreutils, findutils, tar, gzip, xz, bzip2, zstd, sed, awk, grep, perl, python, as root of the container.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

jobs_packages() {
  printf '%s\n' bash dash coreutils findutils tar gzip xz-utils bzip2 zstd sed mawk grep diffutils util-linux procps bsdextrautils \
    debianutils hostname perl python3
}
jobs_phases() { :; }

jobs_image() {
  local root
  server_has_image "$1" && return 0
  root=$(server_root)
  rm -f "$root"/usr/bin/*
  # shellcheck disable=SC2046
  server_package "$root" $(jobs_packages | grep -v python3) perl-base perl-modules-5.36 libperl5.36 \
    python3.11-minimal libpython3.11-minimal libpython3.11-stdlib
  # Packages of a time before /usr was merged say /bin.
  if [ ! -L "$root/bin" ]; then cp -a "$root/bin/." "$root/usr/bin/" && rm -rf "$root/bin" && ln -s usr/bin "$root/bin"; fi
  ln -s 5.36.0 "$root/usr/lib/x86_64-linux-gnu/perl/5.36"
  ln -s 5.36.0 "$root/usr/share/perl/5.36"
  ln -sf dash "$root/usr/bin/sh"
  ln -sf mawk "$root/usr/bin/awk"
  server_import "$root" "$1" 'ENTRYPOINT ["/bin/bash"]'
}

jobs_prepare() { mkdir -p "$1/tmp" && cp scripts/workloads/jobs/job.sh "$1/"; }
jobs_arguments() { printf '%s\n' --network none -v "$1:$1" --tmpfs /tmp; }
jobs_command() { printf '%s\n' "$1/job.sh" "$1"; }
jobs_ready() { job_ready whittle-jobs; }
jobs_load() { job_load "$@"; }
