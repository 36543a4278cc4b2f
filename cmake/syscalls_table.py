#!/usr/bin/env python3
"""data/syscalls.csv -> rows of {"name", {number per ABI in the order of the header}}; -1: the ABI lacks the call."""
import csv
import sys

source, out = sys.argv[1:]
with open(source) as file:
    rows = list(csv.reader(line for line in file if not line.startswith("#")))
header, calls = rows[0], rows[1:]
names = [call[0] for call in calls]
assert names == sorted(set(names)), f"{source}: names must be sorted and unique"
for column, abi in enumerate(header[1:], 1):
    numbers = [call[column] for call in calls if call[column]]
    assert len(numbers) == len(set(numbers)), f"{source}: a number stands twice for {abi}"
with open(out, "w") as file:
    for call in calls:
        numbers = ", ".join(number or "-1" for number in call[1:])
        file.write(f'{{"{call[0]}", {{{numbers}}}}},\n')
