# git as jobs use it: a repository made, changed, cloned, packed, searched. No role was recorded with it. A program that runs to
# its end. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

git_packages() { printf '%s\n' git perl busybox-static; }
git_phases() { :; }

git_image() {
  local root name
  server_has_image "$1" && return 0
  root=$(server_root)
  server_copy "$root" /usr/bin/git /usr/bin/perl
  mkdir -p "$root/usr/lib/git-core" "$root/usr/share"
  cp -a /usr/lib/git-core/. "$root/usr/lib/git-core/"
  cp -a /usr/share/git-core "$root/usr/share/"
  for name in seq sort wc cut sed head mkdir grep expr tr dirname basename uname touch; do ln -sf busybox "$root/usr/bin/$name"; done
  server_import "$root" "$1" 'ENTRYPOINT ["/bin/sh"]'
}

git_prepare() { mkdir -p "$1" && cp scripts/workloads/jobs/git.sh "$1/"; }
git_arguments() { printf '%s\n' --network none -v "$1:$1" --tmpfs /tmp; }
git_command() { printf '%s\n' "$1/git.sh" "$1"; }
git_ready() { job_ready whittle-git; }
git_load() { job_load "$@"; }
