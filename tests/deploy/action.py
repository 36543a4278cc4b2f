#!/usr/bin/env python3
"""Tests of deploy/github-action, run as runner.py does.

    action.py WHITTLE [unittest's arguments]
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

import yaml

from action_files import Bases, Files  # noqa: F401, tests that are run with these
from runner import ACTION, DEPLOY, DESCRIPTION, GOLDEN, WHITTLE, InRepository, open_but, profile, read


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
