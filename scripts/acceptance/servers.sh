# Acceptance of the main job at full strength (issue "Step 2"): sourced by scripts/accept.

accept_build() {
  scripts/setup test && build_preset dev && build_preset release
}

line build       "dev and release builds"                                 "no warning"                         accept_build
