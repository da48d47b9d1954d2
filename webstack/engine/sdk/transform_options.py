"""Converts the options of a registration to the form that transforms see, and back."""

from __future__ import annotations

from typing import Any, Final

from pulumi.runtime.proto import alias_pb2, resource_pb2

# Field of the options, and of the registration.
_TEXTS: Final = (
    ("import", "importId"),
    ("version", "version"),
    ("provider", "provider"),
    ("plugin_download_url", "pluginDownloadURL"),
    ("deleted_with", "deletedWith"),
)
_LISTS: Final = (
    ("ignore_changes", "ignoreChanges"),
    ("replace_on_changes", "replaceOnChanges"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
    ("hide_diff", "hideDiffs"),
    ("replace_with", "replace_with"),
)
_OPTIONAL: Final = (("protect", "protect"), ("retain_on_delete", "retainOnDelete"))
_MESSAGES: Final = (
    ("custom_timeouts", "customTimeouts"),
    ("hooks", "hooks"),
    ("replacement_trigger", "replacement_trigger"),
)


def of(request: Any) -> Any:
    """Return the options of a registration."""
    options = resource_pb2.TransformResourceOptions(depends_on=request.dependencies)
    for theirs, ours in _TEXTS:
        setattr(options, theirs, getattr(request, ours))
    for theirs, ours in _LISTS:
        getattr(options, theirs)[:] = getattr(request, ours)
    for theirs, ours in _OPTIONAL:
        if request.HasField(ours):
            setattr(options, theirs, getattr(request, ours))
    for theirs, ours in _MESSAGES:
        if request.HasField(ours):
            getattr(options, theirs).CopyFrom(getattr(request, ours))
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        options.delete_before_replace = request.deleteBeforeReplace
    options.aliases.extend(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)
    options.aliases.extend(request.aliases)
    options.providers.update(request.providers)
    return options


def put(options: Any, request: Any) -> None:
    """Set the options of a registration, except its dependencies, which the caller sets."""
    for theirs, ours in _TEXTS:
        setattr(request, ours, getattr(options, theirs))
    for theirs, ours in _LISTS:
        getattr(request, ours)[:] = getattr(options, theirs)
    for theirs, ours in _OPTIONAL:
        request.ClearField(ours)
        if options.HasField(theirs):
            setattr(request, ours, getattr(options, theirs))
    for theirs, ours in _MESSAGES:
        request.ClearField(ours)
        if options.HasField(theirs):
            getattr(request, ours).CopyFrom(getattr(options, theirs))
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace
    request.ClearField("aliasURNs")
    request.ClearField("aliases")
    request.aliases.extend(options.aliases)
    request.providers.clear()
    request.providers.update(options.providers)
