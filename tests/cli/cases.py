#!/usr/bin/env python3
"""The tables of verdicts under tests/cases, asked of the program as a user would ask it.

Usage: cases.py WHITTLE TABLE...   Last line: "214 answers, 0 wrong".
"""
import os, subprocess, sys, tempfile

whittle = os.path.realpath(sys.argv[1])
# What tables mean where they give no version (tests/unit/filter/cases_test.cc).
VERSIONS = {'docker': '20.10.24', 'podman': '20.10.24', 'oci': '20.10.24', 'runc': '1.1.5', 'crun': '1.1.5'}


def flags_of(target):
    loader, runtime, *rest = target.split()
    flags = []
    for flag, word in (('--loader', loader), ('--runtime', runtime)):
        name, _, version = word.partition(':')
        version = version or VERSIONS.get(name, '')
        flags += [flag, f'{name}:{version}' if version else name]
    values = dict(word.split('=', 1) for word in rest)
    return flags + ['--arch', values.get('arch', 'x86_64'), '--kernel', values.get('kernel', '6.1'),
                    '--cap', values.get('caps', '-'), '--libseccomp', values.get('libseccomp', '2.5.4')]


def cases(path):
    target, profiles, questions = '', [], []
    for number, line in enumerate(open(path), 1):
        line = line.rstrip('\n')
        if line.startswith(('target: ', 'case: ')) and questions:
            yield target, profiles, questions
            profiles, questions = [], []
        if line.startswith('target: '):
            target = line[8:]
        elif line.startswith('case: '):
            profiles = []
        elif line.startswith('profile: '):
            profiles.append(line[9:])
        elif line and not line.startswith('#'):
            question, answer = line.split(' => ')
            questions.append((number, question, answer))
    if questions:
        yield target, profiles, questions


answers = wrong = 0
with tempfile.TemporaryDirectory() as folder:
    for table in map(os.path.realpath, sys.argv[2:]):
        for target, profiles, questions in cases(table):
            names = []
            for i, profile in enumerate(profiles):
                names.append(os.path.join(folder, f'{i}.json'))
                open(names[-1], 'w').write(profile)
            source = names[0] if len(names) == 1 else 'stack=' + ','.join(names)
            calls = os.path.join(folder, 'calls.txt')
            open(calls, 'w').write(''.join(question + '\n' for _, question, _ in questions))
            run = subprocess.run([whittle, 'simulate', source, '--calls', calls, *flags_of(target)],
                                 capture_output=True, text=True)
            got = run.stdout.splitlines()
            got += [run.stderr.strip()] * (len(questions) - len(got))
            for (number, question, answer), verdict in zip(questions, got):
                answers += 1
                if verdict == answer:
                    continue
                wrong += 1
                print(f'FAULT: {os.path.basename(table)}:{number}: {question}: {verdict}, expected {answer}')
print(f'{answers} answers, {wrong} wrong')
sys.exit(0 if answers and not wrong else 1)
