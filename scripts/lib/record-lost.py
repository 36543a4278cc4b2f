#!/usr/bin/env python3
"""Compares an evidence file with what containers are known to have done (scripts/lib/record-lost.sh).

Standard input: a line a container: name, start and end in ms, id, then the words of tests/live/record_calls.c. Every call that
is missing must be spoken of by a gap: one that names the container, one of a time in which nobody watched and in which the
container lived, or one of a full table. Prints one line; exit 1 if something was lost in silence, or invented."""
import collections
import datetime
import json
import re
import sys

NAMES = {39: "getpid", 102: "getuid"}  # of the native numbers that are used; the others have none
# Gaps that say of the whole run that calls may be missing.
OF_ANY = {"table-full", "unresolved", "overflow-full", "task-table-full", "cgroup-table-full", "unnamed"}


def truth(words):
    calls = {("x86_64", "mmap"), ("x86_64", "exit_group")}
    for word in words:
        kind, _, number = word.partition(":")
        if kind == "n":
            calls.add(("x86_64", NAMES.get(int(number), f"#{number}")))
        elif kind == "i":
            calls.add(("i386", f"#{number}"))
        elif kind == "F":
            calls |= {("x86_64", "clone"), ("x86_64", "wait4")}
        elif kind == "E":
            calls.add(("x86_64", "execve"))
    return calls


def milliseconds(text):
    parsed = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return parsed.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000


def main():
    evidence = json.load(open(sys.argv[1]))
    seen = collections.defaultdict(set)
    names = {}
    for recording, facts in evidence["recordings"].items():
        found = re.search(r", container (\S+)$", facts["target"])
        names[recording] = found.group(1) if found else None
    for subject in evidence["subjects"]:
        if subject["arrival"] != "workload":
            continue
        for abi, calls in subject["calls"].items():
            for call in calls:
                for recording in call["epochs"]:
                    seen[names[recording]].add((abi, call["call"]))
    unwatched = []
    for gap in evidence["gaps"]:
        times = re.findall(r"from (\S+Z) to (\S+Z)", gap["detail"])
        unwatched += [(milliseconds(a) - 1, milliseconds(b) + 1) for a, b in times]
    details = " ".join(gap["detail"] for gap in evidence["gaps"])
    kinds = collections.Counter(gap["kind"] for gap in evidence["gaps"])
    exact = explained = ran = 0
    faults = []
    for line in sys.stdin:
        name, start, end, ident, *words = line.split()
        ran += 1
        wanted = truth(words)
        invented, missing = seen[name] - wanted, wanted - seen[name]
        if invented:
            faults.append(f"{name}: invented {sorted(invented)}")
        if not missing:
            exact += 1
            continue
        overlaps = any(a < int(end) and int(start) < b for a, b in unwatched)
        if overlaps or ident in details or OF_ANY & set(kinds):
            explained += 1
        else:
            faults.append(f"{name} ({start} to {end}): lost in silence: {sorted(missing)}")
    complete = evidence["complete"]
    if explained and complete:
        faults.append("calls are missing from evidence that says that it is complete")
    for fault in faults[:20]:
        print(fault)
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
    print(f"{exact} of {ran} containers exact, {explained} missing something that a gap speaks of, {len(faults)} faults; "
          f"gaps: {said}")
    sys.exit(bool(faults) or ran == 0)


main()
