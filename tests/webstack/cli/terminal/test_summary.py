from webstack.cli.terminal.summary import Leftovers, of_down, of_up


def test_up_ends_with_urls_seconds_and_three_commands():
    outputs = {"services": {"flask": {"url": "http://localhost:8080/", "containers": ["a", "b"]}}}
    assert of_up("dev", outputs, 4.25) == (
        "\n"
        "SERVICE  URL                     CONTAINERS\n"
        "flask    http://localhost:8080/  2\n"
        "\n"
        "dev is up after 4.2 s. Next:\n"
        "  .venv/bin/webstack status\n"
        "  .venv/bin/webstack logs -f\n"
        "  make down"
    )


def test_the_commands_name_another_stack():
    shown = of_up("staging", {}, 1)
    assert "webstack status staging" in shown
    assert "make down STACK=staging" in shown


def test_a_program_with_other_outputs_has_no_table():
    assert "SERVICE" not in of_up("dev", {"services": 3}, 1)


def test_down_tells_what_is_left_and_how_to_be_rid_of_it():
    shown = of_down("dev", Leftovers(["webstack-dev-flask-data"], ["a", "b"], 300_000_000))
    assert "the data volumes webstack-dev-flask-data: make down DATA=1" in shown
    assert "2 images (300 MB)" in shown
    assert ".venv/bin/webstack prune" in shown


def test_down_tells_when_nothing_is_left():
    assert of_down("dev", Leftovers()) == "\ndev is down.\nNothing of it is left."
