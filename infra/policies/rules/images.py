"""Says where images may come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.policies import Declared, policy

_NAMED_BY = {
    "Container": "image",
    "Image": "imageName",
    "RemoteImage": "name",
    "RegistryImage": "name",
    "Tag": "targetImage",
}
_DIGEST = re.compile(r"(^|@)sha256:[0-9a-f]{64}\Z|\A[0-9a-f]{64}\Z")
_CONTENT_TAG = re.compile(r":[0-9a-f]{12,64}\Z")


@policy(fix="name it by digest (name@sha256:…), or build it under a tag that follows its content")
def pinned_image(resource: Declared) -> Iterator[str]:
    """Every image is named by its content: a digest, or a tag made from one."""
    name = resource.get(_NAMED_BY.get(resource.kind, ""))
    if not name or _DIGEST.search(name) or _CONTENT_TAG.search(name):
        return
    tag = name.rpartition("/")[2].partition(":")[2] or "latest"
    yield f"has the image {name}, and what :{tag} means may change at any time"
