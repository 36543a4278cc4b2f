# Acceptance of step 5: lint, imports and exports, advice. Sourced by scripts/accept.
#   WHITTLE_CORPUS   folders of profiles besides those of the project, with ':' between them

WHITTLE=${WHITTLE:-$here/build/release/whittle}
. scripts/lib/cases.sh
. scripts/lib/fuzz.sh
. scripts/lib/advice-accept-profiles.sh
. scripts/lib/advice-accept-input.sh
. scripts/lib/advice-accept-live.sh
. scripts/lib/advice-accept-recommend.sh
. scripts/lib/roles.sh
. scripts/lib/roles-accept.sh

advice_build() {
  scripts/setup roles && build_preset dev && build_preset release && echo built
}

line build "tests and the tool are built" "no warning" advice_build
line cases "reported faults of logs, profiles, manifests; their kinds" "all pass, none skipped" advice_cases
line quiet "lint of engines' own profiles and of generated ones" "no error; each rule a page, an example" advice_quiet
line round-trips "profiles through every format and back, proven" "equal, or what is lost is said" advice_round_trips
line speed "import of strace and audit logs beside awk | sort | uniq" "300 MB/s, 1/5 of its time, memory flat" advice_speed
line recommend "six servers, ls, chmod, static Go, each run under the choice" "what is said is true" recommend_holds
line roles "every workload of a role, and one it was not made of, under it" "same answers, 0 refused" roles_hold
line brief "no-chmod, audit log to names, annotations, a paper's example" "all hold, in real containers" advice_brief
line ci "the action for CI and its shell" "all pass, none skipped" advice_ci
line explain "certainty of each flaw; the score's parts" "add up on the page" advice_explain
line fuzz "importers, YAML, manifests, lint, and all other fuzzers: 10 minutes each" "0 findings" advice_fuzz
line bad-input "noise, nesting, cuts, full disks, for each verb of advice" "1 s and 1 GiB each, 0 faults" advice_bad_input
