"""A copy of a settings file keeps words and comments, and nothing that must not be shared."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import yaml

from webstack.cli.environments.copied_settings import Overrides, copied, moment
from webstack.cli.terminal.errors import OpsError

SOURCE = """\
# Staging, as users never see it.
encryptionsalt: v1:old
config:
  webstack:hosts: [staging.example.com, other.example.com] # where
  webstack:port: 8180
  webstack:token:
    secure: v1:sealed
  webstack:services:
    # The shop.
    shop:
      source: services/shop
      hosts: [shop.staging.example.com, shop.staging.example.com.au]
      environment:
        MAIL: mail.staging.example.com
"""


def config(text: str) -> dict[str, object]:
    return dict(yaml.safe_load(text)["config"])


def sealed_anew(text: str) -> str:
    return text.replace("sealed", "again")


def test_comments_stay_and_the_salt_is_the_new_one():
    copy = copied(SOURCE, Overrides("staging"), "v1:new", sealed_anew)
    assert "# Staging, as users never see it." in copy.text
    assert "    # The shop." in copy.text
    assert yaml.safe_load(copy.text)["encryptionsalt"] == "v1:new"
    assert "v1:old" not in copy.text
    assert config(copy.text)["webstack:environment"] == "staging"


def test_a_secret_is_sealed_anew():
    copy = copied(SOURCE, Overrides("staging"), "v1:new", sealed_anew)
    assert config(copy.text)["webstack:token"] == {"secure": "v1:again"}
    assert copy.missing == ()


def test_a_secret_that_cannot_be_opened_is_left_out_and_named():
    copy = copied(SOURCE, Overrides("staging"), "v1:new", None)
    assert "v1:sealed" not in copy.text
    assert "webstack:token" not in config(copy.text)
    assert copy.missing == ("webstack:token",)


def test_port_and_end_are_its_own():
    overrides = Overrides("staging", port=9000, expires="2026-11-24T14:00:00Z")
    values = config(copied(SOURCE, overrides, None, sealed_anew).text)
    assert values["webstack:port"] == 9000
    assert values["webstack:expires"] == "2026-11-24T14:00:00Z"


def test_a_host_moves_those_of_the_services_below_it():
    text = copied(SOURCE, Overrides("staging", host="pr-7.example.org"), None, sealed_anew).text
    values = config(text)
    assert values["webstack:hosts"] == ["pr-7.example.org"]
    shop = values["webstack:services"]["shop"]
    assert shop["hosts"] == ["shop.pr-7.example.org", "shop.staging.example.com.au"]
    assert shop["environment"]["MAIL"] == "mail.staging.example.com"


@pytest.mark.parametrize(
    "service",
    [
        "shop: {hosts: [shop.localhost], environment: {ORIGIN: localhost}}",
        "shop:\n      hosts:\n        - shop.localhost\n      environment: {ORIGIN: localhost}",
        "shop:\n      hosts: [\n        shop.localhost]\n      environment: {ORIGIN: localhost}",
    ],
)
def test_hosts_move_however_they_are_laid_out(service: str):
    source = f"config:\n  # hosts: [localhost]\n  webstack:services:\n    {service}\n"
    text = copied(source, Overrides("dev", host="pr-7.example.org"), None, sealed_anew).text
    shop = config(text)["webstack:services"]["shop"]
    assert "# hosts: [localhost]" in text
    assert shop == {"hosts": ["shop.pr-7.example.org"], "environment": {"ORIGIN": "localhost"}}


@pytest.mark.parametrize(
    ("duration", "end"),
    [
        ("90m", "2026-11-21T11:30:00Z"),
        ("72h", "2026-11-24T10:00:00Z"),
        ("3d", "2026-11-24T10:00:00Z"),
    ],
)
def test_a_time_to_live_ends_at_a_moment(duration: str, end: str):
    assert moment(duration, datetime(2026, 11, 21, 10, tzinfo=timezone.utc)) == end


@pytest.mark.parametrize("duration", ["", "72", "h", "0h", "-1h", "1w", "72 h", "999999d"])
def test_what_is_no_length_of_time_is_refused_in_one_line(duration: str):
    with pytest.raises(OpsError, match="is no length of time; write it as"):
        moment(duration, datetime(2026, 11, 21, tzinfo=timezone.utc))
