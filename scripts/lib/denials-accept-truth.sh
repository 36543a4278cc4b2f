# Denials that are true, counted and cheap, for scripts/acceptance/denials.sh. Source after record-accept.sh, for record_test.

denial_truth() {
  record_test record_denials_test '-*Million*' && record_test record_verdict_test || return 1
  echo "7 actions, natively, by x32 and int 0x80, from threads, stacked, by argument: each once, with filter and stack; 60 random stacks of filters: as they answer; none invented"
}

denial_count() {
  record_test record_denials_test '*Million*' || return 1
  echo "1000000 of 1000000"
}

# The ratios of the denial watch to the empty programs of its arms, with their intervals.
denial_cost() {
  local json=$results/cost.json code
  build_preset bench
  build/bench/bench/record/record_bench --rounds 15 --without bpftrace,strace,target,bystander --json > "$json"
  code=$?
  [ "$code" -le 1 ] || return 1
  python3 - "$json" <<'PYTHON'
import json, sys
told, short = [], False
for row in json.load(open(sys.argv[1])):
    if row["arm"].startswith("denials"):
        told.append(f"{row['arm']} {row['ratio']:.3f} ({row['low']:.3f}-{row['high']:.3f})")
        short |= row["missed"]
print("; ".join(told))
sys.exit(short or not told)
PYTHON
}
