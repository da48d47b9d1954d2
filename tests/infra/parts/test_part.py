"""A part that says only where it stands and what it runs gets defaults for the rest."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from infra.parts.part import Component, Part, PartContainer


@dataclass(frozen=True)
class Cache(Part):
    """A part in its shortest form."""

    name: str

    @property
    def component(self) -> Component:
        return Component("webstack:cache:Cache", self.name)

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        return ()


def test_a_part_has_no_more_than_it_says():
    part = Cache("pages")
    assert part.component.name == "pages"
    assert not part.outlasts_releases
    assert part.base == "python"
    assert [part.image, part.route, part.gate] == [None] * 3
    assert [*part.volumes, *part.uses, *part.secrets] == []


def test_a_part_has_to_say_where_it_stands_and_what_it_runs():
    class Nothing(Part):
        pass

    with pytest.raises(TypeError, match=r"component.*containers"):
        Nothing()  # type: ignore[abstract]
