# Denials that are true, counted and cheap, for scripts/acceptance/denials.sh. Source after record-accept.sh, for record_test.

denial_truth() {
  record_test record_denials_test '-*Million*' && record_test record_verdict_test || return 1
  echo "7 actions, natively, by x32 and int 0x80, from threads, stacked, by argument: each once, with filter and stack; 60 random stacks of filters: as they answer; none invented"
}

denial_count() {
  record_test record_denials_test '*Million*' || return 1
  echo "1000000 of 1000000"
}

# bench_figures FILE: the rows of a bench that have a goal, with their intervals; fails if one is missed.
bench_figures() {
  python3 - "$1" <<'PYTHON'
import json, sys
rows = [row for row in json.load(open(sys.argv[1])) if row.get("goal")]
print("; ".join(f"{row['arm']} {row['ratio']:.3f} ({row['low']:.3f}-{row['high']:.3f})" for row in rows))
sys.exit(not rows or any(row["missed"] for row in rows))
PYTHON
}

# The ratios of the recorder and of the denial watch to the empty programs of their arms.
denial_cost() {
  local json=$results/cost.json code
  build_preset bench
  build/bench/bench/record/record_bench --rounds 15 --without bpftrace,strace --json > "$json"
  code=$?
  [ "$code" -le 1 ] || return 1
  bench_figures "$json"
}

# The same of nginx under wrk, in time for each request.
server_cost() {
  local json=$results/cost-server.json code
  scripts/setup test && build_preset bench || return 1
  build/bench/bench/record/server_bench --json > "$json"
  code=$?
  [ "$code" -le 1 ] || return 1
  bench_figures "$json"
}
