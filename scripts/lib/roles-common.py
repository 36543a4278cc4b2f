#!/usr/bin/env python3
"""What programs of most kinds do, for a role that was not seen to do it -> evidence: the observations, by the workloads of other
roles, of calls that workloads of at least four roles make and of which data/risk.csv says nothing; for roles that listen also of
those on sockets that are of its lowest level. Workloads of several roles (the entry point) do not count. And musl's fork, where glibc clones, for roles that have the entry point: no equivalent, since what
clones need not fork. Prints nothing if there is no such call. Usage: roles-common.py ROLE"""
import collections
import csv
import json
import sys

ROLES_AT_LEAST = 4
MUSL = "libc-musl"
OF_MUSL = {("x86_64", "fork")}


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def observations(evidence):
    for subject in evidence["subjects"]:
        for abi, calls in subject["calls"].items():
            for observation in calls:
                yield abi, observation


def let_pass(observation):
    return observation["fate"] in ("allowed", "logged")


role = sys.argv[1]
of_workload = collections.defaultdict(list)
for row in table("data/roles/roles.csv"):
    if row["use"] == "made-of":
        of_workload[row["workload"]].append(row["role"])
kept = {}
for workload in of_workload:
    with open(f"data/roles/{workload}.evidence.json") as file:
        kept[workload] = json.load(file)
made_by = collections.defaultdict(set)
own = set()
for workload, roles in of_workload.items():
    for abi, observation in observations(kept[workload]):
        if let_pass(observation):
            if len(roles) == 1:
                made_by[abi, observation["call"]].add(roles[0])
            if role in roles:
                own.add((abi, observation["call"]))
sockets = {row["call"] for row in table("data/groups.csv") if row["group"] == "network"}
listens = ("x86_64", "listen") in own
noted = {row["call"] for row in table("data/risk.csv") if not (listens and row["level"] == "1" and row["call"] in sockets)}
wanted = {key for key, roles in made_by.items() if len(roles) >= ROLES_AT_LEAST and key[1] not in noted} - own

result = {"format": "whittle-evidence", "version": 2, "complete": True, "recordings": {}, "subjects": [], "gaps": []}
if role in of_workload["entrypoint"]:
    wanted |= OF_MUSL - own
    with open(f"data/roles/{MUSL}.evidence.json") as file:
        kept[MUSL] = json.load(file)
for workload, evidence in sorted(kept.items()):
    if role in of_workload[workload] or len(of_workload[workload]) > 1:
        continue
    for subject in evidence["subjects"]:
        some_of = wanted & OF_MUSL if workload == MUSL else wanted
        calls = {abi: [o for o in all_of if let_pass(o) and (abi, o["call"]) in some_of] for abi, all_of in subject["calls"].items()}
        calls = {abi: some for abi, some in calls.items() if some}
        if calls:
            result["subjects"].append({**subject, "calls": calls})
            for some in calls.values():
                for run in (run for o in some for run in o["epochs"]):
                    result["recordings"][run] = evidence["recordings"][run]
result["subjects"].sort(key=lambda subject: (subject["container"], str(subject["executable"])))
result["recordings"] = dict(sorted(result["recordings"].items()))
if wanted:
    print(json.dumps(result))
