# How fast the engine is, for scripts/acceptance/engine.sh: bench/engine in a release build. $results takes logs.

# speed_bench PART: runs one part; its table goes to the log, and its rows with a goal are the figure.
speed_bench() {
  local part=$1 log=$results/speed-$1.full.log status=0
  build_preset bench
  build/bench/bench/engine/engine_bench "$part" | tee "$log" || status=1
  awk '/goal/ {sub(/  +goal/, " goal"); gsub(/  +/, " "); printf "%s%s", separator, $0; separator = "; "} END {print ""}' "$log"
  return "$status"
}

speed_compile() { speed_bench compile; }
speed_kernel() { speed_bench kernel; }
speed_verdicts() { speed_bench verdicts; }
speed_diff() { speed_bench diff; }
speed_start() { speed_bench start; }
