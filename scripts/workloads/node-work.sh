# Node.js as a tool or a worker that runs to its end. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

node-work_packages() { printf '%s\n' nodejs; }
node-work_phases() { :; }
node-work_image() { workload_image_of node "$1"; }
node-work_prepare() { mkdir -p "$1" && cp scripts/workloads/node/work.js "$1/"; }
node-work_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp --entrypoint /usr/bin/node; }
node-work_command() { printf '%s\n' "$1/work.js" "$1"; }
node-work_ready() { job_ready whittle-node-work; }
node-work_load() { job_load "$@"; }
