#!/usr/bin/env python3
"""The numbers that `whittle explain PROFILE` shows add up, as text and as JSON: for the whole catalogue and for random profiles.
So do its flaws, each with its state and how certain its call is. Usage: score_adds_up.py WHITTLE [PROFILE...]
Profiles that are named are held to it, too.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

WHITTLE = os.path.realpath(sys.argv[1])
TARGET = "--loader docker:20.10.24 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1".split()
RANDOM_PROFILES = 40
checks = faults = 0


def run(*words):
    done = subprocess.run([WHITTLE, *words, *TARGET], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    # 1: the target does not take the profile, so it has no score.
    assert done.returncode in (0, 1), (words, done.stderr)
    return done.stdout


def check(name, what, holds):
    global checks, faults
    checks += 1
    if not holds:
        faults += 1
        print(f"FAULT: {name}: {what}")


def part(rows, name):
    return next(row for row in rows if row["part"] == name)


def check_json(name, score):
    parts, calls = score["parts"], score["calls"]
    check(name, "the parts add up", sum(p["points"] for p in parts) == score["points"])
    check(name, "the unfiltered parts add up", sum(p["unfiltered"] for p in parts) == score["unfiltered"])
    for what, member in (("open calls", "open"), ("noted risks", "risk"), ("published flaws", "flaws")):
        check(name, f"{what}: its calls add up", sum(c[member] for c in calls) == part(parts, what)["points"])
        check(name, f"{what}: so do its calls' number", sum(c[member] > 0 for c in calls) == part(parts, what)["count"])
    check(name, "each call's points add up", all(c["points"] == c["open"] + c["risk"] + c["flaws"] for c in calls))
    check(name, "the heaviest first", [c["points"] for c in calls] == sorted((c["points"] for c in calls), reverse=True))
    check(name, "ABIs", part(parts, "other ABIs")["points"] == 20 * part(parts, "other ABIs")["count"])


def check_text(name, text, document):
    score = document["score"]
    points, most, percent = re.search(r"^score: (\d+) of (\d+) points \(([\d.]+) %\)", text, re.M).groups()
    check(name, "text and JSON give the same points", (int(points), int(most)) == (score["points"], score["unfiltered"]))
    check(name, "the share", percent == f"{100 * int(points) / int(most):.1f}")
    rows = re.findall(r"^  (open calls|noted risks|published flaws|other ABIs) +(\d+) +(\d+) ", text, re.M)
    check(name, "all parts are shown", len(rows) == 4)
    check(name, "the parts shown add up", sum(int(row[1]) for row in rows) == int(points))
    check(name, "the unfiltered parts shown add up", sum(int(row[2]) for row in rows) == int(most))
    shown = text.split("what weighs most:\n")[1].split("\n\n")[0].splitlines()[1:] if "what weighs most:" in text else []
    for line in shown:
        total, opened, risk, flaws = map(int, re.match(r"  \S+(?: \(half: some arguments\))? +(\d+) +(\d+) +(\d+) +(\d+) ", line).groups())
        check(name, f"shown to add up: {line}", total == opened + risk + flaws)
    check(name, "the heaviest are shown", len(shown) == min(12, len(score["calls"])))


LABELS = {"open": "left open", "depends": "depends on arguments, or io_uring does it", "closed-by-argument": "closed only by a condition on an argument",
          "closed": "closed"}
# From the best to the worst: a flaw is as open as its worst way.
STATES = ["closed", "closed-by-argument", "depends", "open"]


def check_flaws(name, text, flaws):
    section = re.sub(r"\s+", " ", text.split("published flaws of the kernel")[1])
    told = int(re.search(r"fixed in current kernels\): (\d+)", section).group(1))
    check(name, "every flaw is told", told == len(flaws))
    for flaw in flaws:
        worst = max((way["state"] for way in flaw["ways"]), key=STATES.index)
        check(name, f"{flaw['cve']} is as open as its worst way", flaw["state"] == worst)
        at_worst = [way for way in flaw["ways"] if way["state"] == worst]
        certainty = "published" if any(way["certainty"] == "published" for way in at_worst) else "derived"
        check(name, f"{flaw['cve']}: the certainty of that", flaw["certainty"] == certainty)
        check(name, f"{flaw['cve']}: each way has a source", all(way["source"] and way["argument_rule"] for way in flaw["ways"]))
    for state, label in LABELS.items():
        of_state = [flaw for flaw in flaws if flaw["state"] == state]
        check(name, f"{label}: as many as in JSON", f" {label} ({len(of_state)}): " in section)
        for flaw in of_state:
            calls = ", ".join(way["call"] + (" by io_uring" if way["through"] else "") for way in flaw["ways"] if way["state"] == state)
            check(name, f"{flaw['cve']} with its calls and certainty", f"{flaw['cve']} ({calls}; {flaw['certainty']})" in section)


def check_profile(name):
    document = json.loads(run("explain", name, "--json"))
    if document["state"] == "refused":
        return set()
    text = run("explain", name)
    check_json(name, document["score"])
    check_text(name, text, document)
    check_flaws(name, text, document["flaws"])
    check(name, "the certainty is explained", "derived: the call was concluded" in text)
    return {flaw["state"] for flaw in document["flaws"]}


def random_rule(names, dice):
    rule = {"names": dice.sample(names, dice.randint(1, 60)), "action": dice.choice(["SCMP_ACT_ALLOW"] * 3 + ["SCMP_ACT_LOG", "SCMP_ACT_ERRNO"])}
    if dice.random() < 0.4:
        rule["names"] = dice.sample(["clone", "socket", "personality", "ptrace", "ioctl", "prctl", "keyctl", "unshare"], 3)
        rule["args"] = [{"index": dice.randint(0, 2), "value": dice.choice([0, 2, 17, 38, 2114060288]), "valueTwo": 0,
                         "op": dice.choice(["SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_LT"])}]
    return rule


def random_profile(names, dice):
    return {"defaultAction": dice.choice(["SCMP_ACT_ERRNO"] * 4 + ["SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS"]),
            "architectures": ["SCMP_ARCH_X86_64", *dice.sample(["SCMP_ARCH_X86", "SCMP_ARCH_X32"], dice.randint(0, 2))],
            "syscalls": [random_rule(names, dice) for _ in range(dice.randint(0, 8))]}


def main():
    listed = subprocess.run([WHITTLE, "profile", "list"], capture_output=True, text=True, check=True).stdout
    catalogue = [line.split()[0] for line in listed.splitlines()]
    everything = json.loads(run("explain", "allow-all", "--json"))
    names = [call["call"] for group in everything["groups"] for call in group["calls"]]
    states = set()
    for name in catalogue + sys.argv[2:]:
        states |= check_profile(name)
    dice = random.Random(8)
    with tempfile.TemporaryDirectory() as folder:
        scored = 0
        for number in range(RANDOM_PROFILES):
            file = f"{folder}/random-{number}.json"
            with open(file, "w") as out:
                json.dump(random_profile(names, dice), out)
            met = check_profile(file)
            scored += bool(met)
            states |= met
    check("all", "most random ones have a score", scored * 2 > RANDOM_PROFILES)
    check("all", "every state of a flaw was met", states == set(STATES))
    print(f"{len(catalogue)} of the catalogue, {len(sys.argv) - 2} in files, {scored} of {RANDOM_PROFILES} random: {checks} checks, {faults} faults")
    sys.exit(faults > 0 or len(catalogue) < 12)


main()
