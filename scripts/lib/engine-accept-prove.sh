# The lines "proof" and "algebra" of scripts/acceptance/engine.sh. Sourced by it; says nothing by itself.

prove_tests=build/dev/tests/unit/prove

# Everything that holds the prover against something else, in full: Z3, trying every call, libseccomp.
engine_proof() {
  local ok=0 pairs hard equal slowest
  WHITTLE_PROVE_PAIRS=10000 "$prove_tests/prove_z3_test" || ok=1
  WHITTLE_PROVE_FULL=1 "$prove_tests/prove_test" --gtest_filter='Exhaustive.*:Prove.*' | tee "$results/exhaustive.txt" || ok=1
  "$prove_tests/prove_libseccomp_test" | tee "$results/libseccomp.txt" || ok=1
  pairs=$(grep -h 'pairs agree with Z3' "$results/proof.log" | tail -1)
  hard=$(sed -n 's/.*hard programs: //p' "$results/exhaustive.txt")
  equal=$(grep -c ': equal, ' "$results/libseccomp.txt")
  slowest=$(sed -n 's/.*compiled and proven in \([0-9]*\) ms/\1/p' "$results/libseccomp.txt" | sort -n | tail -1)
  [ "${slowest:-9999}" -lt 1000 ] && [ "$equal" -ge 5 ] || ok=1
  echo "$pairs; $equal defaults equal to libseccomp's, slowest $slowest ms; hard programs: $hard"
  return $ok
}

# Unions, intersections and differences of random documents, in full, and of the kinds in public reports.
engine_algebra() {
  local ok=0 composed exact
  WHITTLE_ALGEBRA_ROUNDS=2000 build/dev/tests/unit/algebra/algebra_test | tee "$results/algebra.txt" || ok=1
  tests/cli/compose.sh "$WHITTLE" || ok=1
  composed=$(awk '/ composed, / {all += $1; exact += $3; calls += $(NF - 3); not += $7}
    END {print all " composed and proven (" exact " exactly), " not " not possible, " calls " calls as wanted"}' "$results/algebra.txt")
  echo "$composed"
  return $ok
}
