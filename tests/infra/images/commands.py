"""Loads the commands of images, which are programs without the ending of a module."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

_IMAGES = Path(__file__).parents[3] / "infra/images"


def loaded(path: str) -> Any:
    """Load a command by its path below the images.

    An importer would leave its bytecode in the context of the image.
    """
    file = _IMAGES / path
    module = types.ModuleType(file.name.replace("-", "_"))
    sys.modules[module.__name__] = module
    exec(compile(file.read_text(), file, "exec"), module.__dict__)
    return module
