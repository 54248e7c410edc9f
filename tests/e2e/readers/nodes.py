#!/usr/bin/env python3
"""The node of a file as something else would have left it.

  nodes.py renumbered NODE.yaml    the same, started again: other process numbers
  nodes.py hostile NODE.yaml       names and values are made to deceive whoever prints them
"""
import json
import sys

# Terminal sequences, reversed text direction, XML, a forged line, and the ends of a CDATA section and a comment.
HOSTILE = "\x1b[2J\u202egnp.exe ]]></failure></testcase><testcase name='9.9.9 forged'/> <!-- -- & \"q\" \n== 9.9.9\t\u2028"

command, path = sys.argv[1:]
text = open(path, encoding="utf-8").read()


def once(old, new):
    global text
    if old not in text:
        sys.exit(f"{path}: no {old!r}")
    text = text.replace(old, new, 1)


if command == "renumbered":
    once("processes:\n", "processes:\n" + "- argv: [/usr/bin/sleep, '1000']\n" * 321)
elif command == "hostile":
    # JSON strings are valid YAML.
    once("hostname: bad1\n", f"hostname: {json.dumps('bad1 ' + HOSTILE)}\n")
    text = text.replace("  - --profiling=true\n", f"  - {json.dumps('--profiling=' + HOSTILE)}\n")
else:
    sys.exit(__doc__)
print(text, end="")
