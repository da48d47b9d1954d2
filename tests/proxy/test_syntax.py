"""The builder keeps one child of each name; ours keeps all, in order."""

import pytest

from proxy.syntax import block, directive, group, quoted, remark, text, when


def test_repeated_directives_stay_in_the_order_given():
    node = group(*(directive("add_header", name, "1") for name in "bac"))
    assert text(node) == "add_header b 1;\nadd_header a 1;\nadd_header c 1;\n"


def test_blocks_of_one_name_all_stay():
    assert text(*(block("server", directive("listen", port)) for port in (1, 2, 1))) == (
        "server {\n    listen 1;\n}\n\nserver {\n    listen 2;\n}\n\nserver {\n    listen 1;\n}\n"
    )


def test_conditions_of_one_text_all_stay():
    node = group(*(when("$a", directive("return", code)) for code in (1, 2)))
    assert text(node) == "if ($a) {\n    return 1;\n}\nif ($a) {\n    return 2;\n}\n"


def test_a_comment_stands_over_its_block():
    node = block("a", block("b", directive("c"), note="one\ntwo"))
    assert text(node) == "a {\n\n    # one\n    # two\n    b {\n        c;\n    }\n}\n"


def test_a_remark_stands_alone():
    assert text(directive("a"), remark("why"), directive("b")) == "a;\n\n# why\nb;\n"


@pytest.mark.parametrize(("value", "written"), [("", '""'), ('a "b" c', r'"a \"b\" c"')])
def test_quotes_are_written_as_nginx_reads_them(value, written):
    assert quoted(value) == written
