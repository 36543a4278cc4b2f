#!/usr/bin/env python3
"""data/libseccomp.csv -> rows of {"name", since, {number per ABI}}; since: 0xMMmmpp, 0 never; -1: as data/syscalls.csv,
-2: the ABI lacks the call."""
import csv
import sys

source, out = sys.argv[1:]
with open(source) as file:
    rows = list(csv.reader(line for line in file if not line.startswith("#")))
names = [row[0] for row in rows[1:]]
assert names == sorted(set(names)), f"{source}: names must be sorted and unique"
with open(out, "w") as file:
    for name, since, *cells in rows[1:]:
        major, minor, patch = map(int, since.split(".")) if since else (0, 0, 0)
        numbers = ", ".join({"": "-1", "-": "-2"}.get(cell, cell) for cell in cells)
        file.write(f'{{"{name}", {{{major}, {minor}, {patch}}}, {{{numbers}}}}},\n')
