"""People write notes on the board and entries in the guestbook, and moderate in the admin."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import expect
from services.tests.browser.addresses import GUESTBOOK, NOTES, plain_only
from tests.browser.visitor import Site, Visitor
from tests.browser.visits import Enter

pytestmark = [pytest.mark.docker, pytest.mark.browser]

GUESTBOOKS = [(f"{GUESTBOOK.path}/guestbook/", "localhost"), ("/guestbook/", GUESTBOOK.host)]
OUTLINE = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
BOARDS = [(f"{NOTES.path}/board", "localhost"), ("/board", NOTES.host)]


def unique(text: str) -> str:
    return f"{text} {secrets.token_hex(4)}"


def sign(visitor: Visitor, message: str) -> None:
    visitor.page.get_by_label("Your name").fill("Ada")
    visitor.page.get_by_label("Your message").fill(message)
    visitor.page.get_by_role("button", name="Sign the guestbook").click()


def pin(visitor: Visitor, note: str) -> None:
    visitor.page.get_by_label("Your name").fill("Grace")
    visitor.page.get_by_label("Your note").fill(note)
    visitor.page.get_by_role("button", name="Put it up").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
@pytest.mark.parametrize(("path", "host"), GUESTBOOKS)
def test_an_entry_is_on_the_page_once_it_is_written(
    enter: Enter, path: str, host: str, javascript: bool
):
    """The browser comes back to the same host and prefix, at the new entry."""
    visitor = enter(java_script_enabled=javascript)
    visitor.open(path, host)
    message = unique("I was here, & <b>liked</b> it.")
    sign(visitor, message)
    expect(visitor.page.locator("main li").first).to_have_text(f"Ada {message}")
    assert visitor.page.url.startswith(visitor.site.url(f"{path}#entry-", host))
    visitor.photograph(f"guestbook-signed-{host}")
    assert visitor.faults == []


@pytest.mark.parametrize(("path", "host"), BOARDS)
def test_a_note_is_on_the_board_at_once_and_for_the_next_visitor(
    enter: Enter, path: str, host: str
):
    writer, reader = enter(), enter()
    writer.open(path, host)
    note = unique("Tea at five, & <i>cake</i>")
    pin(writer, note)
    expect(writer.page.locator("#notes li").first).to_have_text(f"Grace {note}")
    expect(writer.page.get_by_role("status")).not_to_be_empty()
    writer.photograph(f"board-written-{host}")
    reader.open(path, host)
    expect(reader.page.locator("#notes li").first).to_have_text(f"Grace {note}")
    assert writer.faults + reader.faults == []


@plain_only
def test_a_note_of_blanks_is_refused_in_words(visitor: Visitor):
    visitor.open(f"{NOTES.path}/board")
    pin(visitor, "   ")
    expect(visitor.page.get_by_role("status")).to_have_text(
        "Your note must have 1 to 280 characters."
    )
    expect(visitor.page.get_by_label("Your note")).to_have_attribute("aria-invalid", "true")
    visitor.photograph("board-refused")


@plain_only
def test_two_services_on_one_host_keep_their_sessions_apart(visitor: Visitor):
    """A service does not forget who writes because that person wrote to the other service."""
    visitor.open(f"{NOTES.path}/board")
    pin(visitor, unique("first"))
    expect(visitor.page.get_by_role("status")).not_to_be_empty()
    visitor.open(f"{GUESTBOOK.path}/guestbook/")
    sign(visitor, unique("second"))
    expect(visitor.page.locator("main li").first).to_contain_text("second")
    visitor.open(f"{NOTES.path}/board")
    expect(visitor.page.get_by_label("Your name")).to_have_value("Grace")
    assert visitor.faults == []


@plain_only
@pytest.mark.parametrize("path", [f"{NOTES.path}/board", f"{GUESTBOOK.path}/guestbook/"])
def test_a_form_is_reached_by_keyboard_alone(visitor: Visitor, path: str):
    """From the first Tab to the button, the element that has the focus is outlined."""
    visitor.open(path)
    reached = []
    for _ in range(6):
        visitor.page.keyboard.press("Tab")
        reached.append(visitor.page.evaluate("document.activeElement.tagName"))
        assert visitor.page.evaluate(OUTLINE) >= 2, reached
    assert reached == ["A", "A", "A", "INPUT", "INPUT", "BUTTON"]


def make_moderator(site: Site) -> tuple[str, str]:
    """Make an account in the running container, as an operator would."""
    name, password = unique("moderator").replace(" ", "-"), secrets.token_urlsafe(16)
    container = next(
        each
        for each in site.deployment.containers()
        if f"{site.deployment.project}-dev-{GUESTBOOK.name}-" in each
    )
    site.deployment.docker(
        "exec", "-e", f"DJANGO_SUPERUSER_PASSWORD={password}", container,
        "python3", "manage.py", "createsuperuser", "--noinput",
        "--username", name, "--email", "moderator@example.com",
    )  # fmt: skip
    return name, password


@plain_only
@pytest.mark.parametrize(
    ("guestbook", "admin", "host"),
    [
        (f"{GUESTBOOK.path}/guestbook/", f"{GUESTBOOK.path}/admin/", "localhost"),
        ("/guestbook/", "/admin/", GUESTBOOK.host),
    ],
)
def test_a_moderator_hides_an_entry(visitor: Visitor, guestbook: str, admin: str, host: str):
    """Login, styles, scripts and session of the admin work under each address."""
    message = unique("Cheap watches")
    visitor.open(guestbook, host)
    sign(visitor, message)
    page = visitor.page
    visitor.open(admin, host)
    visitor.photograph(f"admin-login-{host}")
    expect(page.locator("#header")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    name, password = make_moderator(visitor.site)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Entries", exact=True).click()
    visitor.photograph(f"admin-entries-{host}")
    page.get_by_role("row").filter(has_text=message).get_by_role("checkbox").check()
    page.get_by_role("combobox", name="Action").select_option(label="Hide the selected entries")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    visitor.open(guestbook, host)
    expect(page.get_by_text(message)).to_have_count(0)
    assert visitor.faults == []
