"""Static files under names that carry their content: built with the image, found by manifest.

`python -m notes.assets SOURCE TARGET MANIFEST` builds. Style sheets may name other files by
`url(...)`; scripts may not import each other.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from flask import Flask, url_for

from container.environment import Environment

SOURCE = Path(__file__).parent / "static"
# A file of ours: no scheme, no absolute path, no fragment of the same document.
REFERENCE = re.compile(r"""url\((["']?)(?![a-z]+:|[/#])([^"')?#]+)""")


@dataclass(frozen=True)
class Assets:
    """Where static files lie, and by which name each is served."""

    folder: Path
    names: dict[str, str]

    @classmethod
    def find(cls, environment: Environment) -> Assets:
        """Take the built files where the image has them, else the sources under their own names."""
        if environment.static_root and environment.static_manifest:
            names = json.loads(environment.static_manifest.read_text())
            return cls(environment.static_root, names)
        return cls(SOURCE, {name: name for name in files_in(SOURCE)})

    def init_app(self, app: Flask) -> None:
        """Give templates `asset('site.css')`, and the code `app.extensions["assets"]`."""
        app.jinja_env.globals["asset"] = self.url
        app.extensions["assets"] = self

    def url(self, name: str) -> str:
        """Make the link to a file, under the request's prefix."""
        return url_for("static", filename=self.names[name])


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
