import re
import subprocess
import sys
from pathlib import Path

import pytest

from webstack.cli import command_table, main
from webstack.cli.commands.deployment import up
from webstack.cli.terminal.errors import OpsError

ROOT = Path(__file__).parents[3]


def test_help_names_every_command_that_exists(capsys):
    with pytest.raises(SystemExit, match="0"):
        main.main(["--help"])
    shown = capsys.readouterr().out
    assert all(re.search(rf"^    {name}\s", shown, re.MULTILINE) for name in command_table.COMMANDS)


@pytest.mark.parametrize("name", command_table.COMMANDS)
def test_each_command_has_a_module_of_its_name(name):
    module = command_table.find(name)
    assert module.__name__.endswith(f".{name}")
    assert callable(module.arguments)
    assert callable(module.run)


def test_each_module_of_a_command_is_in_the_table():
    folder = Path(command_table.__file__).parent / "commands"
    modules = {file.stem for file in folder.glob("*/*.py")} - {"__init__"}
    assert modules == command_table.COMMANDS.keys()


def test_a_command_imports_no_other_command():
    """Code that several commands share lies below them."""
    script = (
        "import sys; from webstack.cli import main; main.parser({sys.argv[1]});"
        "print(*(name for name in sys.modules if name.startswith('webstack.cli.commands.')))"
    )
    for name in ("promote", "prune", "stack"):
        done = subprocess.run(
            [sys.executable, "-c", script, name], capture_output=True, text=True, check=True
        )
        kind, command = done.stdout.split()
        assert command == f"{kind}.{name}"


def test_help_needs_no_package(tmp_path):
    """The help answers at once, and before any package is installed."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "webstack.cli", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_version_is_that_of_the_newest_entry_of_the_changelog(capsys):
    with pytest.raises(SystemExit, match="0"):
        main.main(["--version"])
    [newest, *_] = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert capsys.readouterr().out == f"webstack {newest}\n"


@pytest.mark.parametrize("words", [["up"], ["up", "staging"], ["up", "-s", "staging"]])
def test_the_stack_is_a_word_or_an_option(words, monkeypatch):
    seen = []
    monkeypatch.setattr(up, "run", lambda options: seen.append(options.stack) or 0)
    assert main.main(words) == 0
    assert seen == [words[-1] if len(words) > 1 else None]


def test_what_the_user_can_mend_is_one_line(monkeypatch, capsys):
    def fail(_):
        raise OpsError("the port 8080 is taken", "choose another")

    monkeypatch.setattr(up, "run", fail)
    assert main.main(["up"]) == 1
    assert capsys.readouterr().err == "error: the port 8080 is taken; choose another\n"


def test_an_error_keeps_its_lines_and_shows_what_is_hidden_in_them(monkeypatch, capsys):
    def fail(_):
        raise OpsError("it said\n    \x1b[2J\u2028")

    monkeypatch.setattr(up, "run", fail)
    assert main.main(["up"]) == 1
    assert capsys.readouterr().err == "error: it said\n    \\u001b[2J\\u2028\n"


@pytest.mark.parametrize("words", [["up", "dev", "\x1b[2J"], ["\x1b[2J"]])
def test_what_is_wrong_with_a_word_is_told_with_the_word_escaped(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main.main(words)
    assert "\x1b" not in (said := capsys.readouterr().err)
    assert r"[2J" in said


def test_the_engines_errors_keep_their_exit_code(project, capsys, monkeypatch):
    monkeypatch.setenv("WEBSTACK_ENGINE", "embedded")
    assert main.main(["outputs", "nosuch", "-C", str(project)]) == 6
    assert capsys.readouterr().err.startswith("error: no stack named 'nosuch'")


@pytest.mark.parametrize(
    "words",
    [
        *(["destroy", "", "--yes"], ["up", ""], ["preview", "--stack", ""], ["logs", ""]),
        *(["rollback", ""], ["promote", "dev", ""], ["diff", "dev", ""], ["stack", "rm", "", "-y"]),
        *(
            ["config", "get", "a", "--stack", ""],
            ["env", ""],
            ["status", ""],
            ["stack", "init", ""],
        ),
    ],
)
def test_an_empty_stack_is_no_stack(project, capsys, words):
    """An unset variable of a script gives an empty word, which must not mean dev."""
    assert main.main([*words, "-C", str(project)]) == 1
    error = capsys.readouterr().err
    assert "error: the stack's name is empty; name a stack, such as dev\n" in error


def test_an_empty_variable_names_no_stack(project, capsys, monkeypatch):
    monkeypatch.setenv("PULUMI_STACK", "")
    assert main.main(["destroy", "--yes", "-C", str(project)]) == 1
    assert capsys.readouterr().err == "error: PULUMI_STACK is empty; name a stack, such as dev\n"


def test_an_interrupt_has_its_own_exit_code(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(up, "run", interrupted)
    assert main.main(["up"]) == 130
