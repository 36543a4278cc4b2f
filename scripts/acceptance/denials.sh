# Acceptance of step 4: nothing lost, nothing invented. Sourced by scripts/accept.

WHITTLE=${WHITTLE:-$here/build/release/whittle}
. scripts/lib/record-lost.sh
. scripts/lib/denials-accept-lost.sh
. scripts/lib/record-accept.sh
. scripts/lib/denials-accept-truth.sh
. scripts/lib/denials-accept-why.sh

denials_build() {
  scripts/setup test && build_preset dev && build_preset release && echo built
}

line build "tests and the tool are built" "built" denials_build
line nothing-lost-containers "500 containers, both processors saturated by calls" "exact, or said what is missing" lost_containers
line nothing-lost-calls "10^9 calls" "exact" lost_calls
line nothing-lost-stopped "reader stopped for 30 s, its ring overrun" "exact, or said what is missing" lost_stopped
line nothing-lost-killed "killed and started again, 50 times at random" "exact, or said what is missing" lost_killed
line denial-truth "refused by each action, ABI, thread, stack, argument" "each once and right, none invented" denial_truth
line count "10^6 refused calls" "exact" denial_count
line cost "recorder, bystander, denial watch against empty programs" "<= 1.07, 1.03, 1.05" denial_cost
line server-cost "nginx under wrk, against empty programs" "98 % of its requests" server_cost
line soak "30 minutes of containers, 2 a second" "memory, descriptors, maps flat" lost_soak
line why-gone "refused, killed and removed containers, from what was kept; the watcher killed; the disk full" "the right cause first, nothing lost" why_gone
line why "broken containers of docker, podman, runc, crun" "15 at least, the right cause first, each" why_containers
