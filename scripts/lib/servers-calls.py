"""Calls for `whittle simulate --calls`: numbers 0-600 on three ABIs, each with every vector of a table of arguments.

Usage: servers-calls.py PROFILE. The table: none, all bits, small numbers, the high halves only, and what lies at and around each
constant of the profile's conditions, the single bits of masks among it.
"""
import json
import sys

ALL = (1 << 64) - 1
vectors = {(0,) * 6, (ALL,) * 6, (1, 2, 3, 4, 5, 6), (1 << 32,) * 6, (0xFFFFFFFF,) * 6, (0xFFFFFFFF00000000,) * 6, (1 << 63,) * 6}

for rule in json.load(open(sys.argv[1]))["syscalls"]:
    for condition in rule.get("args", []):
        values = {condition["value"], condition.get("valueTwo", 0)}
        values |= {1 << bit for bit in range(64) if condition["value"] >> bit & 1}
        around = {near & ALL for value in values for near in (value - 1, value, value + 1, ~value, value | 1 << 32, value | 17)}
        for other in (0, ALL):
            for value in around:
                vector = [other] * 6
                vector[condition["index"]] = value
                vectors.add(tuple(vector))

for abi in ("x86_64", "i386", "x32"):
    for number in range(601):
        for vector in sorted(vectors):
            print(f"{abi} #{number}({', '.join(map(hex, vector))})")
