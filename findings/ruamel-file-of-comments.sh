#!/usr/bin/env bash
# ruamel.yaml: a round trip of a file that holds nothing but comments
#
# One would guess: the round-trip loader is there to keep comments, so loading such a file and
# dumping it again writes the same bytes.
# What happens: the loader answers None, because the document is empty. None has no place for
# comments, and the dump is `null` with an end-of-document marker. Every comment is gone, and no
# error is raised. A file with one key, or with an empty `{}` after the comments, is kept whole.
# Source: seen by running; the library's documentation promises the preservation of comments for
# mappings and sequences, and says nothing of documents without content.
# What follows: who edits settings files with it must treat None by itself (write the old text and
# the new key), since a fresh settings file is often just the commented list of what may be set.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ruamel.yaml==0.19.1

cat > "$folder/trip.py" <<'PYTHON'
import io

import ruamel.yaml

yaml = ruamel.yaml.YAML()


def trip(text: str) -> str:
    written = io.StringIO()
    yaml.dump(yaml.load(text), written)
    return written.getvalue()


comments = "# no setting yet\n# port: 8080\n"
seen = {text: trip(text) for text in (comments, comments + "{}\n", comments + "port: 80\n")}
print("ruamel.yaml", ruamel.yaml.__version__)
for before, after in seen.items():
    print(f"{before!r} -> {after!r}")

assert seen.pop(comments) == "null\n...\n", "comments alone are written another way now"
assert all(before == after for before, after in seen.items()), "comments beside content are lost"
PYTHON

"$folder/venv/bin/python" "$folder/trip.py"
