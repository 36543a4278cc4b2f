#!/usr/bin/env python3
"""deploy/github-action as GitHub runs it: its steps are taken out of action.yml as they stand and run by bash, with the
environment that a runner gives them, in scratch repositories with a base branch and a branch of a pull request.

    action.py WHITTLE [unittest's arguments]
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


class Description(unittest.TestCase):
    def test_no_expression_stands_in_a_script(self):
        for step in DESCRIPTION["runs"]["steps"]:
            self.assertNotIn("${{", step["run"])

    def test_every_input_is_used_and_every_output_made(self):
        text = read(os.path.join(ACTION, "action.yml"))
        for name in DESCRIPTION["inputs"]:
            self.assertIn("${{ inputs.%s }}" % name, text)
        for name in DESCRIPTION["outputs"]:
            self.assertIn(f"{name}=", DESCRIPTION["runs"]["steps"][-1]["run"])

    def test_the_example_names_inputs_that_there_are_and_pins_what_it_uses(self):
        workflow = yaml.safe_load(read(os.path.join(ACTION, "example-workflow.yml")))
        self.assertEqual(workflow["permissions"], {})
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        ours = [step for step in steps if "deploy/github-action@" in step.get("uses", "")]
        self.assertEqual(len(ours), 1)
        self.assertLessEqual(set(ours[0]["with"]), set(DESCRIPTION["inputs"]))
        for step in steps:
            self.assertNotIn("${{", step.get("run", ""))
            if "uses" in step and step not in ours:
                self.assertRegex(step["uses"], r"@[0-9a-f]{40}$")

    def test_the_script_says_what_it_takes(self):
        script = os.path.join(DEPLOY, "ci/check-profile.sh")
        text = subprocess.run([script, "--help"], capture_output=True, check=True).stdout.decode()
        for name in set(re.findall(r"\bWHITTLE\w*", read(script))):
            self.assertRegex(text, rf"\b{name}\b")


class Answers(InRepository):
    def test_looser(self):
        self.branches({"profiles/web.json": open_but("keyctl", "bpf")}, {"profiles/web.json": open_but("keyctl")})
        ran = self.check(profile="profiles/*.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertEqual(ran.results("diff"), [("behaviour/looser", "profiles/web.json")])
        self.assertIn("<code>profiles/web.json</code>: looser than it was", ran.comment)
        self.assertRegex(ran.comment, r"\| looser \| <code>bpf</code>")
        self.assertIn("looser   bpf: ERRNO(38) -> LOG", ran.log)
        ran = self.check(profile="profiles/*.json", fail_on="never", fail_if_looser="false")
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("**looser**", ran.comment)

    def test_tighter_same_and_other_answers(self):
        self.branches({"a.json": open_but("keyctl"), "b.json": open_but("keyctl"), "c.json": open_but("keyctl")},
                      {"a.json": open_but("keyctl", "bpf"), "b.json": open_but("keyctl") + "\n", "c.json": open_but("keyctl").replace(": 38", ": 1")})
        ran = self.check(profile="*.json", fail_on="never")
        self.assertEqual(ran.code, 0, ran.log)
        for name, answer in ("a", "tighter"), ("b", "same behaviour"), ("c", "other answers"):
            self.assertRegex(ran.comment, rf"{name}.json</code> \| ok \| none given \| {answer} \|")

    def test_base_moved_on(self):
        """What the branch did not touch is no change of the branch."""
        self.branches({"web.json": open_but("keyctl")}, {"readme": "x"})
        self.git("checkout", "--quiet", "main")
        self.commit(**{"web.json": open_but("keyctl", "bpf")})
        self.git("checkout", "--quiet", "pull")
        self.assertEqual(self.check(profile="web.json", fail_on="never").code, 0)
        # Nor is it in the merge of both that GitHub checks out.
        self.git("merge", "--quiet", "--message=merge", "main")
        ran = self.check(profile="web.json", fail_on="never")
        self.assertEqual((ran.code, "same behaviour" in ran.comment), (0, True), ran.log)

    def test_fail_on(self):
        self.branches({"readme": "x"}, {"bad.json": profile("read", "opeanat"), "warned.json": profile(default="SCMP_ACT_ALLOW")})
        self.assertEqual(self.check(profile="bad.json").code, 1)
        self.assertEqual(self.check(profile="bad.json", fail_on="never").code, 0)
        ran = self.check(profile="warned.json")
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("1 warning", ran.comment)
        ran = self.check(profile="warned.json", fail_on="warning")
        self.assertEqual(ran.code, 1)
        self.assertIn(("default-allows", "warned.json"), ran.results("lint"))
        self.assertRegex(ran.comment, r"\| warning \| .*default-allows \|")
        rules = "\n".join({rule for rule, _ in ran.results("lint")})
        self.assertEqual(self.check(profile="warned.json", fail_on="info", ignore=rules).code, 0)

    def test_evidence(self):
        self.evidence("evidence/web.evidence.json", "read", "bpf")
        self.evidence("evidence/db.evidence.json", "read")
        self.branches({"readme": "x"}, {"web.json": open_but("keyctl", "bpf"), "db.json": open_but("keyctl"), "new.json": open_but("keyctl")})
        ran = self.check(profile="*.json", evidence="evidence/{name}.evidence.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertEqual(ran.results("verify"), [("evidence/refused", "web.json")])
        self.assertIn("the recorded workload would not work: 1 call refused", ran.comment)
        self.assertRegex(ran.comment, r"db.json</code> \|[^|]*\| would work \| new")
        self.assertRegex(ran.comment, r"new.json</code> \|[^|]*\| none given \| new")
        self.assertEqual(self.check(profile="db.json", evidence="evidence/*", fail_on="never").code, 0)
        self.assertEqual(self.check(profile="web.json", evidence="evidence/*", fail_on="never").code, 1)

    def test_evidence_beside_the_profile(self):
        self.evidence("a/b/web.evidence.json", "read", "bpf")
        self.branches({"readme": "x"}, {"a/b/web.json": open_but("bpf")})
        self.assertEqual(self.check(profile="a/**/web.json", evidence="{dir}/{name}.evidence.json", fail_on="never").code, 1)

    def test_incomplete_evidence_is_said(self):
        shutil.copy(os.path.join(GOLDEN, "evidence/web-gaps.evidence.json"), self.work)
        self.branches({"readme": "x"}, {"web.json": open_but("keyctl")})
        ran = self.check(profile="web.json", evidence="web-gaps.evidence.json", fail_on="never")
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("would work; the evidence is **incomplete**", ran.comment)
        self.assertIn(("evidence/incomplete", "web.json"), ran.results("verify"))

    def test_a_filter_that_does_not_come_about(self):
        self.evidence("e.json", "read")
        self.branches({"readme": "x"}, {"web.json": '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}'})
        ran = self.check(profile="web.json", evidence="e.json", fail_on="never")
        self.assertEqual((ran.code, ran.verdict), (0, "pass"), ran.log)
        self.assertRegex(ran.comment, r"web.json</code> \| 0 errors, \d warnings \| would work \| new \|")

    def test_the_place_that_was_asked_is_said(self):
        self.branches({"readme": "x"}, {"web.json": open_but("keyctl")})
        self.assertIn("lint was asked of all usual places, evidence and base of docker with runc", self.check(profile="web.json").comment)
        self.assertIn("lint, evidence and base were asked of <code>--loader oci --runtime crun</code>",
                      self.check(profile="web.json", target="--loader oci --runtime crun").comment)

    def test_a_target_that_is_none(self):
        self.branches({"readme": "x"}, {"web.json": open_but("keyctl")})
        for target in ("loader docker", "--arch x86_64 docker", "--loader dokcer", "--laoder docker"):
            ran = self.check(profile="web.json", target=target)
            self.assertEqual((ran.code, ran.verdict), (2, "error"), ran.log)
            self.assertIn("the target", ran.comment)

    def test_target(self):
        rules = [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_BPF"]}}]
        with_condition = profile(default="SCMP_ACT_LOG", rules=rules)
        self.evidence("e.json", "bpf")
        self.branches({"readme": "x"}, {"web.json": with_condition})
        self.assertEqual(self.check(profile="web.json", evidence="e.json", fail_on="never").code, 1)
        ran = self.check(profile="web.json", evidence="e.json", fail_on="never", target="--loader docker --runtime crun\n--cap all")
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("crun", ran.comment)


class Files(InRepository):
    def test_new_deleted_renamed(self):
        self.branches({"old.json": open_but("keyctl", "bpf"), "gone.json": profile("read"), "readme": "x"},
                      {"old.json": None, "gone.json": None, "moved/renamed.json": open_but("keyctl", "bpf").replace('"bpf",', ''), # Not so alike that git takes it for the other.
                       "new.json": '{"syscalls": [{"action": "SCMP_ACT_ALLOW", "name": "read"}], "defaultAction": "SCMP_ACT_TRAP"}'})
        ran = self.check(profile="*.json\nmoved/*", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertIn("<code>gone.json</code> | | | deleted |", ran.comment)
        self.assertIn("**looser**, was <code>old.json</code> |", ran.comment)
        self.assertNotIn("<code>old.json</code> | | |", ran.comment)
        self.assertRegex(ran.comment, r"new.json</code> \|[^|]*\|[^|]*\| new \|")
        # One that is named as it is, too.
        ran = self.check(profile="gone.json", fail_on="never")
        self.assertEqual((ran.code, "| deleted |" in ran.comment), (0, True), ran.log)

    def test_a_base_that_is_no_profile_is_nothing_to_compare_with(self):
        self.branches({"web.json": "{"}, {"web.json": open_but("keyctl")})
        ran = self.check(profile="web.json", fail_on="never")
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("new: what was there is no profile", ran.comment)
        self.assertNotIn("error: ", ran.log, "it is nobody's fault")

    def test_what_is_no_profile_is_never_well(self):
        nothing = {"broken.json": "{", "none.json": "", "empty.json": "{}", "list.json": "[]", "kept.json": '{"syscalls": []}',
                   "wrong.json": '{"defaultAction": "SCMP_ACT_NO"}', "wrapped.json": '{"seccomp": %s}' % open_but("keyctl")}
        for base in ({"readme": "x"}, nothing):
            self.branches(base, {**nothing, "readme": "y"})
            for name in nothing:
                for fail_on in ("never", "error"):
                    ran = self.check(profile=name, fail_on=fail_on, ignore="no-default-action wrapped-profile json-syntax not-an-object invalid-member")
                    self.assertEqual((ran.code, ran.verdict), (3, "error"), name + ran.log)
                    self.assertIn(f"<code>{name}</code>: ", ran.comment)
            shutil.rmtree(self.work)
            os.makedirs(self.work)
            self.git("init", "--quiet", "--initial-branch=main")

    def test_outside_of_the_repository(self):
        self.branches({"web.json": open_but("keyctl"), "readme": "x"}, {"readme": "y"})
        outside = os.path.join(self.folder, "web.json")
        with open(outside, "w", encoding="utf-8") as out:
            out.write(profile("read", "opeanat"))
        self.outside = "file://" + outside
        for path in (outside, "../web.json"):
            ran = self.check(profile=path)
            self.assertEqual(ran.code, 1, ran.log)
            self.assertIn(("unknown-name", self.outside), ran.results("lint"))
            # A random folder's name may have what Markdown would take for emphasis.
            shown = re.escape(outside.replace("_", "&#95;"))
            self.assertRegex(ran.comment, rf"{shown}</code> \|[^|]*\| none given \| new \|")

    def test_a_workspace_behind_a_symbolic_link(self):
        self.branches({"p/web.json": open_but("keyctl", "bpf")}, {"p/web.json": open_but("keyctl")})
        link = os.path.join(self.folder, "link")
        os.symlink(self.work, link)
        for path in (link + "/p/web.json", link + "/p/*.json", link + "/**/web.json", "../link/p/web.json"):
            ran = self.check(work=link, profile=path, fail_on="never")
            self.assertEqual((ran.code, ran.results("diff")), (1, [("behaviour/looser", "p/web.json")]), path + ran.log)

    def test_objects_of_the_operator(self):
        def as_object(text):
            self.write("flat.json", text)
            made = subprocess.run([WHITTLE, "convert", "flat.json", "--to", "spo", "--name", "web", "--loader", "oci", "--runtime", "crun"], cwd=self.work,
                                  env=self.environment, check=True, capture_output=True).stdout.decode()
            os.remove(os.path.join(self.work, "flat.json"))
            return made
        self.evidence("web.evidence.json", "read")
        self.branches({"web.yaml": as_object(open_but("keyctl", "bpf"))}, {"web.yaml": as_object(open_but("keyctl"))})
        ran = self.check(profile="*.yaml", evidence="{name}.evidence.json", fail_on="never", target="--loader oci --runtime crun")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertEqual(ran.results("diff"), [("behaviour/looser", "web.yaml")])
        self.assertRegex(ran.comment, r"web.yaml</code> \|[^|]*\| would work \| \*\*looser")

    def test_links(self):
        self.write("real.json", open_but("keyctl", "bpf"))
        os.symlink("real.json", os.path.join(self.work, "web.json"))
        self.branches({}, {"real.json": open_but("keyctl")})
        ran = self.check(profile="web.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertEqual(ran.results("diff"), [("behaviour/looser", "web.json")])

    def test_names_are_only_names(self):
        names = ["a b.json", "it's.json", "$(touch pwned).json", "`touch pwned`.json", "x;touch pwned;.json", '"q".json', "-x.json", "--fail-on.json",
                 "[a].json", "a\tb.json", "a\\b.json", "::error::x.json", "::add-mask::x.json", "##[error]x.json", "merge(a,b).json", "pid:1.json", "stack=a.json",
                 "é.json", "<img src=x>.json", "a|b@team.json", "{name}.json", " lead.json", "%0A.json", "docker-default"]
        self.evidence("ev/{name}.json", "read")
        self.branches({name: open_but("keyctl", "bpf") for name in names}, {name: open_but("keyctl") for name in names})
        self.write(b"\xff.json", open_but("keyctl"))
        ran = self.check(profile="*.json\ndocker-default", evidence="ev/{name}.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertEqual(len(ran.results("diff")), len(names))
        self.assertEqual({rule for rule, _ in ran.results("diff")}, {"behaviour/looser"})
        self.assertEqual(len({uri for _, uri in ran.results("diff")}), len(names))
        for markup in ("<img", "@team", "a|b"):
            self.assertNotIn(markup, ran.comment)

    def test_a_line_break_in_a_name_is_refused(self):
        self.branches({"readme": "x"}, {"a\nb.json": open_but("keyctl")})
        ran = self.check(profile="*.json")
        self.assertEqual(ran.code, 3)
        self.assertIn("line break", ran.comment)

    def test_inputs_are_only_words(self):
        self.branches({"web.json": open_but("keyctl")}, {"readme": "x"})
        evil = "$(touch pwned)`touch pwned`;touch pwned"
        self.assertEqual(self.check(profile=evil).code, 3)
        self.assertEqual(self.check(profile="web.json", evidence=evil).code, 3)
        self.assertEqual(self.check(profile="web.json", base_ref=evil).code, 3)
        self.assertEqual(self.check(profile="web.json", base_ref="--output=pwned").code, 3)
        self.assertIn(self.check(profile="web.json", target=evil).code, (2, 3))
        self.assertEqual(self.check(profile="web.json", fail_on=evil).code, 2)
        self.assertEqual(self.check(profile="web.json", fail_if_looser=evil).code, 2)
        self.assertEqual(self.check(profile="web.json", ignore=evil).code, 2)

    def test_a_pattern_that_finds_nothing_is_no_open_gate(self):
        self.branches({"web.json": open_but("keyctl")}, {"readme": "x"})
        for inputs in ({"profile": "profils/*.json"}, {"profile": "web.json\nwebb.json"}, {"profile": "web.json", "evidence": "evidence/*"}):
            ran = self.check(**inputs)
            self.assertEqual((ran.code, ran.verdict), (3, "error"), ran.log)
            self.assertRegex(ran.comment, "matches it")
        self.assertEqual(self.check(profile="\n \n").code, 2)

    def test_in_a_folder_of_a_repository(self):
        self.branches({"sub/p/web.json": open_but("keyctl", "bpf")}, {"sub/p/web.json": open_but("keyctl")})
        ran = self.check(profile="p/*.json", working_directory="sub", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        self.assertEqual(ran.results("diff"), [("behaviour/looser", "sub/p/web.json")])
        self.assertEqual(self.check(profile="../p/web.json", working_directory="sub/p", fail_on="never").code, 1)
        self.assertEqual(self.check(profile=self.work + "/sub/p/web.json", fail_on="never").code, 1)

    def test_what_an_earlier_step_made(self):
        self.branches({"readme": "x", ".gitignore": "made.json\n"}, {"readme": "y"})
        self.write("made.json", open_but("keyctl"))
        self.write("untracked.json", open_but("keyctl"))
        self.assertEqual(self.check(profile="made.json\nuntr*.json", fail_on="never").code, 0)

    def test_a_comment_is_never_too_long(self):
        names = {f"p{at}.json": profile(*(f"nosuchcall{at}x{n}" for n in range(80))) for at in range(6)}
        self.branches({"readme": "x"}, names)
        ran = self.check(profile="*.json")
        self.assertEqual(ran.code, 1)
        self.assertRegex(ran.comment, r"left out: \d profiles")
        self.assertGreater(len(ran.results("lint")), 400)


class Bases(InRepository):
    def test_no_base(self):
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        ran = self.check(profile="web.json", base_ref="", fail_on="never")
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("| not asked |", ran.comment)
        self.assertIsNone(ran.results("diff"))

    def test_a_base_that_is_not_there(self):
        self.branches({"web.json": open_but("keyctl")}, {"readme": "x"})
        ran = self.check(profile="web.json", base_ref="mian")
        self.assertEqual((ran.code, ran.verdict, ran.sarif), (3, "error", None))
        self.assertIn("mian", ran.comment)

    def test_a_branch_with_a_name_of_its_own(self):
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        self.git("branch", "a$(touch${IFS}pwned)|<b>", "main")
        self.assertEqual(self.check(profile="web.json", base_ref="a$(touch${IFS}pwned)|<b>", fail_on="never").code, 1)

    def clone(self, *words):
        path = os.path.join(self.folder, "clone")
        shutil.rmtree(path, ignore_errors=True)
        self.git("clone", "--quiet", *words, "--branch=pull", "file://" + self.work, path, folder=self.folder)
        return path

    def test_shallow_clones(self):
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        ran = self.check(work=self.clone("--depth=1"), profile="web.json")
        self.assertEqual((ran.code, ran.verdict), (4, "error"), ran.log)
        self.assertRegex(ran.log, "error: the base 'main' is not in this shallow clone: .*fetch-depth: 0")
        # The tip of the base alone does not say where the branch left it.
        ran = self.check(work=self.clone("--depth=1", "--no-single-branch"), profile="web.json")
        self.assertEqual(ran.code, 4, ran.log)
        self.assertIn("does not reach back", ran.log)
        # Whole: the base is known as origin's.
        ran = self.check(work=self.clone(), profile="web.json", fail_on="never")
        self.assertEqual((ran.code, ran.results("diff")), (1, [("behaviour/looser", "web.json")]), ran.log)
        ran = self.check(work=self.clone("--depth=2"), profile="web.json", base_ref="HEAD^1", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)

    def test_histories_that_have_nothing_in_common(self):
        self.commit(**{"web.json": open_but("keyctl")})
        self.git("checkout", "--quiet", "--orphan", "pull")
        self.commit(**{"web.json": open_but("keyctl"), "readme": "x"})
        ran = self.check(profile="web.json")
        self.assertEqual(ran.code, 3)
        self.assertIn("no commit in common", ran.log)

    @unittest.skipUnless(os.geteuid() == 0, "only root gives files away")
    def test_the_checkout_is_another_users(self):
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        for folder, _, files in os.walk(self.work):
            for name in [folder] + [os.path.join(folder, file) for file in files]:
                os.chown(name, 12345, 12345)
        ran = self.check(profile="web.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        ran = self.plain("web.json", WHITTLE_BASE_REF="main")
        self.assertEqual(ran.returncode, 4)
        self.assertIn(b"dubious ownership", ran.stderr)

    def plain(self, *arguments, folder=None, **environment):
        return subprocess.run([os.path.join(DEPLOY, "ci/check-profile.sh"), *arguments], cwd=folder or self.work, capture_output=True,
                              env={**self.environment, "WHITTLE": WHITTLE, **environment}, stdin=subprocess.DEVNULL)

    def test_each_verb_is_asked_once(self):
        self.evidence("e.json", "read")
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        program, runs = os.path.join(self.folder, "whittle"), os.path.join(self.folder, "runs")
        with open(program, "w", encoding="utf-8") as text:
            text.write(f'#!/bin/sh\necho "$*" >> "{runs}"\nexec "{WHITTLE}" "$@"\n')
        os.chmod(program, 0o755)
        ran = self.act(whittle=program, profile="web.json", evidence="e.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)
        asked = [line.split()[0] for line in read(runs).splitlines() if " ./web.json" in line]
        self.assertEqual(sorted(asked), ["diff", "lint", "simulate", "verify"])

    def test_without_an_action(self):
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        ran = self.plain("web.json", WHITTLE_BASE_REF="main", WHITTLE_FAIL_ON="never")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        written = os.path.join(self.work, "whittle-check")
        self.assertEqual(sorted(os.listdir(written)), ["comment.md", "verdict", "whittle.sarif"])
        # What an earlier run left is no answer of this one.
        self.assertEqual(self.plain("nowhere.json").returncode, 3)
        self.assertEqual(sorted(os.listdir(written)), ["comment.md", "verdict"])
        # Nothing here is a repository of git: files can be checked, and not compared.
        elsewhere = os.path.join(self.folder, "plain")
        os.makedirs(elsewhere)
        shutil.copy(os.path.join(self.work, "web.json"), elsewhere)
        self.assertEqual(self.plain("web.json", folder=elsewhere, WHITTLE_FAIL_ON="never").returncode, 0)
        ran = self.plain("web.json", folder=elsewhere, WHITTLE_BASE_REF="main")
        self.assertEqual(ran.returncode, 4)
        self.assertIn(b"not a git repository", ran.stderr)


class Failures(InRepository):
    def test_what_cannot_be_read_is_no_finding(self):
        self.evidence("good.evidence.json", "read")
        self.branches({"readme": "x"}, {"web.json": open_but("keyctl"), "broken.json": "{", "broken.evidence.json": "{"})
        ran = self.check(profile="web.json\nbroken.json", evidence="good.evidence.json", fail_on="never")
        self.assertEqual((ran.code, ran.verdict), (3, "error"), ran.log)
        self.assertIn("`whittle verify` could not answer (exit code 3): <code>error&#58; ", ran.comment)
        self.assertIn(("json-syntax", "broken.json"), ran.results("lint"))
        self.assertRegex(ran.comment, r"web.json</code> \|[^|]*\| would work \|")
        ran = self.check(profile="web.json", evidence="broken.evidence.json", fail_on="never")
        self.assertEqual(ran.code, 3)

    def test_a_verb_that_fails(self):
        """The worst code is the answer, and what the other verbs found is still told."""
        self.evidence("e.json", "read")
        self.branches({"web.json": open_but("keyctl", "bpf")}, {"web.json": open_but("keyctl")})
        program = os.path.join(self.folder, "whittle")
        for code in (4, 5, 139):
            with open(program, "w", encoding="utf-8") as text:
                text.write(f'#!/bin/sh\nif [ "$1" = verify ]; then echo "error: none here" >&2; exit {code}; fi\nexec "{WHITTLE}" "$@"\n')
            os.chmod(program, 0o755)
            ran = self.act(whittle=program, profile="web.json", evidence="e.json", fail_on="never")
            self.assertEqual((ran.code, ran.verdict), (min(code, 5), "error"), ran.log)
            self.assertIn(f"exit code {code}): <code>error&#58; none here</code>", ran.comment)
            self.assertEqual(ran.results("diff"), [("behaviour/looser", "web.json")])
            # One that fails at the base, too, opens no gate.
            for verb in ("diff", "simulate", "lint"):
                with open(program, "w", encoding="utf-8") as text:
                    text.write(f'#!/bin/sh\nif [ "$1" = {verb} ]; then echo "error: none here" >&2; exit {code}; fi\nexec "{WHITTLE}" "$@"\n')
                ran = self.act(whittle=program, profile="web.json", evidence="e.json", fail_on="never")
                self.assertEqual((ran.code, ran.verdict), (min(code, 5), "error"), ran.log)
                self.assertIn(f"`whittle {verb}` could not answer (exit code {code}): <code>error&#58; none here</code>", ran.comment)
                self.assertNotIn("is no profile", ran.comment)

    def test_the_program(self):
        self.branches({"web.json": open_but("keyctl")}, {"readme": "x"})
        self.assertNotEqual(self.act(whittle="/nowhere/whittle", profile="web.json").code, 0)
        binaries = os.path.join(self.folder, "bin")
        os.makedirs(binaries)
        os.symlink(WHITTLE, os.path.join(binaries, "whittle"))
        ran = self.act(profile="web.json", fail_on="never", path=binaries + ":" + self.environment["PATH"])
        self.assertEqual(ran.code, 0, ran.log)
        # One that is named from the workspace.
        shutil.copy(os.path.join(binaries, "whittle"), os.path.join(self.work, "w"))
        os.makedirs(os.path.join(self.work, "sub"))
        ran = self.act(whittle="./w", working_directory="sub", profile="../web.json", fail_on="never")
        self.assertEqual(ran.code, 0, ran.log)

    def test_undecided_is_never_well(self):
        def pairs(seed):
            rules = [{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "args": [{"index": (n + seed) % 6, "op": "SCMP_CMP_EQ", "value": (seed + n) * 2654435761},
                                                                             {"index": (n * n + 3 * seed + 1 + n) % 6, "op": "SCMP_CMP_EQ", "value": n * 40503 + seed}]}
                     for n in range(90)]
            return profile("read", rules=[rule for rule in rules if rule["args"][0]["index"] != rule["args"][1]["index"]])
        self.branches({"web.json": pairs(1)}, {"web.json": pairs(2)})
        ran = self.check(profile="web.json", fail_on="never")
        self.assertEqual(ran.code, 1, ran.log)


if __name__ == "__main__":
    sys.argv[1:2] = []
    unittest.main()
