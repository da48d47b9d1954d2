import os

from webstack_service import reloader


def test_a_written_added_or_removed_file_is_a_change(tmp_path):
    source = tmp_path / "package" / "module.py"
    source.parent.mkdir()
    source.write_text("a = 1")
    (tmp_path / "page.html").write_text("read anew for each request anyway")
    first = reloader.modification_times(tmp_path)
    assert set(first) == {source}

    os.utime(source, ns=(1, 1))
    written = reloader.modification_times(tmp_path)
    assert written != first
    (tmp_path / "added.py").touch()
    assert reloader.modification_times(tmp_path).keys() > written.keys()
    source.unlink()
    assert source not in reloader.modification_times(tmp_path)


def test_a_watch_ends_with_the_server_also_where_that_is_gone_before(tmp_path):
    reloader.watch(os.getpid(), tmp_path, [])
