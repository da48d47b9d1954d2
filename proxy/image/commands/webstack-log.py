#!/usr/bin/python3 -IS
"""webstack-log --last COUNT|--after PLACE [SECONDS]: print lines of the access log.

Before each stands the place after it, for the next time. With SECONDS lines are printed as they
come for so long: whoever asked may be gone without a word.
"""

import sys
from pathlib import Path

# Python is started without the script's folder on its path.
sys.path.append(str(Path(sys.argv[0]).resolve().parent))
from webstack_lines import Place, follow, last, lines  # type: ignore[import-not-found]


def main() -> None:
    """Print them."""
    _, how, where, *seconds = sys.argv
    place = last(int(where)) if how == "--last" else Place.of(where)
    found = follow(place, float(seconds[0])) if seconds else lines(place)
    try:
        for after, line in found:
            sys.stdout.buffer.write(b"%s %s" % (str(after).encode(), line))
            if seconds:
                sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main()
