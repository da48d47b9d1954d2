"""The rules that the root conftest.py holds all tests to, tried on small suites."""

import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

import conftest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[1]
RULES = (ROOT / "conftest.py").read_text()
MARKERS = "[pytest]\nmarkers =\n    docker\n    browser\n    cli\n    swarm\n"


@pytest.fixture
def suite(pytester, monkeypatch):
    """Give a function that runs one test under the rules of conftest.py."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nobody/is/here.sock")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("CI", raising=False)
    pytester.makeconftest(RULES)
    pytester.makefile(".ini", pytest=MARKERS)

    def run(body, *, ci=False):
        if ci:
            monkeypatch.setenv("CI", "true")
        pytester.makepyfile(f"import pytest, socket\n{body}")
        return pytester.runpytest_inprocess("-rs", "-p", "no:cacheprovider")

    return run


@pytest.mark.parametrize(
    ("asked", "read"), [("docker or browser", False), ("docker", False), ("not docker", True)]
)
def test_a_file_without_the_marks_that_are_asked_for_is_not_read(pytester, suite, asked, read):
    pytester.makepyfile(test_unit="raise RuntimeError('read')")
    pytester.makepyfile(test_real="import pytest\n@pytest.mark.docker\ndef test_a(): pass")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--co", "-q", "-m", asked)
    assert ("RuntimeError: read" in result.stdout.str()) == read
    assert ("test_real.py::test_a" in result.stdout.str()) == (not read)


def test_files_that_are_put_in_order_or_share_a_stack_exist():
    """A project may have other services than the samples, or none."""
    for path in {*conftest.SHARING, *conftest.FIRST} - {"services/"}:
        assert list(ROOT.glob(f"{path.removesuffix('/')}*")), path


class Process:
    """One process of xdist: the tests that it was given."""

    gateway = SimpleNamespace(id="gw")
    shutting_down = False

    def __init__(self):
        self.given = []

    def send_runtest_some(self, indices):
        self.given += indices

    def shutdown(self):
        self.shutting_down = True


def test_files_that_share_a_stack_go_to_one_process_and_others_beside_them(pytester):
    files = ("services/a/test_a", "services/b/test_b", "tests/test_c", "tests/test_d")
    tests = [f"{file}.py::test_{number}" for file in files for number in range(2)]
    config = pytester.parseconfig("--tx", "2*popen", "--no-loadscope-reorder")
    scheduling = conftest.TogetherWithTheirStack(config)
    first, second = processes = Process(), Process()
    for process in processes:
        scheduling.add_node(process)
    for process in processes:
        scheduling.add_node_collection(process, tests)
    scheduling.schedule()
    assert (first.given, second.given) == ([0, 1, 2, 3], [4, 5])

    scheduling.mark_test_complete(second, 4)
    assert second.given == [4, 5, 6, 7]
    for test in first.given:
        scheduling.mark_test_complete(first, test)
    assert first.given == [0, 1, 2, 3]
    assert first.shutting_down


def test_what_takes_longest_comes_first(pytester, suite):
    for folder in ("services", "tests/docker"):
        (pytester.path / folder).mkdir(parents=True)
        (pytester.path / folder / "test_it.py").write_text("def test_a(): pass")
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "--co", "-q", "tests", "services", "--import-mode=importlib"
    )
    result.stdout.fnmatch_lines(["services/test_it.py::test_a", "tests/docker/test_it.py::test_a"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_programs_are_interrupted_also_where_the_tests_run_in_the_background(suite, number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        result = suite(
            "def test_program():\n"
            "    import subprocess\n"
            f"    killed = subprocess.run(['sh', '-c', 'kill -{number.value} $$; exit 7'])\n"
            f"    assert killed.returncode == -{number.value}\n"
        )
    finally:
        signal.signal(number, before)
    result.assert_outcomes(passed=1)


def test_without_an_engine_its_tests_are_skipped_by_name(suite):
    result = suite("@pytest.mark.docker\ndef test_stack(): assert False")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no Docker daemon answers at unix:///nobody/is/here.sock*"])


def test_in_ci_they_fail_with_the_reason(suite):
    result = suite("@pytest.mark.docker\ndef test_stack(): pass", ci=True)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*must run in CI, but: *no Docker daemon answers*"])


def test_in_ci_a_test_may_not_skip_itself_either(suite):
    result = suite("@pytest.mark.browser\ndef test_page(): pytest.skip('no chromium')", ci=True)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*must run in CI, but: *no chromium*"])


@pytest.mark.parametrize("mark", ["cli", "swarm"])
def test_tests_of_what_few_machines_have_may_be_skipped_in_ci(suite, mark):
    body = f"@pytest.mark.docker\n@pytest.mark.{mark}\ndef test_state(): pytest.skip('none')"
    suite(body, ci=True).assert_outcomes(skipped=1)


def test_unit_tests_reach_this_machine_only(suite):
    result = suite(
        "def test_local():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "        socket.create_connection(server.getsockname()).close()\n"
        "def test_far():\n"
        "    with pytest.raises(ConnectionRefusedError, match='198.51.100.1'):\n"
        "        socket.create_connection(('198.51.100.1', 9), timeout=1)\n"
    )
    result.assert_outcomes(passed=2)
