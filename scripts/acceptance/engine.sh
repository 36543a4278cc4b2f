# Acceptance of the engine: the language, the compiler and the proofs (issue "Step 3"). Sourced by scripts/accept.

WHITTLE=${WHITTLE:-$here/build/release/whittle}
. scripts/lib/engine-accept-speed.sh
. scripts/lib/engine-accept-prove.sh
. scripts/lib/engine-accept-oracle.sh
. scripts/lib/fuzz.sh
. scripts/lib/engine-accept-document.sh
. scripts/lib/engine-accept-diff.sh

engine_build() {
  scripts/setup test && build_preset dev && build_preset release && echo built
}

line build "tests and the tool are built" "built" engine_build
line speed-compile "Docker's default, compiled beside libseccomp" "1/5 of its time, 1/3 of its size" speed_compile
line speed-kernel "calls under Docker's default in the kernel" "at most libseccomp's + 3 %" speed_kernel
line speed-verdicts "verdicts a second on one core" "30 million" speed_verdicts
line speed-diff "behaviour diff of two 400-rule profiles" "5 ms" speed_diff
line speed-start "whittle --version" "5 ms" speed_start
line proof "the prover agrees with Z3, with trying, with libseccomp" "10,000 pairs, defaults equal in < 1 s" engine_proof
line algebra "merge, intersect, subtract: point by point, on the safe side" "6,000 random pairs, none wrong" engine_algebra
line oracle "compiled = meaning, whatever passes are made" "20 million verdicts, no difference" oracle_meaning
line libseccomp "libseccomp agrees where it is right, six architectures" "no difference" oracle_libseccomp
line kernel "the running kernel does what the document means" "2,000 calls, no difference" oracle_kernel
line installed "filters read back from runc's and crun's containers" "no difference" oracle_installed
line cases "verdicts of every kind of reported fault, by the program" "0 wrong" engine_cases
line bad-input "100 MB of nesting, a million rules, NULs, huge names" "1 s and 1 GiB each, 0 faults" engine_bad_input
line coverage "lines that the fuzzers' corpora reach" "parser and compiler >= 90 %" engine_coverage
line fuzz "json, profile, filter, prove: 10 minutes each" "0 findings" engine_fuzz
line diff "behaviour diff, and comparisons that people reported" "every difference and no other" engine_diff
