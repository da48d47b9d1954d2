"""Caches have generations and flags, which are kept while memory is scarce."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from proxy import paths
from proxy.service.caching import GENERATION_BITS

COMMANDS = Path(paths.__file__).parent / "image/commands"


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands of the image find each other beside them."""
    monkeypatch.syspath_prepend(str(COMMANDS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of kept answers of one service."""
    kept = tmp_path / "cache-my-shop"
    kept.mkdir()
    return kept


def flags(folder: Path) -> frozenset[str]:
    return frozenset(each.name for each in folder.parent.glob("generation-my-shop.*"))


def test_the_image_and_the_configuration_agree_on_names():
    import webstack_cache

    assert webstack_cache.BITS == GENERATION_BITS
    assert paths.cache("shop") == f"{webstack_cache.RUNTIME}/cache-shop"
    assert paths.cache_generation("shop", 1) == f"{webstack_cache.RUNTIME}/generation-shop.1"
    assert paths.cache_full("shop") == f"{webstack_cache.RUNTIME}/full-shop"


def test_sixteen_generations_follow_each_other_by_one_flag_each(folder: Path):
    from webstack_cache import turn

    seen = [flags(folder)]
    for _ in range(16):
        turn("my-shop", folder.parent)
        seen.append(flags(folder))
    assert len(set(seen)) == 16
    assert seen[0] == seen[16] == frozenset()
    assert all(len(one ^ other) == 1 for one, other in itertools.pairwise(seen))


def test_what_was_kept_is_removed(folder: Path):
    from webstack_cache import services, turn

    (folder / "a/bc").mkdir(parents=True)
    (folder / "a/bc/d").write_text("x")
    assert services(folder.parent) == ["my-shop"]
    turn("my-shop", folder.parent)
    assert [each for each in folder.rglob("*") if each.is_file()] == []


def test_nothing_more_is_kept_while_half_is_not_free(folder: Path, monkeypatch):
    import webstack_cache

    for room, full in ((0.1, True), (0.49, True), (0.51, False)):
        monkeypatch.setattr(webstack_cache, "_room", lambda _folder, room=room: room)
        webstack_cache.look(folder.parent)
        assert (folder.parent / "full-my-shop").exists() == full
