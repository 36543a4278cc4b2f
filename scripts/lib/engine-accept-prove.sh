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
