#!/usr/bin/env python3
"""FILE... -> rows of {"name without suffix", R"(text)"}: files that travel inside the program."""
import pathlib
import sys

*sources, out = sys.argv[1:]
with open(out, "w") as file:
    for source in map(pathlib.Path, sources):
        text = source.read_text()
        assert ')whittle"' not in text
        # Compilers limit the length of one literal; adjacent ones are joined.
        pieces = [text[at:at + 8000] for at in range(0, len(text), 8000)]
        literals = "\n".join(f'R"whittle({piece})whittle"' for piece in pieces)
        file.write(f'{{"{source.stem}", {literals}}},\n')
