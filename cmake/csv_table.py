#!/usr/bin/env python3
"""FILE.csv -> rows of {"cell", "cell", ...} in the order of the file; # lines and the header are left out."""
import csv
import json
import sys

source, out = sys.argv[1:]
with open(source) as file:
    rows = list(csv.reader(line for line in file if not line.startswith("#")))
assert all(len(row) == len(rows[0]) for row in rows), f"{source}: every row needs {len(rows[0])} cells"
with open(out, "w") as file:
    for row in rows[1:]:
        file.write("{" + ", ".join(json.dumps(cell) for cell in row) + "},\n")
