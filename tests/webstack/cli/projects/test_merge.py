from __future__ import annotations

from webstack.cli.projects.merge import Change, Kind, by_git, merged
from webstack.cli.projects.tree import File

A, B, C = File(b"a\n"), File(b"b\n"), File(b"c\n")


def fail(*_: File) -> tuple[bytes, bool]:
    raise AssertionError("nothing is to be merged")


def decided(base: File | None, ours: File | None, theirs: File | None) -> Change | None:
    trees = [{} if file is None else {"f": file} for file in (base, ours, theirs)]
    return next(iter(merged(*trees, fail)), None)


def test_what_the_newer_version_leaves_alone_stays_the_owner_s():
    assert decided(A, B, A) is None
    assert decided(A, None, A) is None
    assert decided(None, B, None) is None


def test_what_the_owner_left_alone_becomes_that_of_the_newer_version():
    assert decided(A, A, B) == Change("f", Kind.CHANGED, B)
    assert decided(None, None, B) == Change("f", Kind.ADDED, B)
    assert decided(A, A, None) == Change("f", Kind.REMOVED, None)


def test_what_both_made_equal_is_no_change():
    assert decided(A, B, B) is None
    assert decided(A, None, None) is None


def test_what_one_removed_and_the_other_changed_is_told_and_stays_as_it_is():
    gone, kept = decided(A, None, B), decided(A, B, None)
    assert gone == Change("f", Kind.LEFT_OUT)
    assert kept == Change("f", Kind.KEPT)
    assert not gone.writes
    assert not kept.writes


def test_a_mode_alone_is_a_change():
    executable = File(b"a\n", executable=True)
    assert decided(A, A, executable) == Change("f", Kind.CHANGED, executable)


def test_a_link_that_both_changed_is_a_conflict_and_stays():
    links = [File(name, link=True) for name in (b"x", b"y", b"z")]
    assert decided(*links) == Change("f", Kind.CONFLICT, links[1])


def both(base: str, ours: str, theirs: str) -> tuple[Kind, str]:
    trees = ({"f": File(text.encode())} for text in (base, ours, theirs))
    [change] = merged(*trees, by_git("1.0.0", "2.0.0"))
    assert change.file
    return change.kind, change.file.content.decode()


def test_changes_in_different_places_are_joined():
    lines = "".join(f"{number}\n" for number in range(9))
    kind, text = both(lines, lines.replace("1", "ours"), lines.replace("7", "theirs"))
    assert kind is Kind.MERGED
    assert text == lines.replace("1", "ours").replace("7", "theirs")


def test_services_at_the_end_and_new_comments_before_them_are_joined():
    base = "config:\n  # Ports.\n  # webstack:port: 8080\n\n  # Services.\n  webstack:services:\n"
    ours = base + "    web:\n      source: services/web\n"
    kind, text = both(base, ours, base.replace("# Ports.", "# Port of the proxy."))
    assert kind is Kind.MERGED
    assert text == ours.replace("# Ports.", "# Port of the proxy.")


def test_changes_in_one_place_are_marked_with_both_versions():
    kind, text = both("1\n", "ours\n", "theirs\n")
    assert kind is Kind.CONFLICT
    assert text == "<<<<<<< yours\nours\n=======\ntheirs\n>>>>>>> webstack 2.0.0\n"


def test_a_file_that_both_added_is_a_conflict():
    [change] = merged({}, {"f": A}, {"f": B}, by_git("1.0.0", "2.0.0"))
    assert change.kind is Kind.CONFLICT


def test_an_owner_s_mode_stays_where_the_newer_version_did_not_change_it():
    base, ours = File(b"1\n2\n3\n"), File(b"1\n2\n3\n4\n", executable=True)
    theirs = File(b"0\n1\n2\n3\n")
    [change] = merged({"f": base}, {"f": ours}, {"f": theirs}, by_git("1.0.0", "2.0.0"))
    assert change.file == File(b"0\n1\n2\n3\n4\n", executable=True)
