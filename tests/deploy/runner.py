"""deploy/github-action as GitHub runs it: its steps are taken out of action.yml as they stand and run by bash, with the
environment that a runner gives them, in scratch repositories with a base branch and a branch of a pull request.

The first word of the command line is whittle.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

DEPLOY = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../deploy"))
ACTION = os.path.join(DEPLOY, "github-action")
GOLDEN = os.path.realpath(os.path.join(os.path.dirname(__file__), "../golden"))
WHITTLE = os.path.realpath(sys.argv[1]) if len(sys.argv) > 1 else ""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


DESCRIPTION = yaml.safe_load(read(os.path.join(ACTION, "action.yml")))


def expanded(text, values):
    """${{ inputs.x }} and the like; what is not known is an error, as a runner's empty string would hide it."""
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: values[match[1]], str(text))


def commands_of(log):
    """The workflow commands that a runner would obey in this log: what stands before 'stop-commands' and behind its token."""
    obeyed, token = [], None
    for line in log.splitlines():
        found = re.match(r"\s*::([^ :]+)(?: [^:]*)?::(.*)", line)
        if token is not None:
            if found and found[1] == token:
                token = None
            continue
        if found and found[1] == "stop-commands":
            token = found[2]
        elif found or "##[" in line:
            obeyed.append(line)
    return obeyed


class Ran:
    """What a run of the action left: exit code, log, outputs, summary."""

    def __init__(self, code, log, outputs, summary):
        self.code, self.log, self.outputs, self.summary = code, log, outputs, summary
        self.verdict = outputs.get("verdict")
        self.comment = read(outputs["markdown"]) if "markdown" in outputs else ""
        self.sarif = json.loads(read(outputs["sarif"])) if "sarif" in outputs else None

    def results(self, verb):
        for run in self.sarif["runs"]:
            if run["automationDetails"]["id"] == f"whittle/{verb}/":
                return [(r["ruleId"], r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for r in run["results"]]
        return None


def profile(*allowed, default="SCMP_ACT_ERRNO", rules=()):
    document = {"defaultAction": default, "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                "syscalls": ([{"names": sorted(allowed), "action": "SCMP_ACT_ALLOW"}] if allowed else []) + list(rules)}
    if default == "SCMP_ACT_ERRNO":
        document["defaultErrnoRet"] = 38
    return json.dumps(document, indent=2)


# What runc and crun need is no matter here: lint is quiet about a profile that allows all but some calls.
def open_but(*refused):
    return profile(default="SCMP_ACT_LOG", rules=[{"names": sorted(refused), "action": "SCMP_ACT_ERRNO", "errnoRet": 38}])


class InRepository(unittest.TestCase):
    maxDiff = None
    outside = None # the one file that is outside of the repository, as SARIF names it

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.work = os.path.join(self.folder, "work")
        os.makedirs(self.work)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8",
                            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words, folder=None):
        return subprocess.run(["git", *words], cwd=folder or self.work, env=self.environment, check=True, capture_output=True).stdout.decode().strip()

    def write(self, name, text):
        path = os.path.join(os.fsencode(self.work), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(text.encode())

    def commit(self, **files):
        """commit(**{"web.json": text}); None deletes."""
        for name, text in files.items():
            if text is None:
                self.git("rm", "--quiet", "--", name)
            else:
                self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=change")

    def branches(self, base, change):
        """A base branch, and a branch of a pull request that is checked out."""
        self.commit(**base)
        self.git("checkout", "--quiet", "-b", "pull")
        self.commit(**change)

    def evidence(self, name, *calls):
        lines = os.path.join(self.folder, "calls.txt")
        with open(lines, "w", encoding="ascii") as out:
            out.writelines(f"x86_64 {call}\n" for call in calls)
        path = os.path.join(self.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run([WHITTLE, "import", lines, "-o", path], check=True, capture_output=True, env=self.environment)

    def act(self, work=None, path=None, **inputs):
        """Runs the action's steps, up to one that fails."""
        work = work or self.work
        runner = tempfile.mkdtemp(dir=self.folder)
        environment = {**self.environment, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": work, "GITHUB_ACTION_PATH": ACTION,
                       "RUNNER_TEMP": runner, "GITHUB_STEP_SUMMARY": os.path.join(runner, "summary"), "PATH": path or self.environment["PATH"]}
        values = {"github.base_ref": "main"}
        for name, described in DESCRIPTION["inputs"].items():
            given = inputs.pop(name.replace("-", "_"), None)
            if given is None:
                self.assertFalse(described.get("required"), name)
                given = expanded(described["default"], values)
            values[f"inputs.{name}"] = given
        self.assertFalse(inputs, "no such input")
        code, log = 0, ""
        for at, step in enumerate(DESCRIPTION["runs"]["steps"]):
            self.assertEqual(step["shell"], "bash")
            # A runner writes the text into a file and runs it like this.
            script, out = os.path.join(runner, f"step{at}.sh"), os.path.join(runner, f"output{at}")
            with open(script, "w", encoding="utf-8") as text:
                text.write(step["run"])
            with open(out, "w", encoding="utf-8"):
                pass
            ran = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", script], capture_output=True, stdin=subprocess.DEVNULL,
                                 cwd=os.path.join(work, expanded(step.get("working-directory", "."), values)),
                                 env={**environment, "GITHUB_OUTPUT": out, **{k: expanded(v, values) for k, v in step["env"].items()}})
            log += ran.stdout.decode(errors="replace") + ran.stderr.decode(errors="replace")
            for line in read(out).splitlines():
                key, equals, value = line.partition("=")
                self.assertTrue(equals, line)
                values[f"steps.{step['id']}.outputs.{key}"] = value
            code = ran.returncode
            if code:
                break
        outputs = {}
        for name, described in DESCRIPTION["outputs"].items():
            reference = re.fullmatch(r"\$\{\{ *([\w.-]+) *\}\}", described["value"])[1]
            if reference in values:
                outputs[name] = values[reference]
        summary = os.path.join(runner, "summary")
        ran = Ran(code, log, outputs, read(summary) if os.path.exists(summary) else "")
        self.check_whole(ran)
        return ran

    def check(self, **inputs):
        return self.act(whittle=WHITTLE, **inputs)

    def check_whole(self, ran):
        """What holds of every run."""
        self.assertFalse(os.path.exists(os.path.join(self.work, "pwned")), "a name was run as a command")
        self.assertEqual([line for line in commands_of(ran.log) if not line.startswith("::error::")], [])
        if ran.verdict is None:
            return
        self.assertEqual(ran.verdict, {0: "pass", 1: "fail"}.get(ran.code, "error"), ran.log)
        self.assertEqual(ran.comment, ran.summary)
        self.assertLess(len(ran.comment), 65536)
        if ran.sarif is None:
            return
        self.assertEqual(ran.sarif["version"], "2.1.0")
        ids = [run["automationDetails"]["id"] for run in ran.sarif["runs"]]
        self.assertEqual(len(set(ids)), len(ids), "a host takes one run of each category")
        self.assertLessEqual(len(ids), 20)
        for run in ran.sarif["runs"]:
            rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
            for result in run["results"]:
                self.assertEqual(rules[result["ruleIndex"]], result["ruleId"])
                place = result["locations"][0]["physicalLocation"]
                self.assertGreaterEqual(place["region"]["startLine"], 1)
                if place["artifactLocation"]["uri"] != self.outside:
                    self.assertRegex(place["artifactLocation"]["uri"], r"^(?!\./|file:)[A-Za-z0-9._~%/-]+$")
