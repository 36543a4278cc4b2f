#!/usr/bin/env python3
"""Evidence of one workload (standard input) -> its essence, small enough to be kept: every call of the workload once, at that of
its programs that makes the most calls that no other one before it makes, one observation a line. Runs get short names.
Usage: roles-essence.py NAME"""
import json
import sys


def dump(value):
    return json.dumps(value, separators=(", ", ": "), ensure_ascii=False)


def key(observation):
    return tuple(observation.get(field) for field in ("call", "fate", "clone_flags", "under_filter"))


name = sys.argv[1]
evidence = json.load(sys.stdin)
ids = {run: f"{name}.{number}" for number, run in enumerate(sorted(evidence["recordings"]), 1)}
left = [subject for subject in evidence["subjects"] if subject["arrival"] == "workload"]
seen, kept = set(), []


def news(subject):
    return [(abi, o) for abi, calls in subject["calls"].items() for o in calls if (abi, *key(o)) not in seen]


while left:
    best = max(left, key=lambda subject: (len(news(subject)), str(subject["executable"])))
    left.remove(best)
    if new := news(best):
        calls = {}
        for abi, observation in new:
            calls.setdefault(abi, []).append(observation)
            seen.add((abi, *key(observation)))
        kept.append({"container": best["container"], "executable": best["executable"], "arrival": "workload", "calls": calls})

kept.sort(key=lambda subject: (subject["container"], str(subject["executable"])))
lines = ["{", '"format": "whittle-evidence",', f'"version": {evidence["version"]},', f'"complete": {dump(not evidence["gaps"])},',
         '"recordings": {']
lines.append(",\n".join(f"{dump(ids[run])}: {dump(about)}" for run, about in sorted(evidence["recordings"].items())))
lines += ["},", '"subjects": [']
subjects = []
for subject in kept:
    abis = []
    for abi, calls in subject["calls"].items():
        for observation in calls:
            observation["epochs"] = {ids[run]: epochs for run, epochs in observation["epochs"].items()}
        abis.append(f"{dump(abi)}: [\n" + ",\n".join("  " + dump(observation) for observation in calls) + "]")
    head = ", ".join(f"{dump(field)}: {dump(subject[field])}" for field in ("container", "executable", "arrival"))
    subjects.append("{" + head + ', "calls": {' + ",\n".join(abis) + "}}")
lines.append(",\n".join(subjects))
gaps = [dump({**gap, "recording": ids.get(gap["recording"], "")}) for gap in evidence["gaps"]]
lines += ["],", '"gaps": [' + ",\n".join(gaps) + "]", "}"]
print("\n".join(lines))
