"""How many calls each server makes, and how many Docker's default and our two levels leave open.

Usage: servers-table.py FOLDER NAME...; reads FOLDER/NAME/report-{runc,portable}.json, writes FOLDER/compared.tsv and prints
the table. The last line is the summary; exits 1 unless both of ours are below the default for all.
"""
import json
import sys

folder, names = sys.argv[1], sys.argv[2:]
rows = []
for name in names:
    strict, portable = (json.load(open(f"{folder}/{name}/report-{level}.json")) for level in ("runc", "portable"))
    rows.append((name, strict["made"], strict["docker_default"], strict["profile"]["open"], portable["profile"]["open"]))

head = ("server", "made", "default", "strict", "portable")
with open(f"{folder}/compared.tsv", "w") as out:
    for row in (head, *rows):
        out.write("\t".join(map(str, row)) + "\n")
for row in (head, *rows):
    print(f"{row[0]:<10}" + "".join(f"{cell:>10}" for cell in row[1:]))
print(f"open: Docker's default {rows[0][2]}, strict {min(r[3] for r in rows)}-{max(r[3] for r in rows)}, "
      f"portable {min(r[4] for r in rows)}-{max(r[4] for r in rows)}")
sys.exit(any(row[3] >= row[2] or row[4] >= row[2] for row in rows))
