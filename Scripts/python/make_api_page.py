#!/usr/bin/env python3
"""Writes the manual's page of the Python functions from their docstrings.

usage: python3 Scripts/python/make_api_page.py          (make python-api; a test fails where the page differs)
"""
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any, Iterator, List, Set, Tuple

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "Sources" / "masklint" / "Documentation.docc" / "python-api.md"
INTRODUCTION = """\
# Python functions

All of these are in the package `masklint`, and `help(masklint)` shows the same text. [Python](python.md) says how to
install the package and what may be passed. N is the number of images, K of classes, H and W are height and width.

<!-- Written from the docstrings by Scripts/python/make_api_page.py; edit those. -->
"""
# Modules that are not in the package's own namespace, after whose functions they come.
MODULES = ("images", "dask")
WIDTH = 128
# Text in double backticks is code already; in single ones it names another entry of the page.
REFERENCE = re.compile(r"(?<!`)`([A-Za-z_]+)`(?!`)")


def page() -> str:
    """The whole page."""
    sys.path.insert(0, str(HERE))
    import masklint

    names = [name for name in masklint.__all__ if not inspect.ismodule(getattr(masklint, name))]
    first = getattr(masklint, names[0])
    shared = set(fields(dict(sections(inspect.getdoc(first) or ""))["Parameters"]))
    lines = [INTRODUCTION]
    for name in names:
        value = getattr(masklint, name)
        lines += entry(name, name, value, names, set() if value is first else shared)
    for module in MODULES:
        found = importlib.import_module(f"masklint.{module}")
        for name in found.__all__:
            lines += entry(f"masklint.{module}.{name}", f"{module}.{name}", getattr(found, name), names, shared)
    return "\n".join(lines)


def entry(heading: str, name: str, value: Any, names: List[str], shared: Set[Tuple[str, str]]) -> Iterator[str]:
    """The lines of a function or class; parameters in `shared` are left to the page's first function."""
    yield f"## {heading}\n"
    if inspect.isfunction(value):
        yield f"```python\n{signature(name, value)}\n```\n"
    for title, text in sections(inspect.getdoc(value) or ""):
        if title:
            yield f"**{title}**\n"
        if title == "Examples":
            shown = text.replace("  # doctest: +SKIP", "")
            yield f"```python\n{shown}\n```\n"
        elif title:
            found = list(fields(text))
            yield from (bullet(kind, meaning, names) for kind, meaning in found if (kind, meaning) not in shared)
            if not shared.isdisjoint(found):
                yield f"- the other keywords: as for [`{names[0]}`](#{names[0]})"
            yield ""
        else:
            yield "\n\n".join(wrapped(linked(part, names), "", "") for part in re.split(r"\n\s*\n", text)) + "\n"


def sections(text: str) -> Iterator[Tuple[str, str]]:
    """Titles and texts of a docstring; that before the first title has none."""
    parts = re.split(r"(?m)^([A-Z][a-z]+)\n-+\n", text)
    yield "", parts[0].strip()
    for title, body in zip(parts[1::2], parts[2::2]):
        yield title, body.strip("\n")


def fields(text: str) -> Iterator[Tuple[str, str]]:
    """Entries of a section: the line that is not indented, and the lines below it as one."""
    for block in re.findall(r"(?m)^(\S.*\n?(?:(?:    .*)?(?:\n|$))*)", text):
        lines = [line.strip() for line in block.strip().splitlines()]
        yield lines[0], " ".join(lines[1:])


def bullet(kind: str, meaning: str, names: List[str]) -> str:
    """An entry as an item of a list."""
    name, colon, values = kind.partition(" : ")
    head = f"`{name}` ({values})" if colon else f"`{name}`"
    return wrapped(f"{head}: {linked(meaning, names)}" if meaning else head, "- ", "  ")


def linked(text: str, names: List[str]) -> str:
    """The text with references to other entries of the page as links, and code as Markdown has it."""
    def link(found: "re.Match[str]") -> str:
        return f"[`{found[1]}`](#{found[1]})" if found[1] in names else found[0]

    return REFERENCE.sub(link, text).replace("``", "`")


def wrapped(text: str, first: str, rest: str) -> str:
    """The text in lines that are not broken inside code or links."""
    lines, line = [], first
    for word in re.findall(r"(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+", text):
        if len(line) + len(word) > WIDTH and line.strip() not in ("", "-"):
            lines.append(line.rstrip())
            line = rest
        line += word + " "
    return "\n".join([*lines, line.rstrip()])


def signature(name: str, function: Any) -> str:
    """The call with every keyword and its default, without types."""
    written: List[str] = []
    for parameter in inspect.signature(function).parameters.values():
        star = ("*" if parameter.kind is parameter.VAR_POSITIONAL else
                "**" if parameter.kind is parameter.VAR_KEYWORD else "")
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in "".join(written):
            written.append("*")
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        written.append(f"{star}{parameter.name}{default}")
    return wrapped(", ".join(written) + ")", f"masklint.{name}(", "    ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
