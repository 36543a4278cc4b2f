"""Whether what `whittle recommend --json` said is true. For scripts/lib/advice-accept-recommend.sh.

  names RECOMMEND.json all|protecting|few   the profiles of the catalogue, one a line; all, those that refuse anything, or of these
                                            the recommended one, docker's default, and the two tightest that would not suit
  amended RECOMMEND.json             the advised command that gives the fewest points; nothing if there is none
  works FOLDER PROFILE               what was said: yes, without, perhaps or no
  beyond FOLDER PROFILE              are just the calls open beyond the evidence that it names?
  life FOLDER PROFILE well|badly     did a life under the profile go as it said?
  sum                                of such lines on standard input; fails if there are none, or faults

Lines: what was checked, profile, what was said, what was seen, and "ok", "FAULT: why" or "news: what". A fault contradicts what was said
of recorded calls. News is a refusal of a call that the recording had not seen, of which nothing was said: two lives of one server
do not always make the same calls.
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


def tell(what, profile, said, seen, faults, news=""):
    name = os.path.basename(folder.rstrip("/"))
    verdict = "FAULT: " + "; ".join(faults) if faults else f"news: {news}" if news else "ok"
    print(name, what, profile, said, seen, verdict, sep="\t")


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


RUNTIMES = ("runc", "crun")
GOES_WELL = ("yes", "without")  # what is said to give the same answers
REFUSED = ("without", "no")     # something is said to be refused


def tightest_amended(said):
    """Of what is advised the edit that gives the fewest points; None if there is none."""
    advised = [c["amended"] for c in said["candidates"] if "amended" in c]
    return min(advised, key=lambda one: one["points"]) if advised else None


def amended_said():
    """That all is let pass, or done without."""
    said = container(folder)
    without = tightest_amended(said)["does_without"]
    tolerated = [call for c in said["candidates"] for call in c["runtime_tolerated"]]
    return {"works": "without" if without else "yes", "refused": without, "depends": [], "runtime_refused": [], "runtime_depends": [],
            "runtime_tolerated": tolerated}


def calls_of(whos):
    return {who[1:] for who in whos}


def of_workload(whos):
    return {who for who in whos if os.path.basename(who[0]) not in RUNTIMES}


def said_of(profile):
    return amended_said() if profile == "amended" else candidate(folder, profile)


class Life:
    """What was said of a profile, and what was refused in a life under it.

    What the recording has seen is a matter of the call, whichever program of the container made it: the filter is the same for all."""

    def __init__(self, profile, went):
        said = said_of(profile)
        self.works, self.went = said["works"], went
        self.ends = bool(said["runtime_refused"])
        always, sometimes = ({(f["executable"], f["abi"], f["call"]) for f in said[kind]} for kind in ("refused", "depends"))
        self.listed = always | sometimes
        made = list(seen_calls(f"{folder}/{profile}.seen"))
        refused = refused_calls(profile)
        self.hits = refused & self.listed
        self.passed = {who for who, fate in made if fate == "allowed" and who in always}
        self.skipped = self.listed - {who for who, _ in made}
        recorded = calls_of(of_workload({who for who, _ in seen_calls(f"{folder}/recorded.calls")}))
        programs = of_workload(refused)
        self.unseen = {who for who in programs if who[1:] not in recorded}
        # Of the runtime's own programs all that matters is said.
        known = set(said["runtime_refused"] + said["runtime_depends"] + said["runtime_tolerated"])
        self.strays = {who for who in programs - self.unseen if who[1:] not in calls_of(self.listed)}
        self.strays |= {who for who in refused - programs if who[2] not in known}
        self.others = refused - self.hits - self.unseen
        self.alike = went == "well" and lines(f"{folder}/{profile}.answers") == lines(f"{folder}/recorded.answers")


def news_of(life):
    """How this life was another than the recorded one, of which alone was spoken. After a refusal that was foreseen a program may
    make other calls: no news."""
    if life.hits:
        return []
    news = ["refused, and not in the recording: " + text(life.unseen)] if life.unseen else []
    if life.works in REFUSED and life.went == "well" and life.listed and life.skipped == life.listed:
        news.append("none of the listed calls was made")
    return news


def faults_of(life):
    """What contradicts a statement about recorded calls."""
    faults, another_life = [], bool(news_of(life))
    if life.passed:
        faults.append("said to be refused, and passed: " + text(life.passed))
    if life.strays:
        faults.append("refused, and not listed: " + text(life.strays))
    if life.works in GOES_WELL and not life.alike and not another_life:
        faults.append(f"the life went {life.went}, and its answers are others")
    if life.works in REFUSED and not life.hits and not (life.ends and life.went == "badly") and not another_life:
        faults.append("nothing that is listed was seen refused")
    if life.ends and life.went == "well":
        faults.append("the runtime was said to be refused, and the container started")
    return faults


def life(profile, went):
    one = Life(profile, went)
    seen = f"{len(one.hits)} of {len(one.listed)} listed refused, {len(one.unseen) if one.hits else 0} in consequence, {len(one.others)} others"
    seen += "; the same answers" if one.alike else f"; went {went}, other answers"
    tell("life", profile, f"works: {one.works}", seen, installed_faults(profile) + faults_of(one), "; ".join(news_of(one)))


def total():
    rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
    lives = [row for row in rows if row[2] == "life"]
    counts = ", ".join(f"{sum(row[4] == f'works: {works}' for row in lives)} {works}" for works in ("yes", "without", "perhaps", "no"))
    faults = sum(row[-1].startswith("FAULT") for row in rows)
    news = [row for row in rows if row[-1].startswith("news")]
    for row in news:
        print("\t".join(row))
    print(f"{len({row[1] for row in rows})} workloads, {len(lives)} lives ({counts}), "
          f"{sum(row[2] == 'beyond' for row in rows)} lists of what is left open: {faults} faults, "
          f"{len(news)} lives with news")
    sys.exit(not lives or faults > 0)


def names(said, which):
    if which not in ("all", "few", "protecting"):
        return which.split(",")
    candidates = [c for c in said["candidates"] if which == "all" or c["protects"]]
    if which == "few":
        unsure = sorted((c for c in candidates if c["works"] not in GOES_WELL), key=lambda c: c["points"])[:2]
        candidates = [c for c in candidates if c in unsure or c["profile"] in (said["recommended"], "docker-default")]
    return [c["profile"] for c in candidates]


if sys.argv[1] == "names":
    document = json.load(open(sys.argv[2]))
    print("\n".join(names(document["containers"][0], sys.argv[3])))
elif sys.argv[1] == "amended":
    amended = tightest_amended(json.load(open(sys.argv[2]))["containers"][0])
    if amended:
        print(amended["command"])
elif sys.argv[1] == "sum":
    total()
else:
    folder = sys.argv[2]
    if sys.argv[1] == "works":
        print(said_of(sys.argv[3])["works"])
    elif sys.argv[1] == "beyond":
        beyond(sys.argv[3])
    else:
        life(sys.argv[3], sys.argv[4])
