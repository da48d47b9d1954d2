"""Each release that goes live takes the next number, and leaves a record."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from infra import release
from infra.daemon.failures import ContainerError, DeploymentError
from infra.daemon.status import ContainerStatus
from infra.model import records
from infra.model.records import Record
from infra.model.stack_spec import StackSpec
from infra.release import ReleaseProvider
from infra.rollout.traffic import draining
from tests.infra.releases import made
from tests.infra.rollout.test_rollout import FakeContainers

PROVIDER = ReleaseProvider()


class Engine(FakeContainers):
    """A daemon on which every container answers, until it is told to refuse."""

    def _probe(self, _socket: str) -> str:
        status = 500 if self.conditions else 200
        return f'{{"status": {status}, "line": "HTTP/1.1 {status} Words"}}'


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine(answering=set(), configuration="none")
    monkeypatch.setattr(release, "running_containers", lambda: fake)
    monkeypatch.setattr(draining, "SETTLE", 0.0)
    return fake


def wanted(blueprint: StackSpec, **changes: Any) -> dict[str, Any]:
    """Give the properties of the resource as they reach its provider."""
    return {
        **msgspec.to_builtins(blueprint.plan),
        "content": blueprint.content,
        "keep": 3.0,
        "commit": "abc",
        "clean": True,
        "record": records.packed(blueprint.without_builds()),
        "secrets": {"shop": {"KEY": "one"}},
        **changes,
    }


def updated(olds: dict[str, Any], blueprint: StackSpec, **changes: Any) -> dict[str, Any]:
    return dict(PROVIDER.update("release", olds, wanted(blueprint, **changes)).outs or {})


def created(blueprint: StackSpec) -> dict[str, Any]:
    return dict(PROVIDER.create(wanted(blueprint)).outs or {})


def last(outputs: dict[str, Any]) -> Record:
    return records.unpacked(outputs["records"][-1])


def test_the_first_release_is_number_one():
    outputs = created(made())
    assert outputs["number"] == 1
    assert [item["number"] for item in outputs["history"]] == [1]
    assert last(outputs).secrets == {"shop": {"KEY": "one"}}
    assert last(outputs).origin.commit == "abc"


def test_nothing_secret_is_left_in_the_open():
    assert not {"record", "secrets"} & created(made()).keys()


def test_numbers_rise_and_the_last_releases_are_kept():
    outputs = created(made("1"))
    for content in "2345":
        outputs = updated(outputs, made(content))
    assert outputs["number"] == 5
    assert [item["number"] for item in outputs["history"]] == [3, 4, 5]
    assert [records.unpacked(text).number for text in outputs["records"]] == [3, 4, 5]


def test_how_many_are_kept_changes_what_is_kept_and_nothing_else():
    outputs = updated(created(made("1")), made("2"))
    assert not PROVIDER.diff("release", outputs, wanted(made("2"))).changes
    assert PROVIDER.diff("release", outputs, wanted(made("2"), keep=1.0)).changes
    fewer = updated(outputs, made("2"), keep=1.0)
    assert (fewer["number"], [item["number"] for item in fewer["history"]]) == (2, [2])
    assert not PROVIDER.diff("release", fewer, wanted(made("2"), keep=1.0)).changes


def test_a_failed_release_takes_no_number(engine: Engine):
    outputs = created(made("1"))
    bad = made("2")
    name = bad.releases[0].replicas[0].container.name
    engine.conditions = {name: ContainerStatus("exited", restarts=0)}
    with pytest.raises(ContainerError, match="exited with code 1"):
        updated(outputs, bad)
    engine.conditions = {}
    assert updated(outputs, made("3"))["number"] == 2


def test_what_is_only_mended_is_no_new_release(engine: Engine):
    outputs = created(made("1"))
    engine.links.clear()
    assert PROVIDER.diff("release", outputs, wanted(made("1"))).changes
    mended = updated(outputs, made("1"))
    assert (mended["number"], len(mended["records"])) == (1, 1)
    assert engine.links


def test_another_commit_of_the_same_content_is_no_change(engine: Engine):
    outputs = created(made("1"))
    assert not PROVIDER.diff("release", outputs, wanted(made("1"), commit="def")).changes


def test_a_port_that_nobody_else_is_told_of_is_a_release():
    outputs = created(made("1"))
    assert PROVIDER.diff("release", outputs, wanted(made("1"), content="other")).changes


def test_a_rollback_is_a_release_that_knows_where_it_came_from(engine: Engine):
    service = {"shop": {"path": "/", "before_release": ("migrate",)}}
    outputs = updated(created(made("1", **service)), made("2", **service))
    engine.done.clear()
    back = updated(outputs, made("1", **service), keep=1.0, rollback_of=1.0, first=1.0)
    assert (last(back).number, last(back).origin.rollback_of, last(back).origin.first) == (3, 1, 1)
    assert len(back["records"]) == 3, "how many are kept is no part of what comes back"
    assert not [step for step in engine.done if "migrate" in step]


def test_static_files_are_recorded_for_unchanged_services_too():
    static = {"path": "/", "static": "/srv/static"}
    other = {"path": "/wiki"}
    first = created(made("1", shop=static, wiki=other))
    second = updated(first, made("1", shop=static, wiki={**other, "replicas": 2}))
    assert last(second).static == last(first).static
    assert last(second).static["shop"]


STATIC = {"shop": {"path": "/", "static": "/srv/static"}}


class Folders(Engine):
    """A daemon that has one file in each of its images, until the image is gone."""

    contents: dict[str, str]

    def copy_folder(
        self, source: str, folder: str, target: str, parent: str, name: str, *, strict: bool = True
    ) -> Any:
        return self._copied(self.images[source], folder, parent, name)

    def copy_of_image(self, image: str, folder: str, target: str, parent: str, name: str) -> Any:
        if image not in self.contents:
            raise ContainerError(f"{image} is gone")
        return self._copied(image, folder, parent, name)

    def _copied(self, image: str, folder: str, parent: str, name: str) -> tuple[str, ...]:
        assert (folder, parent) == ("/srv/static", "/srv/static")
        files = (self.contents[image],)
        self.static_files = tuple({*self.static_files, *(f"{name}/{file}" for file in files)})
        return files


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> Folders:
    fake = Folders(answering=set(), configuration="none")
    fake.contents = {}
    monkeypatch.setattr(release, "running_containers", lambda: fake)
    return fake


def two_releases(folders: Folders) -> tuple[StackSpec, dict[str, Any]]:
    one, two = made("1", **STATIC), made("2", **STATIC)
    for number, each in enumerate((one, two), 1):
        image = each.images["shop"]
        folders.contents[image] = f"site.{number}.css"
        folders.images[each.releases[0].replicas[0].container.name] = image
    outputs = updated(created(one), two)
    assert set(folders.static_files) == {"shop/site.1.css", "shop/site.2.css"}
    return two, outputs


def test_static_files_of_every_kept_release_come_back_from_their_images(folders: Folders):
    two, outputs = two_releases(folders)
    assert not PROVIDER.diff("release", outputs, wanted(two)).changes
    folders.static_files = ()
    assert PROVIDER.diff("release", outputs, wanted(two)).changes
    mended = updated(outputs, two)
    assert set(folders.static_files) == {"shop/site.1.css", "shop/site.2.css"}
    assert mended["records"] == outputs["records"]
    assert not PROVIDER.diff("release", mended, wanted(two)).changes


def test_a_refresh_tells_which_static_files_are_missing(folders: Folders):
    two, outputs = two_releases(folders)
    assert not (PROVIDER.read("release", outputs).outs or {}).get("missing_files")
    folders.static_files = ("shop/site.2.css",)
    found = dict(PROVIDER.read("release", outputs).outs or {})
    assert found["missing_files"] == ["shop/site.1.css"]
    folders.static_files = ("shop/site.1.css", "shop/site.2.css")
    assert PROVIDER.diff("release", found, wanted(two)).changes, "the state is to say so"


def test_files_that_no_image_has_are_told_once(
    folders: Folders, capsys: pytest.CaptureFixture[str]
):
    two, outputs = two_releases(folders)
    folders.static_files = ("shop/site.2.css",)
    del folders.contents[made("1", **STATIC).images["shop"]]
    mended = updated(outputs, two)
    told = capsys.readouterr().err
    assert "1 static files of earlier releases are gone for good" in told
    assert records.unpacked(mended["records"][0]).static == {"shop": ()}
    assert not PROVIDER.diff("release", mended, wanted(two)).changes


def test_a_refresh_finds_what_is_in_force_and_keeps_the_rest(engine: Engine):
    outputs = created(made())
    assert PROVIDER.read("release", outputs).outs == outputs
    engine.links = dict.fromkeys(engine.links, "elsewhere/other.sock")
    found = PROVIDER.read("release", outputs)
    assert found.inputs is None
    assert found.outs["services"]["shop"]["replicas"][0]["socket"] == "other.sock"
    assert found.outs["records"] == outputs["records"]
    assert PROVIDER.diff("release", found.outs, wanted(made())).changes


def test_a_record_names_the_images_that_really_ran(engine: Engine):
    blueprint = made()
    plan = blueprint.plan
    (target,) = plan.services["shop"].replicas
    engine.images = {target.container: "sha256:a", plan.proxy: "sha256:b", plan.holder: "sha256:c"}
    outputs = created(blueprint)
    ids = {"shop": "sha256:a", "proxy": "sha256:b", "python": "sha256:c"}
    assert last(outputs).image_ids == outputs["history"][-1]["image_ids"] == ids
    assert outputs["history"][-1]["images"].keys() == ids.keys()


def test_replicas_of_different_images_do_not_go_live(engine: Engine):
    """The answers would be mixed: somebody has overwritten the tag between two replicas."""
    blueprint = made()
    service = blueprint.plan.services["shop"]
    (target,) = service.replicas
    other = msgspec.structs.replace(target, container="another", socket="another.sock")
    engine.images = {"another": "sha256:other"}
    plan = msgspec.structs.replace(
        blueprint.plan,
        services={"shop": msgspec.structs.replace(service, replicas=(target, other))},
    )
    with pytest.raises(DeploymentError, match="another runs the image sha256:other, and"):
        PROVIDER.create({**wanted(blueprint), **msgspec.to_builtins(plan)})
    assert engine.links == {}


OWN = "# Own words of the project.\nbroken"


@pytest.mark.parametrize(
    ("olds", "configuration", "reasons"),
    [
        ({"proxy": "nginx", "configuration": "before"}, OWN, ["configuration"]),
        ({"proxy": "nginx", "configuration": OWN}, OWN, []),
        ({"proxy": "nginx", "configuration": "before"}, "broken", []),
        ({"proxy": "nginx", "configuration": "before"}, f"{OWN}, but understood", []),
        ({}, OWN, []),
    ],
)
def test_nginx_judges_a_project_s_own_words_before_anything_is_done(
    engine: Engine, olds: dict[str, Any], configuration: str, reasons: list[str]
):
    engine.broken = OWN
    result = PROVIDER.check(olds, {"configuration": configuration})
    assert [each.property for each in result.failures] == reasons
    assert result.inputs == {"configuration": configuration}
    assert not any("start" in each or "limit" in each for each in engine.done)


def test_an_nginx_that_does_not_run_judges_nothing(engine: Engine):
    engine.broken = OWN
    engine.conditions["nginx"] = ContainerStatus("exited", restarts=0)
    olds = {"proxy": "nginx", "configuration": "before"}
    assert PROVIDER.check(olds, {"configuration": OWN}).failures == []
