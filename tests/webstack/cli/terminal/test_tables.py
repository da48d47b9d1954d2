from webstack.cli.terminal.tables import table


def test_columns_are_aligned_without_trailing_blanks():
    assert table(["A", "LONGER"], [["first", "x"], ["y", ""]]) == ("A      LONGER\nfirst  x\ny")


def test_a_cell_stays_in_its_place():
    shown = table(["A", "B"], [["one\ntwo", "\x1b[2Jx"], ["a", "b"]])
    assert shown.splitlines() == ["A         B", r"one\ntwo  \u001b[2Jx", "a         b"]
