"""Were all attacks refused, and is each refusal shown by name? Usage: servers-attacks.py FOLDER NAME,... TARGET,... CALL,...

For each server and target three witnesses must agree: the attack program's own answer, the recorder's evidence, the report.
"""
import json
import re
import sys

folder, names, targets, calls = sys.argv[1], *(argument.split(",") for argument in sys.argv[2:])
short = total = 0
for name in names:
    for target in targets:
        at = f"{folder}/{name}"
        attacks = {attack["call"]: attack for attack in json.load(open(f"{at}/attacks-{target}.json"))}
        lines = [line.rstrip("\n").split("\t") for line in open(f"{at}/attacked-{target}.calls")]
        seen = {call for _, executable, _, call, fate in lines if executable == "/attack" and fate == "denied"}
        report = open(f"{at}/attacked-{target}.report.txt").read()
        shown = []
        for call in calls:
            total += 1
            faults = []
            if attacks[call]["outcome"] != "refused":
                faults.append(f"the attacker says {attacks[call]['outcome']}")
            if call not in seen:
                faults.append("not in the evidence")
            if not re.search(rf"\b{call}\b.*refused", report):
                faults.append("not in the report")
            if faults:
                short += 1
                print(f"{name} under {target}: {call}: {', '.join(faults)}")
            else:
                shown.append(f"{call} ({attacks[call]['error']})")
        others = sorted(call for call, attack in attacks.items() if call not in calls and attack["outcome"] != "refused")
        print(f"{name} under {target}: refused, by name: {', '.join(shown)}" + (f"; of others not: {others}" if others else ""))
print(f"{total - short} of {total} attempts refused and shown by name: {len(calls)} in each of {len(names)} servers, "
      f"{' and '.join(targets)}")
sys.exit(short != 0)
