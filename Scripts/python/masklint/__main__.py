"""The command `masklint`: becomes the binary, which thereby gets signals and gives its exit status itself."""
import os
import sys

from ._binary import find_binary


def main() -> None:
    """Runs the binary with this process's arguments. Does not return."""
    try:
        binary = find_binary()
    except FileNotFoundError as error:
        sys.exit(f"masklint: error: {error}")
    os.execv(binary, ["masklint", *sys.argv[1:]])


if __name__ == "__main__":
    main()
