"""Nothing that is needed or in use is ever pruned."""

from hypothesis import given
from hypothesis import strategies as some

from webstack.cli.daemon.prune_selection import (
    PruneSelection,
    last,
    prunable_files,
    prunable_images,
)
from webstack.cli.state.stack_state import Summary

REFERENCES = [f"webstack/{name}:{tag}" for name in ("shop", "proxy", "python") for tag in "abc"]
references = some.sampled_from(REFERENCES)


@given(some.dictionaries(references, some.booleans()), some.sets(references))
def test_an_image_goes_only_if_nothing_needs_it(present, needed):
    going = set(prunable_images(present, needed))
    assert not going & needed
    assert not any(present[reference] for reference in going)
    assert not any("/python:" in reference for reference in going)
    stays = present.keys() - going - needed
    assert all(present[reference] or "/python:" in reference for reference in stays)


FILES = [f"{name}.0123456789{digit}.css" for name in ("site", "admin/base") for digit in "abc"]
SERVICES = ["shop", "wiki"]
files = some.sets(
    some.sampled_from([f"{service}/{file}" for service in SERVICES for file in FILES])
)
brought = some.dictionaries(some.sampled_from(SERVICES), some.lists(some.sampled_from(FILES)))


@given(files, some.lists(brought, max_size=3))
def test_a_file_goes_only_if_no_release_brought_it(present, releases):
    going = set(prunable_files(present, releases))
    needed = {f"{s}/{name}" for each in releases for s, names in each.items() for name in names}
    assert going == present - needed


def test_the_last_releases_are_the_newest():
    known = [Summary(n, "", "", None, None, n, {}) for n in (2, 3, 1)]
    assert [item.number for item in last(known, 2)] == [2, 3]
    assert [item.number for item in last(known, 5)] == [1, 2, 3]


def test_only_what_was_shown_and_is_still_unneeded_goes():
    shown = PruneSelection(("a", "b"), ("c", "d"))
    assert shown.within(PruneSelection(("b", "x"), ("d",))) == PruneSelection(("b",), ("d",))
    assert not shown.within(PruneSelection())
