"""Finds what has changed since a plan was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from webstack.cli.plans.plan import PlannedStep, SavedPlan


def moved(saved: SavedPlan, now: SavedPlan) -> Iterator[str]:
    """Name what is not as it was when the plan was made, causes before their consequences."""
    for what, before, after in (
        ("project", saved.project, now.project),
        ("stack", saved.stack, now.stack),
    ):
        if before != after:
            yield f"it is for the {what} {before or '(none)'}, this is {after}"
            return
    if saved.targets != now.targets:
        yield f"it was made with other targets ({', '.join(saved.targets) or 'none'})"
    if saved.loss_allowed != now.loss_allowed:
        words = "with" if saved.loss_allowed else "without"
        yield f"it was made {words} --allow-data-loss"
    causes = [
        *_apart("the program: ", saved.program, now.program),
        *_apart("the setting ", saved.settings, now.settings),
        *_images(saved.images, now.images),
        *_apart("the state of ", saved.state, now.state),
    ]
    yield from causes or _steps(saved.steps, now.steps)


def _apart(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Sort what came or went first: it is the cause where others changed with it."""
    in_both = before.keys() & after.keys()
    for key in sorted(before.keys() | after.keys(), key=lambda key: (key in in_both, key)):
        if before.get(key) != after.get(key):
            how = "is new" if key not in before else "is gone" if key not in after else "changed"
            yield f"{what}{_name(key)} {how}"


def _images(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, "as it is"), after.get(name, "as it is")
        if old != new:
            yield f"the image of {name} would be {new}, planned was {old}"


def _steps(before: Iterable[PlannedStep], after: Iterable[PlannedStep]) -> Iterator[str]:
    planned, found = set(before), set(after)
    for step in sorted(found - planned):
        yield f"not planned was: {step.op} {_name(step.urn)}"
    for step in sorted(planned - found):
        yield f"no longer to do is: {step.op} {_name(step.urn)}"


def _name(key: str) -> str:
    """Name a key: of a URN give the kind and the name."""
    if not key.startswith("urn:"):
        return key
    kind, _, name = key.split("::", 2)[2].partition("::")
    return f"{kind.rpartition('$')[2].rpartition(':')[2]} {name}"
