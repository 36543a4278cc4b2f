#!/usr/bin/env python3
"""Broken and hostile input to lint, import, convert, explain, recommend and profile: each gives an answer or one line of error that
names the file, with a documented exit code, in bounded time and memory; and a log that was cut or is no text is never evidence
that says it is complete.

Usage: bad_advice.py WHITTLE [--full] [--seconds S]
  --full       larger inputs, and cuts at more places; default: some of them
  --seconds S  also fails where a run takes more CPU time than that
Last line: "412 runs, 0 faults, slowest 0.42 s (NAME), largest 210 MB (NAME)".
"""
import glob, gzip, json, os, random, re, resource, subprocess, sys, tempfile

whittle = os.path.realpath(sys.argv[1])
full = '--full' in sys.argv
seconds = float(sys.argv[sys.argv.index('--seconds') + 1]) if '--seconds' in sys.argv else None
here = os.path.dirname(os.path.realpath(__file__))
memory = 1 << 30  # of address space
target = '--loader docker:20.10.24 --runtime runc:1.1.5 --arch x86_64 --kernel 6.1 --cap none'.split()
dice = random.Random(8)

# Those of which there is a table of inputs: all that there are.
FORMATS = sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(here, '../cases/import/*.txt')))
EXPORTS = ['docker', 'oci', 'spo', 'kubernetes', 'systemd', 'minijail', 'raw', 'c', 'go']
# What each verb may answer to a file that is not what it takes. 1 is lint's finding, and import's --strict.
LINT = [('lint', ['lint', 'FILE', *target], {1, 3})]
READERS = [
    ('explain', ['explain', './FILE', *target], {3}),
    ('recommend', ['recommend', 'FILE', *target], {3}),
    ('profile new', ['profile', 'new', '--from', 'FILE', '--remove', 'chmod', *target], {3}),
    ('profile intersect', ['profile', 'intersect', 'FILE', 'docker-default', *target], {3}),
    ('import', ['import', 'FILE', '-o', 'out.json'], {0, 3}),
]


def inputs():
    size = 10 if full else 1
    yield 'empty', b''
    yield 'a NUL byte', b'\0'
    yield 'NUL bytes', b'\0' * (1_000_000 * size)
    yield 'noise', dice.randbytes(1_000_000 * size)
    yield 'a program', open('/proc/self/exe', 'rb').read(2_000_000)
    yield 'compressed', gzip.compress(b'read(0) = 0\n' * 1000)
    yield 'UTF-16', 'defaultAction: SCMP_ACT_LOG\n'.encode('utf-16')
    yield 'a line without end', b'a' * (9_000_000 * size)
    yield 'quotes', b'"' * (2_000_000 * size)
    yield 'names of descriptors without end', b'7 read(' + b'1<' * (250_000 * size) + b'\n'
    yield 'brackets', b'(' * (2_000_000 * size)
    yield 'lists in lists', b'[' * (1_000_000 * size)
    yield 'lists in lists, YAML', b'- ' * 500_000
    yield 'objects in objects, YAML', b''.join(b' ' * i + b'a:\n' for i in range(2000))
    yield 'aliases of aliases', b'a: &a [x, x]\n' + b''.join(b'%c: &%c [%s]\n' % (98 + i, 98 + i, b', '.join([b'*%c' % (97 + i)] * 9)) for i in range(20))
    yield 'an anchor in itself', b'kind: SeccompProfile\nspec: &a\n  defaultAction: *a\n'
    yield 'empty lines', b'\n' * (1_000_000 * size)
    yield 'short lines', b'x\n' * (500_000 * size)
    yield 'a half object', b'kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_LOG\n  syscalls: [{names: [read'
    yield 'half a profile', b'{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["re'
    yield 'a control sequence', b'\x1b]0;owned\x07\x1b[31m' * 10
    inner = '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"comment": "Target: docker 20.10.24, runc 1.%d.0, x86_64. ", "names": ["clon%d"], "action": "SCMP_ACT_ALLOW"}]}'
    yield 'profiles without end in a ConfigMap', b'kind: ConfigMap\napiVersion: v1\ndata:\n' + b''.join(b"  p%d: '%s'\n" % (i, (inner % (i, i)).encode()) for i in range(20_000 * size))
    yield 'objects without end', b'---\nkind: SeccompProfile\napiVersion: v1\nspec: {defaultAction: SCMP_ACT_ERRNO}\n' * (10_000 * size)
    yield 'a NUL in a profile', b'{"defaultAction": "SCMP_ACT_LOG"}\0{"defaultAction": "SCMP_ACT_ALLOW"}'


def limit_memory():
    if bounded:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def run(words, **how):
    child = subprocess.Popen([whittle, *words], stdout=how.get('stdout', subprocess.DEVNULL), stderr=subprocess.PIPE,
                             stdin=how.get('stdin', subprocess.DEVNULL), preexec_fn=how.get('before', limit_memory))
    said = child.stderr.read().decode('utf-8', 'backslashreplace')
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


# A program under the address sanitizer reserves more than any bound.
bounded = True
bounded = run(['--version'])[0] == 0
runs, faults = 0, []
slowest, largest = (0, ''), (0, '')


def fault(label, text):
    faults.append(f'{label}: {text}')


def check(label, words, codes, names='', **how):
    global runs, slowest, largest
    code, said, used, megabytes = run(words, **how)
    runs += 1
    slowest, largest = max(slowest, (used, label)), max(largest, (megabytes, label))
    if code not in codes:
        fault(label, f'exit {code}, expected one of {sorted(codes)}: {said[-300:]}')
    errors = [line for line in said.splitlines() if line.startswith('error')]
    if code >= 2 and (len(errors) != 1 or names not in errors[0]):
        fault(label, f'not one line of error that names {names}: {said[:300]!r}')
    if len(said) > 60_000 or re.search('[\x00-\x08\x0b-\x1f]', said):
        fault(label, f'{len(said)} bytes, or control characters: {said[:200]!r}')
    if seconds is not None and used > seconds:
        fault(label, f'{used:.2f} s, the goal is {seconds}')
    return code, said


def check_content(name, content):
    with open('bad', 'wb') as file:
        file.write(content)
    for verb, words, codes in LINT + READERS:
        check(f'{verb}: {name}', [word.replace('FILE', 'bad') for word in words], codes, 'bad')
    for format in EXPORTS if full else dice.sample(EXPORTS, 3):
        check(f'convert to {format}: {name}', ['convert', 'bad', '--to', format, '-o', 'out', *target], {3}, 'bad')
    for format in FORMATS if full else dice.sample(FORMATS, 4):
        code, _ = check(f'import as {format}: {name}', ['import', 'bad', '--format', format, '-o', 'out.json'], {0, 3}, 'bad')
        # No more than white space and comments, or it is told.
        if code == 0 and content.strip() and not json.load(open('out.json'))['gaps']:
            fault(f'import as {format}: {name}', 'evidence without a gap')
    check(f'standard input: {name}', ['lint', '-', *target], {1, 3}, stdin=open('bad', 'rb'))


# Where a log is cut, the evidence says that something may be missing, and how much.
def check_cuts(format, text):
    with open('whole', 'wb') as file:
        file.write(text)
    if run(['import', 'whole', '--format', format, '-o', 'out.json'])[0] != 0:
        return
    places = sorted(dice.sample(range(1, len(text)), min(len(text) - 1, 120 if full else 12)))
    for at in places:
        label = f'import of {format}, cut at byte {at} of {len(text)}'
        with open('cut', 'wb') as file:
            file.write(text[:at])
        code, _ = check(label, ['import', 'cut', '--format', format, '-o', 'out.json'], {0, 3}, 'cut')
        if code != 0 or text[at - 1:at] == b'\n' or not text[:at].strip():
            continue
        evidence = json.load(open('out.json'))
        last = text[:at].splitlines()[-1].strip()
        if not evidence['gaps'] and not last.startswith(b'#') and last and format not in ('profile', 'systemd', 'minijail'):
            fault(label, f'evidence without a gap; it ends with {text[max(0, at - 60):at]!r}')


def samples():
    """Of each format the inputs of its table: what people's tools write."""
    for format in FORMATS:
        table = open(os.path.join(here, f'../cases/import/{format}.txt'), 'rb').read()
        parts = re.split(rb'^@@ ', table, flags=re.M)
        texts = [part.split(b'\n', 1)[1] for part in parts if part.startswith(b'input') and b'\n' in part]
        texts = [text for text in texts if 40 < len(text) < 20_000]
        for text in dice.sample(texts, min(len(texts), 12 if full else 3)):
            yield format, text


def check_files():
    os.mkdir('folder')
    open('good.json', 'w').write('{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}')
    open('good.log', 'w').write('read\nwrite\n')
    run(['import', 'good.log', '--format', 'calls', '-o', 'good.evidence.json'])
    cases = LINT + READERS + [(f'convert to {format}', ['convert', 'FILE', '--to', format, *target], {3}) for format in ('oci', 'kubernetes')]
    for verb, words, _ in cases:
        named = lambda file: [word.replace('./FILE', './' + file).replace('FILE', file) for word in words]
        check(f'{verb}: a folder', named('folder'), {3}, 'folder')
        check(f'{verb}: nothing there', named('missing.json'), {3}, 'missing.json')
        open('locked.json', 'w').write('{}')
        os.chmod('locked.json', 0)
        if os.getuid() == 0:
            check(f'{verb}: unreadable', named('locked.json'), {3}, 'locked.json', before=lambda: (limit_memory(), os.setgid(65534), os.setuid(65534)))
    # Where it cannot be written to, that is said, and nothing looks like success.
    writers = [['lint', 'good.json', '--json', *target], ['lint', 'good.json', *target], ['import', 'good.log', '--format', 'calls'],
               ['convert', 'good.json', '--to', 'oci', *target], ['explain', './good.json', *target], ['explain', 'read', *target],
               ['recommend', 'good.evidence.json', *target], ['profile', 'new', '--from', 'good.json', *target], ['profile', 'list']]
    for words in writers:
        label = ' '.join(words[:2])
        check(f'{label}: a full disk', words, {3, 4}, '', stdout=open('/dev/full', 'w'))
        ended, begun = os.pipe()
        os.close(ended)
        # Whoever reads has gone: the program ends as others do, or says so.
        check(f'{label}: nobody reads', words, {-13, 0, 1, 3, 4}, '', stdout=begun)
        os.close(begun)
    for words in (['import', 'good.log', '--format', 'calls'], ['convert', 'good.json', '--to', 'oci', *target],
                  ['profile', 'new', '--from', 'good.json', *target]):
        check(f'{words[0]}: -o a full disk', [*words, '-o', '/dev/full'], {3, 4}, '/dev/full')
        check(f'{words[0]}: -o a folder', [*words, '-o', 'folder'], {3, 4}, 'folder')
        check(f'{words[0]}: -o nowhere', [*words, '-o', 'no/where'], {3, 4}, 'no/where')


with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    os.chdir(folder)
    check_files()
    for name, content in inputs():
        check_content(name, content)
    for format, text in samples():
        check_cuts(format, text)
    os.chmod('locked.json', 0o600)
for text in faults:
    print('FAULT:', text)
print(f'{runs} runs, {len(faults)} faults, slowest {slowest[0]:.2f} s ({slowest[1]}), largest {largest[0]:.0f} MB ({largest[1]})')
sys.exit(1 if faults else 0)
