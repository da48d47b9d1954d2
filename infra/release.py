"""Declares the Release resource. Its create and update bring new containers live, and record it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, TypeVar

import msgspec
import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from infra.daemon.failures import ContainerError, DeploymentError, told_plainly
from infra.model import records
from infra.model.records import Origin, Record
from infra.model.rollout_plan import RolloutPlan, plan, whole
from infra.model.stack_spec import StackSpec
from infra.rollout.events import Timeline
from infra.rollout.ran_images import ran_images
from infra.rollout.rollout import Rollout
from infra.rollout.terminal import show
from infra.rollout.traffic.kept_files import all_files, missing, paths_of, restored
from infra.rollout.traffic.live_proxy import LiveProxy
from infra.runtime.running import running_containers
from proxy.syntax import OWN_WORDS
from webstack.contract import plain_text

_Raw = TypeVar("_Raw")
_Read = TypeVar("_Read")
_PLAN = tuple(field.name for field in msgspec.structs.fields(RolloutPlan))
_ORIGIN = tuple(field.name for field in msgspec.structs.fields(Origin))


class ReleaseProvider(ResourceProvider):
    """Compares what is declared, never code, and acts on the running containers."""

    serialize_as_secret_always = False  # the records are secret, the rest stays readable

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Report a change if the release does not run as it is declared.

        That is so if the declaration is another, if links lead elsewhere, or if files are gone.
        """
        return DiffResult(changes=_differs(olds, news) or not _in_force(olds, dict(news)))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Let nginx judge the project's own directives, already in a preview.

        If no nginx of the stack runs yet, the release itself lets nginx judge them.
        """
        return CheckResult(news, [*_misunderstood(_olds, news)])

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Give links, configuration and files as they are.

        If that cannot be found out, they are given as recorded.
        """
        try:
            rollout = Rollout(running_containers(), None, plan(props))
            release, gone = rollout.found(), missing(_records(props), rollout.files())
        except (ContainerError, msgspec.ValidationError):
            return ReadResult(id_, props)
        told = {"missing_files": gone} if gone or "missing_files" in props else {}
        return ReadResult(id_, {**props, **msgspec.to_builtins(release), **told})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Bring the stack's first release live."""
        with told_plainly():
            return CreateResult("release", _Step({}, props).taken())

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Bring the next release live, or repair the present one."""
        with told_plainly():
            return UpdateResult(_Step(olds, news).taken())


@dataclass(frozen=True)
class _Step:
    """Leads from the properties of the release before, if any, to those of the new one."""

    olds: dict[str, Any]
    news: dict[str, Any]

    def taken(self) -> dict[str, Any]:
        """Go live, and give what the state is to hold."""
        known = _records(self.olds)
        before = known[-1] if known else None
        new, old = plan(self.news), next(_readable(plan, [self.olds]), None)
        unchanged = new.unchanged(old)
        returning = self.news.get("rollback_of")
        static = records.static_files(known, unchanged, returning)
        gated = returning is None
        containers = running_containers()
        image_ids = ran_images(containers, new)
        timeline = Timeline(show)
        brought = Rollout(containers, old, new, static, gated, timeline).run()
        if self.olds.get("content") != self.news["content"]:
            known.append(self._record(before, unchanged, brought, image_ids))
        # How many are kept is no part of what comes back.
        keep = (self.news if gated else self.olds).get("keep", self.news["keep"])
        kept = records.newest(known, int(keep))
        kept = restored(containers, new.proxy, kept, paths_of(brought), timeline)
        return {
            **{key: value for key, value in self.news.items() if key not in ("record", "secrets")},
            "keep": keep,
            "number": kept[-1].number if kept else self.olds["number"],
            "history": [record.summary for record in kept],
            "records": [records.packed(record) for record in kept],
        }

    def _record(
        self,
        before: Record | None,
        unchanged: set[str],
        static: Mapping[str, tuple[str, ...]],
        image_ids: Mapping[str, str],
    ) -> Record:
        number = int(self.olds.get("number", 0)) + 1
        now = datetime.now(timezone.utc)  # no input: it tells when a release was done
        origin = msgspec.convert(
            whole({name: self.news[name] for name in _ORIGIN if name in self.news}), Origin
        )
        return Record(
            number=number,
            time=now.isoformat(timespec="seconds"),
            origin=msgspec.structs.replace(origin, first=origin.first or number),
            blueprint=records.unpacked_spec(self.news["record"]),
            static=static,
            secrets=records.in_force(before, unchanged, self.news.get("secrets") or {}),
            image_ids=image_ids,
        )


def _misunderstood(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[CheckFailure]:
    """Give what the running nginx does not understand in a configuration."""
    wanted, proxy = news.get("configuration"), olds.get("proxy")
    own = isinstance(wanted, str) and OWN_WORDS in wanted and wanted != olds.get("configuration")
    if not own or not isinstance(proxy, str):
        return
    try:
        containers = running_containers()
        if containers.status(proxy).status != "running":
            return
    except DeploymentError:
        return
    try:
        LiveProxy(containers, proxy).judge(str(wanted))
    except ContainerError as error:
        said = plain_text.line(" ".join(str(error).split()))
        yield CheckFailure("configuration", f"nginx does not take the project's own words: {said}")


def _records(properties: Mapping[str, Any]) -> list[Record]:
    return [*_readable(records.unpacked, properties.get("records") or ())]


def _readable(read: Callable[[_Raw], _Read], items: Iterable[_Raw]) -> Iterator[_Read]:
    """Give the items that can be read: another version may have written the others."""
    for item in items:
        with suppress(msgspec.ValidationError):
            yield read(item)


def _differs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    declared = (*_PLAN, "content", "keep")
    return bool(olds.get("missing_files")) or any(
        olds.get(field) != news.get(field) for field in declared
    )


def _in_force(olds: Mapping[str, Any], news: dict[str, Any]) -> bool:
    """Tell whether the release is in force.

    True as well if that cannot be found out, since then a release would not help.
    """
    try:
        brought = all_files(_records(olds))
        return Rollout(running_containers(), None, plan(news), brought).in_force()
    except (ContainerError, msgspec.ValidationError):
        return True


class Release(Resource, module="webstack", name="Release"):
    """Declares the release in force, with the records of the last ones.

    ``number`` counts all releases.
    """

    number: pulumi.Output[int]

    def __init__(
        self,
        name: str,
        wanted: StackSpec,
        recorded: StackSpec,
        origin: Origin,
        secrets: Mapping[str, Mapping[str, pulumi.Input[str]]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            **msgspec.to_builtins(wanted.plan),
            **msgspec.to_builtins(origin),
            "content": wanted.content,
            "keep": wanted.settings.releases,
            "record": pulumi.Output.secret(records.packed(recorded.without_builds())),
            "secrets": secrets,
            "missing_files": [],
            "number": None,
            "history": None,
            "records": None,
        }
        sealed = pulumi.ResourceOptions(additional_secret_outputs=["records"])
        super().__init__(
            ReleaseProvider(), name, properties, pulumi.ResourceOptions.merge(opts, sealed)
        )
