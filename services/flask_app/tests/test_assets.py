import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from notes import hashed

SERVICE = Path(__file__).parents[1]


@pytest.fixture
def source(tmp_path):
    """Write a style sheet that names a picture beside itself and one in the folder above."""
    folder = tmp_path / "source"
    (folder / "css").mkdir(parents=True)
    (folder / "a.svg").write_text("<svg/>")
    (folder / "css" / "b.svg").write_text("<svg/>")
    (folder / "css" / "x.css").write_text(
        "a{b:url(../a.svg)} c{d:url('b.svg?v=1')} e{f:url(data:,x)} g{h:url(#i)}"
    )
    return folder


def test_names_carry_the_content(source, tmp_path):
    names = hashed.build(source, tmp_path / "target")
    assert set(names) == {"a.svg", "css/b.svg", "css/x.css"}
    for name in names.values():
        assert re.fullmatch(r"(css/)?\w\.[0-9a-f]{12}\.(svg|css)", name)
        assert (tmp_path / "target" / name).is_file()


def test_style_sheets_name_the_hashed_files(source, tmp_path):
    names = hashed.build(source, tmp_path / "target")
    sheet = (tmp_path / "target" / names["css/x.css"]).read_text()
    above, beside = names["a.svg"], Path(names["css/b.svg"]).name
    assert (
        sheet
        == f"a{{b:url(../{above})}} c{{d:url('{beside}?v=1')}} e{{f:url(data:,x)}} g{{h:url(#i)}}"
    )


def test_a_changed_picture_renames_the_style_sheet_that_shows_it(source, tmp_path):
    before = hashed.build(source, tmp_path / "target")
    (source / "a.svg").write_text("<svg></svg>")
    after = hashed.build(source, tmp_path / "target")
    assert before["css/x.css"] != after["css/x.css"]
    assert before["css/b.svg"] == after["css/b.svg"]


def test_a_missing_picture_fails_the_build(source, tmp_path):
    (source / "a.svg").unlink()
    with pytest.raises(SystemExit, match=r"css/x.css names ../a.svg, which is no static file"):
        hashed.build(source, tmp_path / "target")


def test_the_application_links_to_what_was_built(make_app, tmp_path):
    manifest = tmp_path / "manifest.json"
    command = ["notes/hashed.py", "notes/static", str(tmp_path / "built"), str(manifest)]
    subprocess.run([sys.executable, *command], cwd=SERVICE, check=True)
    app = make_app(STATIC_ROOT=str(tmp_path / "built"), STATIC_MANIFEST=str(manifest))
    page = app.test_client().get("/", base_url="http://localhost/p").text
    for name in ("site.css", "site.js", "picture.svg"):
        assert f'"/p/static/{json.loads(manifest.read_text())[name]}"' in page
