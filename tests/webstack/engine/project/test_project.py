"""Pulumi.yaml is read, or refused with the reason."""

from __future__ import annotations

import pytest

from webstack.engine.model.errors import ProjectError, UnsupportedError
from webstack.engine.project.project import Project


def load(folder, text, environ=None):
    (folder / "Pulumi.yaml").write_text(text)
    return Project.load(folder, environ or {})


def test_the_state_lies_where_the_project_says(tmp_path):
    made = load(tmp_path, "name: a\nruntime: python\nbackend: {url: file://.state}\n")
    assert made.state_folder == (tmp_path / ".state").resolve()


def test_the_variable_wins_over_the_project(tmp_path):
    environ = {"PULUMI_BACKEND_URL": f"file://{tmp_path}/else%20where"}
    made = load(tmp_path, "name: a\nruntime: python\nbackend: {url: file://.state}\n", environ)
    assert made.state_folder == tmp_path.resolve() / "else where"


def test_main_and_virtualenv_are_found_below_the_root(tmp_path):
    (tmp_path / "infra").mkdir()
    text = "name: a\nruntime: {name: python, options: {virtualenv: .venv}}\nmain: infra/\n"
    made = load(tmp_path, text)
    assert made.main == tmp_path.resolve() / "infra"
    assert made.virtualenv == tmp_path.resolve() / ".venv"


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("runtime: python\n", ProjectError, "name"),
        ("name: a\n", ProjectError, "runtime"),
        ("name: a\nruntime: nodejs\n", UnsupportedError, "nodejs"),
        ("name: a\nruntime: python\nmain: nowhere\n", ProjectError, "nowhere"),
        ("- a\n", ProjectError, "mapping"),
        ("name: a\nruntime: {name: python, options: 3}\n", ProjectError, "runtime.options"),
        (
            "name: a\nruntime: {name: python, options: {typechecker: mypy}}\n",
            UnsupportedError,
            r"^runtime\.options\.typechecker \(mypy\) in Pulumi\.yaml",
        ),
        (
            "name: a\nruntime: {name: python, options: {toolchain: poetry}}\n",
            UnsupportedError,
            "poetry",
        ),
        (
            "name: a\nruntime: {name: python, options: {toolchain: npm}}\n",
            ProjectError,
            "pip or uv",
        ),
        (
            "name: a\nruntime: python\nplugins: {providers: [{name: docker, path: ./bin}]}\n",
            UnsupportedError,
            r"^plugins\.providers \(docker\) in Pulumi\.yaml",
        ),
        ("name: a\nruntime: python\nplugins: [a]\n", ProjectError, "plugins in .* mapping"),
        (
            "name: a\nruntime: python\nrequiredPulumiVersion: '>=99.0.0'\n",
            ProjectError,
            r"^requiredPulumiVersion in Pulumi\.yaml asks for Pulumi >=99",
        ),
        ("name: a\nruntime: python\nrequiredPulumiVersion: 3\n", ProjectError, "must be a text"),
        ("name: a\nruntime: python\noptions: {refresh: never}\n", ProjectError, "only be: always"),
        ("name: a\nruntime: python\noptions: {refrehs: always}\n", ProjectError, "unknown refrehs"),
        ("name: a\nruntime: python\nbackend: {uri: file://x}\n", ProjectError, "unknown uri"),
        ("name: a\nruntime: python\nconfig: [a]\n", ProjectError, "config in .* mapping"),
        (
            "name: a\nruntime: python\nconfig: settings\nstackConfigDir: other\n",
            ProjectError,
            "both name a folder",
        ),
    ],
)
def test_a_project_that_cannot_run_is_refused(tmp_path, text, error, says):
    with pytest.raises(error, match=says):
        load(tmp_path, text)


def test_a_folder_without_project_is_named(tmp_path):
    with pytest.raises(ProjectError, match=r"no Pulumi\.yaml"):
        Project.load(tmp_path, {})


def test_what_is_asked_for_and_served_is_no_reason_to_refuse(tmp_path):
    text = (
        "name: a\nruntime: {name: python, options: {toolchain: uv}}\nplugins: {providers: []}\n"
        "requiredPulumiVersion: '>=3.0.0'\noptions: {refresh: always}\nconfig: settings\n"
    )
    made = load(tmp_path, text)
    assert made.virtualenv == tmp_path.resolve() / ".venv"
    assert made.refreshes
    assert made.settings_file("dev") == tmp_path.resolve() / "settings/Pulumi.dev.yaml"


@pytest.mark.parametrize("url", ["s3://bucket", "https://api.pulumi.com"])
def test_other_backends_are_refused_by_name(tmp_path, url):
    made = load(tmp_path, "name: a\nruntime: python\n", {"PULUMI_BACKEND_URL": url})
    with pytest.raises(UnsupportedError, match=url):
        _ = made.state_folder


def test_a_folder_that_the_cli_would_not_take_for_one_is_refused(tmp_path):
    made = load(tmp_path, "name: a\nruntime: python\nbackend: {url: .state}\n")
    with pytest.raises(ProjectError, match=r"a folder is written file://\.state"):
        _ = made.state_folder


def test_no_backend_at_all_is_an_error(tmp_path):
    with pytest.raises(ProjectError, match="PULUMI_BACKEND_URL"):
        _ = load(tmp_path, "name: a\nruntime: python\n").state_folder
