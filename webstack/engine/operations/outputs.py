"""Reads the outputs of a stack, without what runs programs."""

from __future__ import annotations

from typing import Any

from webstack.engine.model import urn as urns
from webstack.engine.model.values import shown
from webstack.engine.project.project import Project
from webstack.engine.project.stack import backend_of, open_stack, stack_name
from webstack.engine.storage import checkpoint
from webstack.engine.storage.checkpoint import CheckpointCodec


def outputs(project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
    """Return the stack's outputs; secret ones as ``[secret]`` unless they may be shown."""
    if show_secrets:
        opened = open_stack(project, stack)
        opened.verify_passphrase()
        snapshot = opened.load(opened.codec())
    else:
        backend, name = backend_of(project), stack_name(project, stack)
        with backend.located(name):
            snapshot = CheckpointCodec(None).decode(checkpoint.deployment_of(backend.read(name)))
    for resource in snapshot.resources:
        if resource.type == urns.STACK_TYPE and not resource.delete:
            return {
                key: shown(resource.outputs[key], secrets=show_secrets)
                for key in sorted(resource.outputs)
            }
    return {}
