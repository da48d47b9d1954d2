"""The access log is bounded, no line of it is lost, and it is read on from where one was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from proxy import paths

COMMANDS = Path(paths.__file__).parent / "image/commands"


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands of the image find each other beside them."""
    monkeypatch.syspath_prepend(str(COMMANDS))


def write(path: Path, *numbers: int) -> None:
    with path.open("ab") as file:
        file.write(b"".join(b"line %d\n" % number for number in numbers))


def numbers(found: object) -> list[int]:
    return [int(line.split()[1]) for _, line in found]  # type: ignore[attr-defined]


def test_the_image_and_the_configuration_agree_on_the_file():
    import webstack_log

    assert str(webstack_log.files()[0]) == paths.ACCESS_LOG


def test_a_full_file_is_put_aside_and_the_oldest_goes(tmp_path: Path):
    import webstack_log

    now, *older = webstack_log.files(tmp_path)
    for number in range(6):
        webstack_log.begun(tmp_path)
        write(now, number)
        webstack_log.turn_over(tmp_path, full=100)
        assert now.stat().st_size, "a file with room stays"
        webstack_log.turn_over(tmp_path, full=5)
        assert not now.stat().st_size
    kept = [path.read_text() for path in older]
    assert kept == ["line 5\n", "line 4\n", "line 3\n"]
    assert {each.name for each in tmp_path.iterdir()} == {
        "lock", *(each.name for each in (now, *older))
    }  # fmt: skip


def test_every_nginx_follows_to_the_file_that_another_began(tmp_path: Path):
    import webstack_log

    told: list[str] = []
    one = other = webstack_log.begun(tmp_path)
    write(tmp_path / "access.log", 1)
    webstack_log.turn_over(tmp_path, full=1)
    for _ in range(2):
        one = webstack_log.followed(one, lambda: told.append("one"), tmp_path)
        other = webstack_log.followed(other, lambda: told.append("other"), tmp_path)
    assert told == ["one", "other"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give a log of four files, the newest of which ends with half a line."""
    for name, lines in {".3": (1, 2), ".2": (3,), ".1": (), "": (4, 5, 6)}.items():
        write(tmp_path / f"access.log{name}", *lines)
        os.utime(tmp_path / f"access.log{name}", (1, 1))
    with (tmp_path / "access.log").open("ab") as file:
        file.write(b"half")
    return tmp_path


@pytest.mark.parametrize("count", range(9))
def test_the_last_lines_are_given_over_files(log: Path, count: int):
    from webstack_lines import last, lines

    wanted = [1, 2, 3, 4, 5, 6][max(0, 6 - count) :]
    assert numbers(lines(last(count, log), log)) == wanted


def test_the_last_lines_of_a_large_file_are_found(tmp_path: Path):
    from webstack_lines import last, lines

    write(tmp_path / "access.log", *range(30_000))
    assert numbers(lines(last(20_000, tmp_path), tmp_path)) == [*range(10_000, 30_000)]


def test_reading_goes_on_from_each_place(log: Path):
    from webstack_lines import Place, lines

    everything = list(lines(Place(), log))
    assert numbers(everything) == [1, 2, 3, 4, 5, 6]
    for number, (place, _) in enumerate(everything, start=1):
        assert numbers(lines(Place.of(str(place)), log)) == [*range(number + 1, 7)]


def test_a_file_that_is_gone_means_all_that_is_there(log: Path):
    from webstack_lines import Place, lines

    assert numbers(lines(Place(1, 7), log)) == [1, 2, 3, 4, 5, 6]


def test_what_is_written_late_to_a_file_that_was_put_aside_is_not_passed_by(tmp_path: Path):
    import webstack_log
    from webstack_lines import Place, follow

    now = tmp_path / "access.log"
    write(now, 1)
    found = follow(Place(), 60, tmp_path, late=0.5)
    assert numbers([next(found)]) == [1]
    webstack_log.turn_over(tmp_path, full=1)
    write(now, 3)
    write(tmp_path / "access.log.1", 2)
    assert numbers([next(found), next(found)]) == [2, 3]
    found.close()


def test_following_ends_in_its_time(log: Path):
    from webstack_lines import Place, follow

    assert numbers(follow(Place(), 0, log)) == [1, 2, 3, 4, 5, 6]
