"""Whether what `whittle recommend --json` said is true. For scripts/lib/advice-accept-recommend.sh.

  names RECOMMEND.json all|protecting|few   the profiles of the catalogue, one a line; all, those that refuse anything, or of these
                                            the recommended one, docker's default, and the two tightest that would not surely work
  amended RECOMMEND.json             the advised command that gives the fewest points; nothing if there is none
  beyond FOLDER PROFILE              are just the calls open beyond the evidence that it names?
  life FOLDER PROFILE well|badly     did a life under the profile go as it said?
  sum                                of such lines on standard input; fails if there are none

Lines: what was checked, profile, what was said, what was seen, "ok" or "FAULT: why".
"""
import json
import os
import sys


def container(folder):
    containers = json.load(open(f"{folder}/recommend.json"))["containers"]
    assert len(containers) == 1, "one container was recorded"
    return containers[0]


def candidate(folder, profile):
    return next(c for c in container(folder)["candidates"] if c["profile"] == profile)


def lines(path):
    # Answers may be any bytes.
    return open(path, errors="surrogateescape").read().splitlines() if os.path.exists(path) else []


def tell(what, profile, said, seen, faults):
    name = os.path.basename(folder.rstrip("/"))
    print(name, what, profile, said, seen, "FAULT: " + "; ".join(faults) if faults else "ok", sep="\t")


def opened(profile):
    """ABI and number of the calls that pass with some of the arguments that were tried."""
    calls = lines(f"{folder}/{profile}.calls")
    answers = lines(f"{folder}/{profile}.said")
    assert calls and len(calls) == len(answers), f"{profile}: {len(calls)} calls, {len(answers)} answers"
    return {tuple(call.split("(")[0].split(" #")) for call, answer in zip(calls, answers) if answer in ("ALLOW", "LOG")}


def beyond(profile):
    groups = json.load(open(f"{folder}/{profile}.explained.json"))["groups"]
    names = {("x86_64", str(call["number"])): call["call"] for group in groups for call in group["calls"]}
    open_there, open_own = opened(profile), opened("own")
    said = candidate(folder, profile)
    seen = {names[call] for call in open_there - open_own if call in names}
    faults = [f"said to be left open, and refused: {name}" for name in sorted(set(said["beyond"]) - seen)]
    faults += [f"left open, and not said: {name}" for name in sorted(seen - set(said["beyond"]))]
    abis = {abi for abi, _ in open_there} - {abi for abi, _ in open_own}
    if abis != set(said["beyond_abis"]):
        faults.append(f"ABIs said to be left open {said['beyond_abis']}, seen {sorted(abis)}")
    tell("beyond", profile, f"{len(said['beyond'])} calls", f"{len(seen)} pass", faults)


def seen_calls(path):
    """(executable, ABI, call) and fate of each line of `show --calls --arrived`."""
    for line in lines(path):
        _, executable, abi, call, fate = line.split("\t")
        yield (executable, abi, call), fate


def refused_calls(profile):
    """clone3 that is answered ENOSYS is no refusal: libraries then take clone (docs/generate.md)."""
    return {who for who, fate in seen_calls(f"{folder}/{profile}.seen")
            if fate in ("denied", "killed") and not (who[2] == "clone3" and fate == "denied")}


def installed_faults(profile):
    """The filter of the running container against what simulate says of the file."""
    if not os.path.exists(f"{folder}/{profile}.installed"):
        return []
    pairs = zip(lines(f"{folder}/{profile}.calls"), lines(f"{folder}/{profile}.said"),
                lines(f"{folder}/{profile}.installed"), strict=True)
    return [f"installed answers {there} to {call}, not {said}" for call, said, there in pairs if there != said][:3]


def text(calls):
    return ", ".join(sorted({f"{call} ({os.path.basename(who)})" for who, _, call in calls})) or "nothing"


def life(profile, went):
    made = {who for who, _ in seen_calls(f"{folder}/recorded.calls")}
    refused = refused_calls(profile)
    alike = went == "well" and lines(f"{folder}/{profile}.answers") == lines(f"{folder}/recorded.answers")
    faults = installed_faults(profile)
    if profile == "amended":
        works, listed, runtime, ends = "yes", set(), set(), False
        tolerated = {call for c in container(folder)["candidates"] for call in c["runtime_tolerated"]}
    else:
        said = candidate(folder, profile)
        works = said["works"]
        listed = {(f["executable"], f["abi"], f["call"]) for f in said["refused"] + said["depends"]}
        runtime = set(said["runtime_refused"] + said["runtime_depends"])
        tolerated = set(said["runtime_tolerated"])
        ends = bool(said["runtime_refused"])
    # The runtime's own program is none of the workload's.
    refused = {who for who in refused if not (who[2] in tolerated and os.path.basename(who[0]) in ("runc", "crun"))}
    # What was refused, and made without a filter, must have been listed; what was not made without one came of a refusal.
    hits = refused & listed
    strays = (refused & made) - listed
    after = refused - made
    if works == "yes":
        if refused:
            faults.append("refused: " + text(refused))
        if not alike:
            faults.append(f"the life went {went}, and its answers are " + ("the same" if alike else "others"))
    else:
        strays = {who for who in strays if who[2] not in runtime}
        if strays:
            faults.append("refused, and not listed: " + text(strays))
        if after and not hits:
            faults.append("refused what only comes of a refusal, and nothing listed: " + text(after))
    if works == "no" and not hits and not (ends and went == "badly"):
        faults.append("nothing that is listed was seen refused")
    if ends and went == "well":
        faults.append("the runtime was said to be refused, and the container started")
    seen = f"{len(hits)} of {len(listed)} listed refused, {len(after)} in consequence, {len(refused - hits - after)} others"
    seen += "; the same answers" if alike else f"; went {went}, other answers"
    tell("life", profile, f"works: {works}", seen, faults)


def total():
    rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
    lives = [row for row in rows if row[2] == "life"]
    counts = ", ".join(f"{sum(row[4] == f'works: {works}' for row in lives)} {works}" for works in ("yes", "perhaps", "no"))
    faults = sum(row[-1] != "ok" for row in rows)
    print(f"{len({row[1] for row in rows})} workloads, {len(lives)} lives ({counts}), "
          f"{sum(row[2] == 'beyond' for row in rows)} lists of what is left open: {faults} faults")
    sys.exit(not lives or faults > 0)


def names(said, which):
    candidates = [c for c in said["candidates"] if which == "all" or c["protects"]]
    if which == "few":
        unsure = sorted((c for c in candidates if c["works"] != "yes"), key=lambda c: c["points"])[:2]
        candidates = [c for c in candidates if c in unsure or c["profile"] in (said["recommended"], "docker-default")]
    return [c["profile"] for c in candidates]


if sys.argv[1] == "names":
    document = json.load(open(sys.argv[2]))
    print("\n".join(names(document["containers"][0], sys.argv[3])))
elif sys.argv[1] == "amended":
    document = json.load(open(sys.argv[2]))
    advised = [c["amended"] for c in document["containers"][0]["candidates"] if "amended" in c]
    if advised:
        print(min(advised, key=lambda one: one["points"])["command"])
elif sys.argv[1] == "sum":
    total()
else:
    folder = sys.argv[2]
    beyond(sys.argv[3]) if sys.argv[1] == "beyond" else life(sys.argv[3], sys.argv[4])
