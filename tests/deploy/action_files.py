"""Which files the action looks at, and what it compares them with. Tests of action.py."""
import os
import re
import shutil
import subprocess
import unittest

from runner import DEPLOY, WHITTLE, InRepository, open_but, profile, read


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
