from ops.tables import table


def test_columns_are_aligned_without_trailing_blanks():
    assert table(["A", "LONGER"], [["first", "x"], ["y", ""]]) == ("A      LONGER\nfirst  x\ny")
