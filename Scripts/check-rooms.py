#!/usr/bin/env python3
"""Checks that the rooms of each module use each other in one direction only.

usage: Scripts/check-rooms.py [--paths] [--start FILE] [--root FOLDER]

ARCHITECTURE.md lists the rooms of each module from low to high, one line per module:

    - **MaskAudit**: Text, Errors, Plans, Inputs

A room is a folder of Sources/MODULE. A file may use what its own room declares and what the rooms before it in that list
declare, never what a room after it declares. The check reads the sources as text, without comments and string literals.
What a file declares are its types, its free functions, and the members of its extensions of types that another file
declares; what it uses are the names of those that occur in it. Names that two files declare are left out.

--paths         prints every use between rooms, not only the forbidden ones
--start FILE    prints the files that FILE leads to, which is how many files one opens to follow it
--root FOLDER   the tree to read, this one by default

Prints files, types, lines and the largest cycle of files per module. Exits 1 where a room uses a later one, or where a
folder or a room of the list lacks its partner.
"""

import argparse
import pathlib
import re
import sys
from collections import defaultdict

TYPE = re.compile(r"^(?:[\w@()]+ )*(?:struct|class|enum|protocol|actor|typealias) (\w+)", re.M)
NESTED = re.compile(r"^ +(?:[\w@()]+ )*(?:struct|class|enum|protocol|actor) (\w+)", re.M)
FUNCTION = re.compile(r"^(?:(?!private|fileprivate)[\w@()]+ )*func (\w+)", re.M)
EXTENSION = re.compile(r"^(?:\w+ )*extension ([\w.]+)", re.M)
MEMBER = re.compile(r"^    (?:(?!private|fileprivate)[\w@()]+ )*(?:func|var|let|static func|static var) (\w+)", re.M)
NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*\b")


def code(text):
    """The source without comments and without the text of string literals; interpolations are kept."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r'"""(.*?)"""', lambda m: '"' + " ".join(re.findall(r"\\\(([^)]*)\)", m[1])) + '"', text, flags=re.S)
    return re.sub(r'"((?:[^"\\\n]|\\.)*)"', lambda m: '"' + " ".join(re.findall(r"\\\(([^)]*)\)", m[1])) + '"', text)


def rooms_of(architecture):
    """The rooms of each module in order, as ARCHITECTURE.md lists them."""
    rooms = {}
    for line in architecture.read_text().splitlines():
        found = re.match(r"- \*\*(\w+)\*\*: (.+)", line)
        if found:
            rooms[found[1]] = [room.strip(" .") for room in found[2].split(",")]
    return rooms


class Module:
    """The files of one module, what each declares, and which files each one uses."""

    def __init__(self, folder):
        self.files = {path: code(path.read_text()) for path in sorted(folder.rglob("*.swift"))}
        self.folder = folder
        self.types = 0
        homes = defaultdict(set)
        self.functions = set()
        members = defaultdict(set)
        for path, text in self.files.items():
            declared = TYPE.findall(text)
            self.types += len(declared) + len(NESTED.findall(text))
            self.functions.update(FUNCTION.findall(text))
            for name in declared + FUNCTION.findall(text):
                homes[name].add(path)
        for path, text in self.files.items():
            for part in re.split(r"(?m)^(?=\S)", text):
                extended = EXTENSION.match(part)
                home = homes.get(extended[1].split(".")[0]) if extended else None
                if home and path not in home:
                    for name in MEMBER.findall(part):
                        members[name].add(path)
            # A member that a type declares too cannot be told from that type's.
        declared_members = defaultdict(int)
        for text in self.files.values():
            for name in set(re.findall(r"(?m)^\s+(?:[\w@()]+ )*(?:func|var|let|case) (\w+)", text)):
                declared_members[name] += 1
        self.homes = {name: next(iter(paths)) for name, paths in homes.items() if len(paths) == 1}
        self.members = {
            name: next(iter(paths)) for name, paths in members.items()
            if len(paths) == 1 and declared_members[name] == 1 and name not in self.homes
        }
        self.uses = {path: self.used(path, text) for path, text in self.files.items()}

    def used(self, path, text):
        uses = defaultdict(set)
        called = set(re.findall(r"(?<![.\w])(\w+)\(", text)) | set(re.findall(r"\((\w+)\)", text))
        for name in set(NAME.findall(text)):
            home = self.homes.get(name)
            # A free function may share its name with variables: only calls count, and where it is handed over alone.
            if home and home != path and (name not in self.functions or name in called):
                uses[home].add(name)
        for name in set(re.findall(r"\.(\w+)", text)):
            home = self.members.get(name)
            if home and home != path:
                uses[home].add("." + name)
        return uses

    def room(self, path):
        parts = path.relative_to(self.folder).parts
        return parts[0] if len(parts) > 1 else None

    def largest_cycle(self):
        """The largest set of files each of which leads to all others (Tarjan)."""
        index, low, stack, on, best = {}, {}, [], set(), []
        sys.setrecursionlimit(10_000)

        def visit(at):
            index[at] = low[at] = len(index)
            stack.append(at)
            on.add(at)
            for to in self.uses[at]:
                if to not in index:
                    visit(to)
                    low[at] = min(low[at], low[to])
                elif to in on:
                    low[at] = min(low[at], index[to])
            if low[at] == index[at]:
                cycle = []
                while not cycle or cycle[-1] != at:
                    cycle.append(stack.pop())
                    on.discard(cycle[-1])
                if len(cycle) > len(best):
                    best[:] = cycle

        for path in self.files:
            if path not in index:
                visit(path)
        return best

    def reached(self, start):
        seen, waiting = {start}, [start]
        while waiting:
            for to in self.uses[waiting.pop()]:
                if to not in seen:
                    seen.add(to)
                    waiting.append(to)
        return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", action="store_true")
    parser.add_argument("--start")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parent.parent, type=pathlib.Path)
    arguments = parser.parse_args()
    root = arguments.root
    faults = []
    for name, order in rooms_of(root / "ARCHITECTURE.md").items():
        module = Module(root / "Sources" / name)
        folders = {module.room(path) for path in module.files} - {None}
        faults += [f"{name}: ARCHITECTURE.md has no room {room}" for room in sorted(folders - set(order))]
        faults += [f"{name}: there is no folder {room}" for room in order if room not in folders]
        for path, uses in module.uses.items():
            own = module.room(path)
            for home, names in sorted(uses.items()):
                other = module.room(home)
                if own == other or own not in order or other not in order:
                    continue
                line = f"{path.relative_to(root)} uses {home.relative_to(root)}: {', '.join(sorted(names))}"
                if order.index(other) > order.index(own):
                    faults.append(line)
                elif arguments.paths:
                    print(line)
        if arguments.start:
            start = root / arguments.start
            if start in module.files:
                reached = module.reached(start)
                print(f"{arguments.start} leads to {len(reached)} files of {name}")
        lines = sum(len(path.read_text().splitlines()) for path in module.files)
        cycle = module.largest_cycle()
        print(
            f"{name}: {len(module.files)} files, {module.types} types, {lines} lines; "
            f"the largest cycle has {len(cycle)} files")
    for fault in faults:
        print(f"rooms: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
