"""Where pages find their static files: the built ones of the image, or the sources."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, url_for

from notes.hashed import files_in
from webstack_service.environment import Environment

SOURCE = Path(__file__).parent / "static"


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
