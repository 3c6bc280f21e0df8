#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""uncovered.py COVERAGE_JSON: lines that were never reached, from gcovr's report, by function."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as report:
    files = json.load(report)["files"]

for entry in sorted(files, key=lambda entry: entry["file"]):
    missed = [line["line_number"] for line in entry["lines"]
              if not line["count"] and not line.get("gcovr/noncode")]
    if not missed:
        continue
    with open(entry["file"], encoding="utf-8") as source:
        text = source.read().splitlines()
    functions = sorted((f["lineno"], f["name"]) for f in entry["functions"])
    shown = None
    for number in missed:
        names = [name for first, name in functions if first <= number]
        name = names[-1] if names else "-"
        if name != shown:
            print(f"{entry['file']}: {name}()")
            shown = name
        print(f"  {number:5} {text[number - 1].strip()}")
