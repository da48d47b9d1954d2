#!/usr/bin/env bash
# nginx-config-builder: two directives of one name in one block
#
# One would guess: a section holds its children in a list, so that two `add_header` directives or
# two servers in one block both appear, as nginx itself allows and as the order of arguments says.
# What happens: children are kept in a dictionary by their name. The second of a name replaces the
# first without a word, in the place of the first. nginx accepts what is left, so a security header
# or a whole server is gone and `nginx -t` is content.
# Source: the package's `nginx/config/api/options.py` (AttrList) and a run.
# What follows: give each child that may repeat a nameless block of its own (`EmptyBlock`), which
# has no key to collide with, and test the rendered text rather than the objects.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nginx-config-builder==1.0.1

cat > "$folder/names.py" <<'PYTHON'
from importlib.metadata import version

from nginx.config.api import EmptyBlock, KeyMultiValueOption, KeyValueOption, Section

FRAME = ("X-Frame-Options", "DENY")
SNIFF = ("X-Content-Type-Options", "nosniff")


def header(values: tuple[str, str]) -> KeyMultiValueOption:
    return KeyMultiValueOption("add_header", values)


def server(port: int) -> Section:
    return Section("server", KeyValueOption("listen", port))


headers = repr(Section("server", header(FRAME), header(SNIFF)))
servers = repr(Section("http", server(8080), server(8081)))
apart = repr(Section("server", EmptyBlock(header(FRAME)), EmptyBlock(header(SNIFF))))
print("nginx-config-builder", version("nginx-config-builder"))
print(headers, servers, apart)

assert headers.count("add_header") == 1 and "nosniff" in headers, "both headers are kept now"
assert servers.count("listen") == 1 and "8081" in servers, "both servers are kept now"
assert apart.count("add_header") == 2, "nameless blocks no longer keep both"
PYTHON

"$folder/venv/bin/python" "$folder/names.py"
