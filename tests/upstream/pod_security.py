#!/usr/bin/env python3
"""Random pods, judged by whittle lint --pod-security and by Kubernetes' own admission: the same are refused, for the same reasons.

Usage: pod_security.py WHITTLE JUDGE SEED PODS   JUDGE: pod_security.go, built. Last line: "4800 comparisons, 2769 refused, 0 differ".
"""
import json, random, subprocess, sys

whittle, judge, seed, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
VERSIONS = ['v1.0', 'v1.18', 'v1.19', 'v1.24', 'v1.25', 'latest']
LISTS = ['initContainers', 'containers', 'ephemeralContainers']  # as admission walks them
POD = 'seccomp.security.alpha.kubernetes.io/pod'
CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
dice = random.Random(seed)


def context():
    kind = dice.random()
    if kind < 0.25:
        return {}
    if kind < 0.35:
        return {'securityContext': dice.choice([{}, {'seccompProfile': None}])}
    profile = {'type': dice.choice(['RuntimeDefault', 'RuntimeDefault', 'Localhost', 'Localhost', 'Unconfined', '', 'other'])}
    return {'securityContext': {'seccompProfile': dice.choice([profile, profile, profile, {}])}}


def random_pod(number):
    spec = context()
    for name in LISTS:
        if name == 'containers' or dice.random() < 0.3:
            spec[name] = [{'name': f'{name[0]}{i}', **context()} for i in range(dice.randint(1, 3))]
    if dice.random() < 0.3:
        spec['os'] = {'name': dice.choice(['windows', 'linux'])}
    values = ['runtime/default', 'docker/default', 'unconfined', 'localhost/a.json', 'localhost/', 'other', '']
    keys = [POD] + [CONTAINER + c['name'] for name in LISTS for c in spec.get(name, [])] + [CONTAINER + 'nobody']
    annotations = {key: dice.choice(values) for key in keys if dice.random() < 0.15}
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': f'p{number}', 'annotations': annotations}, 'spec': spec}


def found(pods, level, version):
    """The findings of each pod."""
    run = subprocess.run([whittle, 'lint', '-', '--json', '--pod-security', level, '--kubernetes-version', version],
                         input=json.dumps({'apiVersion': 'v1', 'kind': 'List', 'items': pods}), capture_output=True, text=True)
    by_pod = [[] for _ in pods]
    for finding in json.loads(run.stdout):
        if finding['rule'] == 'pod-security' and finding['severity'] == 'error':
            by_pod[int(finding['pointer'].split('/')[2])].append(finding)
    return by_pod


def quoted(words):
    return ', '.join(f'"{word}"' for word in words)


def reason(pod, findings):
    """What admission would say, were these its findings."""
    if not findings:
        return ''
    if '/annotations/' in findings[0]['pointer']:
        keys = sorted({finding['pointer'].split('/annotations/')[1].replace('~1', '/') for finding in findings})
        forbidden = [f'{key}={json.dumps(pod["metadata"]["annotations"][key])}' for key in keys]
        return f'forbidden annotation{"s" if len(keys) > 1 else ""} {", ".join(forbidden)}'
    setters, names, values = [], {}, set()
    for finding in findings:
        steps = finding['pointer'].split('/')[4:]
        holder = pod['spec']
        if steps[0] in LISTS:
            holder = pod['spec'][steps[0]][int(steps[1])]
            names[holder['name']] = (LISTS.index(steps[0]), int(steps[1]))
        else:
            setters.append('pod')
        values.add((holder.get('securityContext', {}).get('seccompProfile') or {}).get('type', ''))
    names = sorted(names, key=names.get)
    who = f'container{"s" if len(names) > 1 else ""} {quoted(names)}'
    if 'it has no seccompProfile' in findings[0]['message']:
        return f'pod or {who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    if names:
        setters.append(who)
    return f'{" and ".join(setters)} must not set securityContext.seccompProfile.type to {quoted(sorted(values))}'


comparisons = refused = differ = 0
for first in range(0, count, 8):  # of one rule lint shows a hundred
    pods = [random_pod(number) for number in range(first, min(first + 8, count))]
    judged = subprocess.run([judge, *VERSIONS], input=''.join(json.dumps(pod) + '\n' for pod in pods), capture_output=True,
                            text=True, check=True)
    truth = [json.loads(line) for line in judged.stdout.splitlines()]
    for level in 'baseline', 'restricted':
        for version in VERSIONS:
            for pod, findings, wanted in zip(pods, found(pods, level, version), truth):
                comparisons += 1
                refused += bool(findings)
                if reason(pod, findings) != wanted[f'{level} {version}']:
                    differ += 1
                    print(f'DIFFERS: {level} {version}: {json.dumps(pod)}\n  ours: {reason(pod, findings)}\n'
                          f'  upstream: {wanted[f"{level} {version}"]}')
print(f'{comparisons} comparisons, {refused} refused, {differ} differ')
sys.exit(differ > 0 or refused == 0)
