#!/usr/bin/env python3
"""The numbers of docs/roles.md, drawn from the program, the kept recordings and their versions: a Markdown table of the roles, and
one of their workloads. Usage: roles-table.py WHITTLE TARGET_FLAG..."""
import csv
import json
import subprocess
import sys

whittle, *target = sys.argv[1:]


def asked(*words):
    done = subprocess.run([whittle, *words], check=True, capture_output=True, text=True)
    return done.stdout


def explained(profile):
    """Points, and the native calls that pass, at least in part."""
    found = json.loads(asked("explain", profile, "--json", *target))
    passing = {call["call"] for group in found["groups"] for call in group["calls"] if call["passes"] != "no"}
    return found["score"]["points"], passing


def seen(workload):
    """Calls that were let pass, and those that the ceiling refused."""
    calls, refused = set(), set()
    for line in asked("show", f"data/roles/{workload}.evidence.json", "--calls").splitlines():
        _, _, _, call, fate = line.split("\t")
        (refused if fate == "denied" else calls).add(call)
    return calls, refused - calls


def gaps(workload):
    kinds = [line.split("\t")[1] for line in asked("show", f"data/roles/{workload}.evidence.json", "--gaps").splitlines()]
    return ", ".join(kinds) or "-"


with open("data/roles/roles.csv", newline="") as file:
    rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
with open("data/roles/versions.csv", newline="") as file:
    versions = list(csv.DictReader(file))
default_points, default_calls = explained("docker-default")

print("| role | made of | tried with | calls seen | calls that pass | points | docker-default leaves open beyond it |")
print("|---|---|---|---|---|---|---|")
for role in dict.fromkeys(row["role"] for row in rows if row["use"] == "made-of"):
    of = {use: [row["workload"] for row in rows if (row["role"], row["use"]) == (role, use)] for use in ("made-of", "tried")}
    union = set().union(*(seen(workload)[0] for workload in of["made-of"]))
    points, passing = explained(f"data/catalogue/{role}.json")
    assert passing <= default_calls, (role, passing - default_calls)
    print(f"| `{role}` | {', '.join(of['made-of'])} | {', '.join(of['tried'])} | {len(union)} | {len(passing)} | {points} | "
          f"{len(default_calls - passing)} of {len(default_calls)} calls, {default_points - points} of {default_points} points |")

print("\n| workload | versions | calls seen | refused by the ceiling, and not missed | gaps |")
print("|---|---|---|---|---|")
for workload in sorted({row["workload"] for row in rows}):
    calls, refused = seen(workload)
    of = ", ".join(f"{row['program']} {row['version']}" for row in versions if row["workload"] == workload)
    print(f"| {workload} | {of} | {len(calls)} | {', '.join(sorted(refused)) or '-'} | {gaps(workload)} |")
