"""A bill of materials is complete for CycloneDX, and the same for the same image."""

import re

from tests.webstack.cli.daemon.looks.test_packages import CONTENTS
from webstack.cli.daemon.looks.packages import Contents, Package
from webstack.cli.daemon.looks.sbom import cyclonedx, differences

ID = "sha256:" + "a" * 64


def test_a_bill_of_materials_names_the_image_and_each_package_by_its_address():
    made = cyclonedx("webstack/shop:0123", ID, CONTENTS)
    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.5", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"])
    image = made["metadata"]["component"]
    assert (image["name"], image["version"]) == ("webstack/shop", "0123")
    assert image["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert [each["purl"] for each in made["components"]] == [
        "pkg:deb/debian/openssl@3.5.1-1%2Bdeb13u1?arch=amd64&distro=debian-13",
        "pkg:deb/debian/tzdata@2025b-4?arch=all&distro=debian-13",
        "pkg:pypi/flask-admin@2.0",
    ]
    assert len({each["bom-ref"] for each in made["components"]}) == 3
    assert made == cyclonedx("webstack/shop:0123", ID, CONTENTS)
    assert made["serialNumber"] != cyclonedx("x:1", "sha256:b", CONTENTS)["serialNumber"]


def test_what_came_went_and_changed_is_told():
    before = Contents(
        "",
        (
            Package("deb", "openssl", "3.5.1-1"),
            Package("pypi", "gunicorn", "23"),
            Package("pypi", "same", "1"),
        ),
    )
    after = Contents(
        "",
        (
            Package("deb", "openssl", "3.5.2-1"),
            Package("pypi", "same", "1"),
            Package("pypi", "uvicorn", "0.35"),
            Package("pypi", "uvicorn", "0.36"),
        ),
    )
    assert list(differences(before, after)) == [
        ("deb", "openssl", "3.5.1-1", "3.5.2-1"),
        ("pypi", "gunicorn", "23", ""),
        ("pypi", "uvicorn", "", "0.35, 0.36"),
    ]
    assert list(differences(after, after)) == []
