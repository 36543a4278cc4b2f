#!/usr/bin/env python3
"""What `whittle generate` made of a role's recordings -> the role's profile of the catalogue: for any machine, not for the one that
recorded (without `architectures` a profile is for the native ABI of whoever loads it), with a comment that says so, and nowhere
beyond docker's default: equivalents that this refuses are answered ENOSYS, upon which libcs take the older call.
Usage: roles-document.py ROLE GENERATED BEYOND WORKLOAD...; BEYOND: a list of such calls"""
import json
import sys



def without(call, comment):
    """Of "portable: a for b, c for d: reason; e for f: another"."""
    kept = []
    for part in comment.removeprefix("portable: ").split("; "):
        pairs, reason = part.split(": ", 1)
        if left := [pair for pair in pairs.split(", ") if not pair.startswith(call + " for ")]:
            kept.append(", ".join(left) + ": " + reason)
    return "portable: " + "; ".join(kept)


role, source, beyond, *workloads = sys.argv[1:]
document = json.load(open(source))
del document["architectures"]
rules = document["syscalls"]
for call in open(beyond).read().split():
    # What was recorded was recorded under that ceiling, so it can only be an equivalent.
    rule = next(rule for rule in rules if call in rule["names"])
    assert rule["comment"].startswith("portable: "), call
    assert rules[-1]["errnoRet"] == 38
    rule["names"].remove(call)
    rule["comment"] = without(call, rule["comment"])
    rules[-1]["names"] = sorted([*rules[-1]["names"], call])
# The list of the runtimes' calls is a file of the moment; what it holds is measured.
listed = f"({source.rsplit('/', 1)[0]}/runc and crun)"
for rule in rules:
    rule["comment"] = rule["comment"].replace(listed, "(runc and crun)").replace("(a list of the user's)", "(measured: docs/baselines.md)")
first = rules[0]
_, _, group = first["comment"].partition(" -- ")
first["comment"] = (
    f"The role {role} of Whittle's catalogue (docs/roles.md), made of recordings of {', '.join(workloads)} on x86_64, and of what "
    "programs of most roles do. For the native ABI of any machine; what is not listed is refused (EPERM). -- " + group)
json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
print()
