#!/usr/bin/env bash
# The catalogue's containerd-default is what the installed containerd gives to containers with their capabilities: asked of the
# filters in their processes.
# Usage: containerd_default.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/scripts/lib/common.sh"
. "$here/scripts/lib/engine.sh"
. "$here/scripts/lib/containerd.sh"
command -v containerd > /dev/null && command -v ctr > /dev/null || { echo "SKIPPED: needs containerd and ctr"; exit 77; }
"$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
version=$(containerd --version | sed -n 's/.* \([0-9]*\.[0-9]*\.[0-9]*\).*/\1/p')
case $version in 1.6.*) ;; *) echo "SKIPPED: containerd $version, and the catalogue is of 1.6.20"; exit 77 ;; esac
folder=$(mktemp -d /tmp/wcd.XXXXXX)
trap 'containerd_down "$folder/ctrd"; rm -rf "$folder"' EXIT
"$DOCKER" save whittle-busybox -o "$folder/image.tar"
image=docker.io/library/whittle-busybox:latest
containerd_up "$folder/ctrd"
containerd_image "$image" "$folder/image.tar"
runtime=$(runc --version | sed -n 's/^runc version \([0-9.]*\).*/\1/p')
library=$(runc --version | sed -n 's/^libseccomp: //p')
failures=0
# holds CAPABILITIES FLAGS...: as `--cap` takes them, and the flags of ctr that make them so.
holds() {
  local capabilities=$1 name=wcd-$$
  shift
  ctr run -d --runc-binary /usr/sbin/runc --seccomp "$@" "$image" "$name" sleep 100
  local said
  said=$("$whittle" prove containerd-default "container:default/$name" --loader oci --loader-version "$version" --runtime runc \
    --runtime-version "$runtime" --libseccomp "$library" --cap "$capabilities" 2>&1)
  if [ $? = 0 ]; then echo "ok: $capabilities"; else failures=$((failures + 1)); echo "NOT ok: $capabilities: $said"; fi
  containerd_remove "$name"
}
holds default
holds default,SYS_ADMIN --cap-add CAP_SYS_ADMIN
holds default,SYS_PTRACE,SYS_TIME,SYS_BOOT,SYS_NICE,SYS_RAWIO --cap-add CAP_SYS_PTRACE --cap-add CAP_SYS_TIME --cap-add CAP_SYS_BOOT \
  --cap-add CAP_SYS_NICE --cap-add CAP_SYS_RAWIO
holds default,BPF,PERFMON,SYSLOG,DAC_READ_SEARCH,SYS_MODULE,SYS_PACCT,SYS_TTY_CONFIG --cap-add CAP_BPF --cap-add CAP_PERFMON \
  --cap-add CAP_SYSLOG --cap-add CAP_DAC_READ_SEARCH --cap-add CAP_SYS_MODULE --cap-add CAP_SYS_PACCT --cap-add CAP_SYS_TTY_CONFIG
holds CHOWN,DAC_OVERRIDE,FSETID,FOWNER,MKNOD,NET_RAW,SETGID,SETUID,SETFCAP,SETPCAP,NET_BIND_SERVICE,KILL,AUDIT_WRITE --cap-drop CAP_SYS_CHROOT
exit $((failures > 0))
