"""Providers of several threads import their code one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CARRIED = """
from docker.tls import TLSConfig


class Carried:
    def configure(self, request):
        self.found = TLSConfig
"""
TWO_AT_ONCE = """
import base64, sys, threading, time
import dill
from webstack.engine.providers.docker import DockerProvider
from webstack.engine.providers.dynamic import DynamicProvider
from webstack.engine.sdk import sdk

# A reference by name, as the state has it; what it names is imported where it is read.
reference = base64.b64encode(b"ccarried\\nCarried\\n(tR.").decode()
begun = threading.Event()


class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "docker.api":  # the package is half imported by now
            begun.set()
            time.sleep(0.5)


sys.meta_path.insert(0, Slow())
faults = []


def told(work):
    try:
        work()
    except BaseException as error:
        faults.append(repr(error))


def read_resource():
    begun.wait(10)
    DynamicProvider({}, "shop")._code({"__provider": reference})


threads = [
    threading.Thread(target=told, args=(work,))
    for work in (DockerProvider({})._site, read_resource)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert "docker.tls" in sys.modules
sys.exit("; ".join(faults) or 0)
"""


def test_two_providers_that_import_one_package_at_once_get_it_whole(tmp_path: Path) -> None:
    (tmp_path / "carried.py").write_text(CARRIED)
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{TWO_AT_ONCE}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
