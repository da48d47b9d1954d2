"""Static files under names that carry their content; the image's build runs this file by itself.

`python hashed.py SOURCE TARGET MANIFEST` builds: copies the files, and writes each one's new name
to the manifest. Style sheets may name other files by `url(...)`; scripts may not import each other.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath

# A file of ours: no scheme, no absolute path, no fragment of the same document.
REFERENCE = re.compile(r"""url\((["']?)(?![a-z]+:|[/#])([^"')?#]+)""")


def build(source: Path, target: Path) -> dict[str, str]:
    """Copy files to their hashed names; style sheets last, for they name the others."""
    names: dict[str, str] = {}
    for name in sorted(files_in(source), key=lambda name: (name.endswith(".css"), name)):
        content = (source / name).read_bytes()
        if name.endswith(".css"):
            content = point_to_hashed(content.decode(), name, names).encode()
        names[name] = hashed_name(name, content)
        copy = target / names[name]
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    return names


def hashed_name(name: str, content: bytes) -> str:
    """Put a hash of the content before the ending: `a/site.css` -> `a/site.0123456789ab.css`."""
    path = PurePosixPath(name)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))


def point_to_hashed(sheet: str, name: str, names: dict[str, str]) -> str:
    """Let a style sheet's references name the hashed files, relative to its own place."""
    folder = PurePosixPath(name).parent

    def replace(match: re.Match[str]) -> str:
        wanted = normpath(str(folder / match[2]))
        if wanted not in names:
            raise SystemExit(f"{name} names {match[2]}, which is no static file")
        hashed = PurePosixPath(match[2]).with_name(PurePosixPath(names[wanted]).name)
        return f"url({match[1]}{hashed}"

    return REFERENCE.sub(replace, sheet)


def files_in(folder: Path) -> list[str]:
    """List a folder's files, relative to it."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


if __name__ == "__main__":
    _source, _target, _manifest = (Path(argument) for argument in sys.argv[1:])
    _manifest.write_text(json.dumps(build(_source, _target), indent=1, sort_keys=True))
