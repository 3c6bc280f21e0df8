#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""documented_test.py: every error that ascdev.h documents is one that a test expects of that
function, and the other way round; prints TAP.

Tests that expect one say so in a macro, the error being its first argument:
EXPECT_EQ(-EINVAL, ascdev_buf_unmap(buf)).
"""

import re
import sys
from pathlib import Path

top = Path(__file__).parents[2]
# what tests call in the place of a function
HELPERS = {"open_error": "ascdev_open"}
# "as ascdev_open(), and", "what ascdev_wait() gives": its errors are documented there
AS_ANOTHER = re.compile(r"\b(?:as|what) (ascdev_\w+)\(\)")


def documented(header: str) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The errors of each function, and the functions whose errors it has besides."""
    errors, others = {}, {}
    for name, text in re.findall(r"/\*\*\n \* (ascdev_\w+) - (.*?)\*/", header, re.DOTALL):
        returns = text.partition("\n * Return:")[2].partition("\n * Context:")[0]
        errors[name] = set(re.findall(r"^ \* \* -(E\w+):", returns, re.MULTILINE))
        others[name] = set(AS_ANOTHER.findall(returns))
    return errors, others


def arguments(text: str) -> str:
    """From behind a parenthesis to where it closes."""
    depth = 1
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return text[:i]
    return text


def expected() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in [*top.glob("libascdev/tests/*.c"), *top.glob("selftests/*.c")]:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        for match in re.finditer(r"\b(?:EXPECT|ASSERT)_\w+\(-(E[A-Z0-9]+),", text):
            call = re.search(r"\b(ascdev_\w+|%s)\(" % "|".join(HELPERS),
                             arguments(text[match.end():]))
            if call:
                name = HELPERS.get(call[1], call[1])
                found.setdefault(name, set()).add(match[1])
    return found


def all_errors(name: str) -> set[str]:
    return errors[name].union(*(all_errors(other) for other in others[name]))


def result(ok: bool, name: str) -> None:
    global number, failed
    number += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} documented: {name}")


number = failed = 0
header = (top / "libascdev/ascdev.h").read_text()
errors, others = documented(header)
tested = expected()
lines = len(re.findall(r"^ \* \* -E", header, re.MULTILINE))
result(lines > 0 and lines == sum(map(len, errors.values())), f"{lines} errors of functions")
for name in sorted(errors):
    given = tested.get(name, set())
    missing, surplus = errors[name] - given, given - all_errors(name)
    if not errors[name] and not surplus:
        continue
    for words, which in (("no test expects", missing), ("not documented", surplus)):
        if which:
            print(f"# {words}: {' '.join(sorted(which))}")
    result(not missing and not surplus, f"errors of {name}")
print(f"1..{number}")
sys.exit(bool(failed))
