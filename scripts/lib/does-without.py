"""What the lives that scripts/does-without kept in folders say: of each call that was refused, which programs were seen refused, whether the life went as
without a filter, and what they called instead.

  rows FOLDER...         rows of data/does_without.csv; on standard error what was not done without. A program has to do without a call in all
                         workloads in which it makes it
  passed FOLDER ANSWER   the calls that it did without, one a line

A program makes a call instead of another if it makes it in every life with that refusal, and in none without; a call is moot if it is the
other way round: made in every life without, and in none with it."""
import collections
import csv
import os
import pathlib
import subprocess
import sys

ESSENTIALS = pathlib.Path(__file__).resolve().parents[2] / "data/essentials.csv"
TOGETHER = "together"  # the life in which all is refused that was done without alone


def life(folder, label):
    calls = [line.split("\t") for line in (folder / f"{label}.calls").read_text(errors="surrogateescape").splitlines()]
    refused = {(exe, abi, call) for _, exe, abi, call, fate in calls if fate in ("denied", "killed")}
    return {
        "went": (folder / f"{label}.went").read_text().strip(),
        "answers": (folder / f"{label}.answers").read_bytes() if (folder / f"{label}.answers").exists() else b"",
        "calls": {(exe, abi, call) for _, exe, abi, call, fate in calls} - refused,
        "refused": refused,
    }


def lives_of(folder):
    lives = {path.name[:-len(".went")]: life(folder, path.name[:-len(".went")]) for path in folder.glob("*.went")}
    plain = lives["none"]
    if plain["went"] != "well" or plain["answers"] != lives["none-again"]["answers"] or not plain["answers"]:
        sys.exit(f"{folder.name}: two lives without a filter do not give the same answers")
    return lives


def is_alike(lives, one):
    return one["went"] == "well" and one["answers"] == lives["none"]["answers"]


def refusals(lives):
    for label, one in sorted(lives.items()):
        call, _, answer = label.partition(".")
        if answer and call != TOGETHER:
            yield call, answer, one


def by_chance():
    """Calls that a life makes or not by chance."""
    return {line.split(",")[1] for line in ESSENTIALS.read_text().splitlines() if not line.startswith("#")}


def changed(lives, call, executable):
    """What it calls only where `call` is refused, and what it calls only where it is not."""
    with_it = [one for other, _, one in refusals(lives) if other == call and any(who[0] == executable for who in one["refused"])]
    without = [one for other, _, one in refusals(lives) if other != call] + [lives["none"], lives["none-again"]]

    def names(lives):
        return [{name for who, _, name in one["calls"] | one["refused"] if who == executable} - {call} - by_chance() for one in lives]

    return (set.intersection(*names(with_it)) - set().union(*names(without)),
            set.intersection(*names(without)) - set().union(*names(with_it)))


def version(executable):
    """Of the host's package: images are made of its files at their own places."""
    for path in (executable, executable.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False).stdout
        if found:
            package = found.split(":")[0]
            text = subprocess.run(["dpkg-query", "-W", "-f", "${source:Upstream-Version}", package], capture_output=True, text=True, check=True)
            return f"{package} {text.stdout}"
    sys.exit(f"no package has {executable}")


def rows(folders):
    fine, failed = collections.defaultdict(lambda: (set(), set(), set())), set()
    for folder in folders:
        lives = lives_of(folder)
        for call, answer, one in refusals(lives):
            for executable, abi, refused in one["refused"]:
                assert refused == call, f"{call}: {refused} was refused"
                key = (call, os.path.basename(executable), abi, answer, version(executable))
                if not is_alike(lives, one):
                    failed.add(key)
                    print(f"{folder.name}: {key[1]} not without {call} by {answer} ({one['went']})", file=sys.stderr)
                    continue
                for known, new in zip(fine[key], (*changed(lives, call, executable), {folder.name})):
                    known |= new
        for label, one in lives.items():
            if label.startswith(TOGETHER) and not is_alike(lives, one):
                sys.exit(f"{folder.name}: not without all of them together: {label}")
    out = csv.writer(sys.stdout, lineterminator="\n")
    for key in sorted(set(fine) - failed):
        instead, moot, workloads = (" ".join(sorted(names)) for names in fine[key])
        out.writerow([*key[:4], instead, moot, key[4], workloads])


def passed(folder, answer):
    lives = lives_of(folder)
    for call, given, one in refusals(lives):
        if given == answer and one["refused"] and is_alike(lives, one):
            print(call)


if sys.argv[1] == "rows":
    rows([pathlib.Path(name) for name in sys.argv[2:]])
else:
    passed(pathlib.Path(sys.argv[2]), sys.argv[3])
