# Acceptance of the engine: the language, the compiler and the proofs (issue "Step 3"). Sourced by scripts/accept.

WHITTLE=${WHITTLE:-$here/build/release/whittle}

engine_build() {
  scripts/setup test && build_preset dev && build_preset release && echo built
}

line build "tests and the tool are built" "built" engine_build
