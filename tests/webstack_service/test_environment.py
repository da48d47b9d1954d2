import pytest

from webstack_service import environment

GOOD = {
    "ENVIRONMENT": "staging",
    "SECRET_KEY": "k" * 32,
    "ALLOWED_HOSTS": "a.example, .b.example",
    "DATABASE_URL": "sqlite:////data/x.sqlite3",
    "WEBSTACK_SERVICE": "flask",
    "WEBSTACK_RELEASE": "3f9c",
}


def test_reads_what_the_deployment_gives():
    found = environment.read({**GOOD, "HTTPS": "1", "STATIC_ROOT": "/srv/static"})
    assert (found.service, found.release, found.name) == ("flask", "3f9c", "staging")
    assert (found.debug, found.https, found.development) == (False, True, False)
    assert found.allowed_hosts == ("a.example", ".b.example")
    assert str(found.static_root) == "/srv/static"
    assert found.static_manifest is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DEBUG": "1"}, "DEBUG is on, and this is staging"),
        ({"DEBUG": "ja"}, "DEBUG is 'ja', it must be 0 or 1"),
        ({"HTTPS": "2"}, "HTTPS is '2', it must be 0 or 1"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "k" * 31}, "SECRET_KEY has fewer than 32 characters"),
        ({"SECRET_KEY": environment.DEVELOPMENT_KEY}, "SECRET_KEY has fewer than 32 characters"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "a.example,*"}, "ALLOWED_HOSTS is open to every host (*)"),
    ],
)
def test_refuses_what_is_unsafe_outside_dev_and_says_why(changes, reason):
    with pytest.raises(environment.BadEnvironmentError) as refusal:
        environment.read({**GOOD, **changes})
    assert str(refusal.value) == reason


def test_says_all_reasons_at_once():
    with pytest.raises(environment.BadEnvironmentError) as refusal:
        environment.read({}, needs=["DATABASE_URL"])
    assert str(refusal.value) == (
        "DATABASE_URL is not set; SECRET_KEY is not set; ALLOWED_HOSTS is not set"
    )


def test_what_the_service_needs_must_be_set_and_nothing_else():
    good = {**GOOD, "DATABASE_URL": "", "CACHE_URL": "redis://"}
    assert environment.read(good, needs=["CACHE_URL"]).database_url == ""
    with pytest.raises(environment.BadEnvironmentError, match=r"^DATABASE_URL is not set$"):
        environment.read(good, needs=["DATABASE_URL", "CACHE_URL"])


def test_dev_needs_nothing():
    found = environment.read({"ENVIRONMENT": "dev", "DEBUG": "1"})
    assert found.debug
    assert "localhost" in found.allowed_hosts
    assert found.secret_key == environment.DEVELOPMENT_KEY


def test_an_unnamed_environment_is_as_strict_as_production():
    without_name = {key: value for key, value in GOOD.items() if key != "ENVIRONMENT"}
    with pytest.raises(
        environment.BadEnvironmentError, match="DEBUG is on, and this is production"
    ):
        environment.read({**without_name, "DEBUG": "1"})


def test_secrets_stay_out_of_the_representation():
    found = environment.read({**GOOD, "DATABASE_URL": "postgresql://u:hidden@db/x"})
    assert "hidden" not in repr(found)
    assert GOOD["SECRET_KEY"] not in repr(found)


def test_load_ends_the_process_with_one_line():
    with pytest.raises(SystemExit) as end:
        environment.load(["CACHE_URL"], GOOD)
    assert end.value.code == "flask does not start: CACHE_URL is not set"
