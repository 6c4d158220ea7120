#!/usr/bin/env python3
"""Checks that the rooms of each module are used in one direction.

usage: check-rooms.py [--paths] [--files]

ARCHITECTURE.md lists the rooms of each module from low to high, in lines such as

    - **MaskAudit**: Text, Errors, Plans, ...

A room is a folder of Sources/MODULE. A file may mention types and functions declared in its own room and in rooms that
stand before it in that list, never those of rooms after it. The check reads sources as text: which file declares a name
at top level (types, and free functions that are not private), and which file mentions it. --paths prints every mention that
breaks the order, --files also the largest cycle of files. Exits 1 where the order is broken or the list and the folders
differ.
"""
