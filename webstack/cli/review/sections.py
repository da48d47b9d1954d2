"""Cuts a review into sections of Markdown, each with its weight if there is no room for all."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from webstack.cli.review.model import (
    Change,
    Difference,
    Files,
    ImageChange,
    Migration,
    PackageChange,
    Review,
)
from webstack.contract import plain_text

_SIGNS = {"create": "+", "delete": "-", "update": "~", "replace": "±"}
_JOINT = "\N{ZERO WIDTH SPACE}"


class Section(msgspec.Struct, frozen=True):
    """Lines below a heading; ``folded`` ones open on a click, ``fenced`` ones are code.

    The heaviest stay longest. Lines are cut from the end, never the first ``head`` of them.
    """

    title: str
    lines: tuple[str, ...]
    weight: int
    folded: bool = False
    fenced: bool = False
    head: int = 0

    def __str__(self) -> str:
        text = "\n".join(self.lines)
        if self.fenced:
            text = "\n".join(fenced(self.lines, "diff"))
        if self.folded:
            return f"<details><summary>{_html(self.title)}</summary>\n\n{text}\n\n</details>"
        return f"#### {plain(self.title)}\n\n{text}" if self.title else text


def sections(review: Review) -> Iterator[Section]:
    """Cut a review into sections in reading order, with invisible characters made visible."""
    for section in _sections(review):
        lines = tuple(map(harmless, section.lines))
        yield replace(section, title=plain_text.line(section.title), lines=lines)


def _sections(review: Review) -> Iterator[Section]:
    if review.errors:
        lines = tuple(line for error in review.errors for line in plain_text.lines(error))
        yield Section("Errors", lines, 100, fenced=True)
    if review.predictions:
        rows = (f"| {code(item.subject)} | {plain(item.words)} |" for item in review.predictions)
        yield Section("", ("| what | happens |", "|---|---|", *rows), 90, head=2)
    if review.migrations:
        yield Section("Migrations", tuple(map(_migration, review.migrations)), 85)
    if review.changes:
        rows = (_row(change) for change in review.changes)
        yield Section("Resources", ("| | resource | why |", "|---|---|---|", *rows), 80, head=2)
    yield from _settings(review)
    if review.images:
        lines = tuple(_image(image) for image in review.images)
        yield Section("Images", lines, 60)
    for image in review.images:
        yield from _files(image)
        yield from _packages(image)
    if review.configuration:
        title = f"nginx.conf: {_count_changed(review.configuration)}"
        yield Section(title, review.configuration, 40, folded=True, fenced=True)
    for change in review.changes:
        if change.differences:
            title = f"{change.kind} {change.name}: {_properties(change)}"
            lines = tuple(_lines(change.differences))
            yield Section(title, lines, 10, folded=True, fenced=True)


def _migration(item: Migration) -> str:
    return f"- {code(f'{item.service}: {item.path}')}: {plain(item.words)}"


def harmless(text: str) -> str:
    """Make a line harmless: invisible characters seen, no command to GitLab such as `/close`."""
    return f"{'! ' if text.lstrip().startswith('/') else ''}{plain_text.line(text)}"


def code(text: str) -> str:
    """Text that Markdown shows as it is, also in a cell of a table, and where no one is called."""
    text = plain_text.line(" ".join(text.split())).replace("|", "\\|") or " "
    ticks = "`" * (1 + _longest_run(text))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Lines as a block of code that none of them can end."""
    fence = "`" * max(3, 1 + max(map(_longest_run, lines), default=0))
    return [f"{fence}{language}", *lines, fence]


def prose(text: str) -> str:
    """Words of ours, with code between backticks, around names that others have chosen."""
    return "".join(
        code(part) if number % 2 else re.sub(r"\S+", lambda found: plain(found[0]), part)
        for number, part in enumerate(plain_text.line(text).split("`"))
    )


def plain(text: str) -> str:
    """Words with nothing in them that Markdown or HTML would take for more."""
    shown = plain_text.line(" ".join(text.split()))
    return _unlinked(re.sub(r"([\\`*_{}\[\]<>|#~&$])", r"\\\1", shown))


def _unlinked(text: str) -> str:
    """Break mentions and addresses, which code hosts would turn into calls and links."""
    return re.sub(r"(@|[#!&%$](?=\d)|\bGH-(?=\d)|:(?=//)|\bwww(?=\.))", rf"\1{_JOINT}", text)


def _row(change: Change) -> str:
    sign = _SIGNS.get(change.op, "·")
    what = f"{plain(change.kind)} {code(change.name)}"
    return f"| {code(sign)} {plain(change.op)} | {what} | {plain(change.reason)} |"


def _settings(review: Review) -> Iterator[Section]:
    lines = [
        line
        for item in review.settings
        for line in _lines(
            Difference(f"{item.subject}.{each.path}", each.before, each.after)
            for each in item.differences
        )
    ]
    if lines:
        yield Section("Settings", tuple(lines), 70, fenced=True)


def _image(image: ImageChange) -> str:
    before, after = image.before, image.after
    tags = " → ".join(code(reference) for reference in (before, after) if reference)
    end = "" if before and after else " (new)" if after else " (no longer used)"
    size = ""
    if image.sizes:
        old, new = (size / 1e6 for size in image.sizes)
        size = f", {old:.1f} MB → {new:.1f} MB ({new - old:+.1f} MB)"
    return f"- {code(image.name)}: {tags}{end}{size}"


def _files(image: ImageChange) -> Iterator[Section]:
    for what, files, weight in (("files", image.files, 30), ("static files", image.static, 35)):
        if files.count:
            title = f"{image.name}: {files.count} {what if files.count > 1 else what[:-1]}"
            lines = tuple(_listed(files))
            yield Section(title, lines, weight, folded=files.count > 10, fenced=True)


def _packages(image: ImageChange) -> Iterator[Section]:
    if count := len(image.packages):
        title = f"{image.name}: {count} package{'s' if count > 1 else ''}"
        lines = tuple(_package(each) for each in image.packages)
        yield Section(title, lines, 33, folded=count > 10, fenced=True)


def _package(package: PackageChange) -> str:
    sign = "+" if not package.before else "-" if not package.after else "!"
    versions = " → ".join(filter(None, (package.before, package.after)))
    return f"{sign} {package.kind} {_line(package.name)} {_line(versions)}"


def _listed(files: Files) -> Iterator[str]:
    for sign, names in (("+", files.added), ("-", files.removed), ("!", files.changed)):
        yield from (f"{sign} {_line(name)}" for name in names)


def _lines(differences: Iterable[Difference]) -> Iterator[str]:
    for item in differences:
        if item.before is not None:
            yield from _prefixed("-", f"{item.path}: {item.before}")
        if item.after is not None:
            yield from _prefixed("+", f"{item.path}: {item.after}")


def _prefixed(sign: str, text: str) -> Iterator[str]:
    first, *others = plain_text.lines(text) or [""]
    yield f"{sign} {first}"
    yield from (f"{sign}     {line}" for line in others)


def _line(name: str) -> str:
    return " ".join(name.split())


def _properties(change: Change) -> str:
    count = len(change.differences)
    return f"{count} propert{'y' if count == 1 else 'ies'}"


def _count_changed(lines: Sequence[str]) -> str:
    added = sum(line.startswith("+") for line in lines) - 1
    removed = sum(line.startswith("-") for line in lines) - 1
    return f"{added} line{'' if added == 1 else 's'} added, {removed} removed"


def _html(text: str) -> str:
    return _unlinked(html.escape(" ".join(text.split()), quote=False))


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
