from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[1]
ORIGINAL, COPY = SERVICES / "flask_app", SERVICES / "django_app"
SHARED = ["gunicorn.conf.py", ".dockerignore"]
SHARED += [f"container/{path.name}" for path in sorted((ORIGINAL / "container").glob("*.py"))]


@pytest.mark.parametrize("name", SHARED)
def test_services_keep_equal_copies_of_what_they_share(name):
    """A service's folder is its whole build, so what is shared is copied, and stays equal."""
    assert (COPY / name).read_text() == (ORIGINAL / name).read_text()


def test_no_service_adds_to_the_shared_package_alone():
    names = [
        sorted(path.name for path in (folder / "container").glob("*.py"))
        for folder in (ORIGINAL, COPY)
    ]
    assert names[0] == names[1]
