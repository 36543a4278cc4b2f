#!/usr/bin/env python3
"""Hostile and broken profiles: each gives an answer or one line of error, in bounded memory.

Usage: bad_profile.py WHITTLE [--full] [--seconds S]
  --full       inputs as large as in the acceptance (100 MB); default: a tenth or so
  --seconds S  also fails where a run takes more CPU time than that

Prints a line an input with --full, and as the last line the figures: "34 runs, slowest 0.42 s (NAME), largest 210 MB (NAME)".
"""
import json, os, re, resource, subprocess, sys, tempfile

whittle = os.path.realpath(sys.argv[1])
full = '--full' in sys.argv
seconds = float(sys.argv[sys.argv.index('--seconds') + 1]) if '--seconds' in sys.argv else None
many = 10 if full else 1
memory = 1 << 30  # of address space
target = ['--loader', 'docker', '--runtime', 'runc', '--arch', 'x86_64', '--kernel', '6.1', '--cap', 'none']

HEAD = '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":['
ALLOW = '"action":"SCMP_ACT_ALLOW"'
CALLS = ['read', 'write', 'openat', 'close', 'socket', 'semop', 'clone', 'mount', 'statx', 'futex_time64']


def sized(count):
    return count if full else count // 9  # more than 4,096 of each, which is a limit


def rules(count, one):
    return HEAD + ','.join(one(i) for i in range(count)) + ']}'


def condition(index, value, op='SCMP_CMP_EQ'):
    return '{"index":%d,"value":%d,"op":"%s"}' % (index, value, op)


def rule_with(*conditions, name='ioctl', action='SCMP_ACT_ALLOW'):
    return '{"names":["%s"],"action":"%s","args":[%s]}' % (name, action, ','.join(conditions))


# name: (text, exit code of simulate, what it says). Sizes: the larger ones are refused for their size, the others are read.
def inputs():
    plain = lambda i: '{"names":["%s"],%s}' % (CALLS[i % len(CALLS)], ALLOW)
    yield 'lists in lists', '[' * (10_000_000 * many), 3, 'larger than|nested deeper than 32'
    yield 'small lists in lists', '[' * 1_000_000, 3, r'p\.json:1:33: /0/0.*nested deeper than 32 levels'
    yield 'objects in objects', '{"a":' * 300_000, 3, r'/a/a/a.*nested deeper than 32 levels'
    yield 'a NUL byte behind the document', rules(1, plain) + '\0garbage', 3, r'p\.json:1:[0-9]+: /: not valid JSON: a NUL byte'
    yield 'NUL bytes', '\0' * 1_000_000, 3, 'no raw filter'
    yield 'rules, too large', rules(100_000 * many, plain), 3 if full else 0, 'larger than' if full else ''
    yield 'rules', rules(sized(80_000), plain), 0, ''
    yield 'rules that are redundant', rules(sized(80_000), lambda i: '{"names":["mount"],"action":"SCMP_ACT_ERRNO"}'), 0, ''
    yield 'rules for other targets', rules(
        sized(50_000), lambda i: '{"names":["mount"],%s,"includes":{"caps":["CAP_BPF"]}}' % ALLOW), 0, ''
    yield 'values beyond the limit', '[' + '0,' * 2_000_000 + '0]', 3, 'more than 1000000 values'
    yield 'conditions, too large', rules(
        1, lambda i: rule_with(*(condition(1, v) for v in range(100_000 * many)))), 3, 'larger than|at most 4096'
    yield 'conditions of one rule', rules(1, lambda i: rule_with(*(condition(1, v) for v in range(sized(60_000))))), 3, 'at most 4096'
    yield 'rules with a condition', rules(sized(40_000), lambda i: rule_with(condition(1, i))), 3, 'at most 4096'
    yield 'rules with the same conditions', rules(sized(60_000), lambda i: rule_with(condition(1, i % 7))), 0, ''
    yield 'rules with interlocking ranges', rules(
        20_000, lambda i: rule_with(condition(i % 3, i * 7919 % 100_003, ('SCMP_CMP_GE', 'SCMP_CMP_LT', 'SCMP_CMP_NE')[i % 3]),
                                    condition(3, i), action='SCMP_ACT_LOG')), 3, 'at most 4096'
    operators = ('NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ')
    yield 'rules that ask everything', rules(
        sized(4_000), lambda i: rule_with(*(condition(k, (i * 6 + k + 1) * 0x9e3779b97f4a7c15 % 2**64, 'SCMP_CMP_' + operators[(i + k) % 7])
                                            for k in range(6)))), 3, 'the filter would have [0-9]+ instructions'
    yield 'rules with companions', rules(
        20_000, lambda i: rule_with(condition(0, i % 500), condition(1, i // 500), name='socket')), 3, 'at most 4096'
    yield 'a long name', HEAD + '{"names":["%s"],%s}]}' % ('x' * (5_000_000 * many), ALLOW), 3 if full else 0, \
        'larger than' if full else 'no system call is named'
    yield 'a name that is just small enough', HEAD + '{"names":["%s"],%s}]}' % ('x' * 15_000_000, ALLOW), 0, 'no system call is named'
    yield 'a long member', '{"%s":1}' % ('x' * 15_000_000), 0, r"unknown member 'x+\.\.\.'"
    yield 'a text that does not end', HEAD + '{"names":["' + 'x' * 15_000_000, 3, r'/syscalls/0/names: not valid JSON'
    yield 'names', HEAD + '{"names":[%s],%s}]}' % (','.join('"%s"' % CALLS[i % 10] for i in range(sized(500_000))), ALLOW), 0, ''
    yield 'names that nobody knows', HEAD + '{"names":[%s],%s}]}' % (
        ','.join('"no_%d"' % i for i in range(sized(500_000))), ALLOW), 0, f'{sized(500_000) - 100} more names'
    yield 'members that nobody knows', '{"defaultAction":"SCMP_ACT_ERRNO"' + ''.join(',"m%d":1' % i for i in range(sized(500_000))) + '}', 0, 'more of the kind'
    yield 'a member given again and again', '{"defaultAction":"SCMP_ACT_ERRNO"' + ',"syscalls":[]' * sized(500_000) + '}', 0, 'given twice'
    yield 'architectures', '{"defaultAction":"SCMP_ACT_ERRNO","architectures":[%s]}' % ','.join(['"SCMP_ARCH_X86"'] * sized(500_000)), 0, ''
    yield 'archMap', '{"defaultAction":"SCMP_ACT_ERRNO","archMap":[%s]}' % ','.join(
        ['{"architecture":"SCMP_ARCH_ARM","subArchitectures":["SCMP_ARCH_X86"]}'] * sized(150_000)), 0, ''
    yield 'flags', '{"defaultAction":"SCMP_ACT_ERRNO","flags":[%s]}' % ','.join(['"SECCOMP_FILTER_FLAG_LOG"'] * sized(500_000)), 0, ''
    yield 'a huge number', '{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":%s}' % ('9' * 10_000_000), 3, '/defaultErrnoRet: '
    yield 'a huge exponent', '{"defaultErrnoRet":1e999999999}', 3, '/defaultErrnoRet: not valid JSON'
    yield 'an argument of 2^64', rules(1, lambda i: rule_with(condition(0, 1 << 64))), 3, '/syscalls/0/args/0/value must be|/syscalls/0/args/0/value: '
    yield 'not UTF-8', b'{"defaultAction":"SCMP_ACT_\xff"}', 3, r'p\.json:1:28: /defaultAction: not valid JSON'
    yield 'a surrogate alone', r'{"defaultAction":"\ud800"}', 3, '/defaultAction: not valid JSON'
    yield 'a byte order mark', b'\xef\xbb\xbf{}', 3, r'p\.json:1:1: .*byte order mark'
    yield 'UTF-16', '{}'.encode('utf-16'), 3, r'p\.json:1:1: .*byte order mark of UTF-16'
    yield 'a control character', '{"defaultAction":"SCMP\x07"}', 3, '/defaultAction: not valid JSON'
    yield 'comments', '{ // why\n"defaultAction":"SCMP_ACT_LOG"}', 3, r'p\.json:1:3: /: not valid JSON'


def run(words, name):
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.Popen([whittle, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                             preexec_fn=limit_memory)
    said = child.stderr.read().decode('utf-8', 'replace')
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def limit_memory():
    if bounded:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


# A program under the address sanitizer reserves more than any bound.
bounded = True
bounded = run(['--version'], '')[0] == 0

faults, runs = [], 0
slowest, largest = (0, ''), (0, '')
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name, text, code, says in inputs():
        with open('p.json', 'wb') as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        for words in (['simulate', 'p.json', 'read', *target], ['prove', 'p.json', 'p.json', *target],
                      ['resolve', 'p.json', '-o', 'out.json', *target]):
            got, said, used, megabytes = run(words, name)
            runs += 1
            label = f'{words[0]}: {name}'
            slowest, largest = max(slowest, (used, label)), max(largest, (megabytes, label))
            if full:
                print(f'{used:6.2f} s {megabytes:6.0f} MB  exit {got}  {label}: {said.strip().splitlines()[-1][:120] if said.strip() else ""}')
            if got != code:
                faults.append(f'{label}: exit {got}, expected {code}: {said[-300:]}')
            if words[0] == 'simulate' and not re.search(says, said):
                faults.append(f'{label}: {said[:300]!r} does not say {says!r}')
            if len(said) > 40_000 or (got >= 2 and len([l for l in said.splitlines() if l.startswith('error')]) != 1):
                faults.append(f'{label}: {len(said)} bytes of messages, not one line of error: {said[:200]!r}')
            if seconds is not None and used > seconds:
                faults.append(f'{label}: {used:.2f} s, the goal is {seconds}')
for fault in faults:
    print('FAULT:', fault)
print(f'{runs} runs, {len(faults)} faults, slowest {slowest[0]:.2f} s ({slowest[1]}), largest {largest[0]:.0f} MB ({largest[1]})')
sys.exit(1 if faults else 0)
