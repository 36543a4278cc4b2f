#!/usr/bin/env python3
"""Does scripts/lib/advice-recommend.py tell what contradicts `whittle recommend` from what no recording had seen? Of each case what was said, what
was recorded, what a life under the profile did; and the verdict. Usage: advice_judged.py"""
import json
import pathlib
import subprocess
import sys
import tempfile

JUDGE = pathlib.Path(__file__).resolve().parents[2] / "scripts/lib/advice-recommend.py"
WEB, SHELL = "/usr/sbin/nginx", "/bin/sh"

# Name, works, calls said to be refused, the life's calls and fates, how it went, the same answers, the verdict's beginning.
CASES = [
    ("all as said", "yes", [], {"read": "allowed"}, "well", True, "ok"),
    ("a recorded call refused", "yes", [], {"read": "denied"}, "well", True, "FAULT: refused, and not listed: read (nginx)"),
    ("one that only another program made", "yes", [], {"chown": "denied"}, "well", True, "FAULT: refused, and not listed: chown"),
    ("one that only the runtime made", "yes", [], {"capset": "denied"}, "well", True, "news: refused, and not in the recording: capset"),
    ("other answers", "yes", [], {"read": "allowed"}, "well", False, "FAULT: the life went well, and its answers are others"),
    ("an unseen call", "yes", [], {"pwritev": "denied"}, "well", True, "news: refused, and not in the recording: pwritev (nginx)"),
    ("an unseen call that ends it", "yes", [], {"pwritev": "killed"}, "badly", False, "news: refused, and not in the recording: pwritev"),
    ("both", "yes", [], {"pwritev": "denied", "read": "denied"}, "badly", False, "FAULT: refused, and not listed: read (nginx)"),
    ("clone3, upon which clone is taken", "yes", [], {"clone3": "denied"}, "well", True, "ok"),
    ("refused as said", "no", ["read"], {"read": "denied"}, "badly", False, "ok"),
    ("and in consequence", "no", ["read"], {"read": "denied", "pwritev": "denied"}, "badly", False, "ok"),
    ("said to be refused, and passed", "no", ["read"], {"read": "allowed"}, "well", True, "FAULT: said to be refused, and passed: read"),
    ("not all that is refused was said", "no", ["read"], {"read": "denied", "write": "denied"}, "badly", False,
     "FAULT: refused, and not listed: write"),
    ("stopped by what nobody knew", "no", ["read"], {"pwritev": "denied"}, "badly", False, "news: refused, and not in the recording: pwritev"),
    ("stopped by nothing", "no", ["read"], {"write": "allowed"}, "badly", False, "FAULT: nothing that is listed was seen refused"),
    ("no use for it this time", "no", ["read"], {"write": "allowed"}, "well", True, "news: none of the listed calls was made"),
    ("done without", "without", ["read"], {"read": "denied", "write": "allowed"}, "well", True, "ok"),
    ("not done without", "without", ["read"], {"read": "denied"}, "well", False, "FAULT: the life went well, and its answers are others"),
    ("ended without", "without", ["read"], {"read": "denied"}, "badly", False, "FAULT: the life went badly"),
    ("another refused, too", "without", ["read"], {"read": "denied", "write": "denied"}, "well", True, "FAULT: refused, and not listed: write"),
    ("what is done without passes", "without", ["read"], {"read": "allowed"}, "well", True, "FAULT: said to be refused, and passed: read"),
    ("it was not asked for this time", "without", ["read"], {"write": "allowed"}, "well", True, "news: none of the listed calls was made"),
    ("perhaps, and an unseen call", "perhaps", [], {"pwritev": "denied"}, "badly", False, "news: refused, and not in the recording: pwritev"),
    ("perhaps, and a recorded one", "perhaps", [], {"write": "denied"}, "well", True, "FAULT: refused, and not listed: write"),
]


def line(executable, call, fate):
    return f"web\t{executable}\tx86_64\t{call}\t{fate}\n"


def write_case(folder, works, refused, made, alike):
    candidate = {"profile": "one", "works": works, "depends": [], "runtime_refused": [], "runtime_depends": [], "runtime_tolerated": [],
                 "refused": [{"executable": WEB, "abi": "x86_64", "call": call} for call in refused]}
    (folder / "recommend.json").write_text(json.dumps({"containers": [{"candidates": [candidate]}]}))
    recorded = [line(WEB, "read", "allowed"), line(WEB, "write", "allowed"), line(SHELL, "chown", "allowed"),
                line("/usr/bin/runc", "capset", "allowed")]
    (folder / "recorded.calls").write_text("".join(recorded))
    (folder / "recorded.answers").write_text("200\n")
    (folder / "one.seen").write_text("".join(line(WEB, call, fate) for call, fate in made.items()))
    (folder / "one.answers").write_text("200\n" if alike else "500\n")


def judged(works, refused, made, went, alike):
    with tempfile.TemporaryDirectory() as name:
        write_case(pathlib.Path(name), works, refused, made, alike)
        run = subprocess.run([sys.executable, JUDGE, "life", name, "one", went], capture_output=True, text=True, check=True)
        return run.stdout.rstrip("\n")


def summed(rows):
    return subprocess.run([sys.executable, JUDGE, "sum"], input="".join(f"runc\t{row}\n" for row in rows), capture_output=True, text=True, check=False)


def main():
    faults, rows = [], {}
    for name, *case, verdict in CASES:
        rows[name] = judged(*case)
        if not rows[name].split("\t")[-1].startswith(verdict):
            faults.append(f"{name}: {rows[name]}")
    news = summed([rows["all as said"], rows["an unseen call"]])
    if news.returncode != 0 or "0 faults, 1 lives with news" not in news.stdout or rows["an unseen call"] not in news.stdout:
        faults.append(f"news: {news.returncode}, {news.stdout}")
    if summed([rows["all as said"], rows["other answers"]]).returncode == 0 or summed([]).returncode == 0:
        faults.append("a fault, or nothing at all, is no success")
    print("\n".join(faults) or f"{len(CASES)} cases")
    sys.exit(bool(faults))


main()
