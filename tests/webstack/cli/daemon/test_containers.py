import pytest

from webstack.cli.daemon.containers import described


def inspected(**state):
    return {
        "Name": "/webstack-dev-flask-0-1a2b",
        "Config": {
            "Labels": {
                "webstack.role": "service",
                "webstack.service": "flask",
                "webstack.release": "1a2b",
            }
        },
        "State": {"Status": "running", **state},
        "RestartCount": 2,
        "HostConfig": {"Memory": 256 << 20},
    }


def test_a_container_is_described_from_what_the_engine_says():
    used = {"usage": 100 << 20, "stats": {"inactive_file": 20 << 20}}
    container = described(inspected(Health={"Status": "healthy"}), used)
    assert (container.service, container.release, container.restarts) == ("flask", "1a2b", 2)
    assert container.memory_text == "80 of 256 MiB"
    assert container.is_well


def test_one_that_ran_out_of_memory_says_so():
    container = described(inspected(Status="exited", OOMKilled=True), {})
    assert container.state == "exited, out of memory"
    assert container.memory_text == ""
    assert not container.is_well


def test_an_unhealthy_one_is_not_well():
    assert not described(inspected(Health={"Status": "unhealthy"}), {}).is_well


@pytest.mark.parametrize("health", [{}, {"Health": {"Status": "starting"}}])
def test_one_that_nothing_bad_is_known_of_is_well(health):
    """Docker asks a container only after a while; the release has asked long before."""
    assert described(inspected(**health), {}).is_well
