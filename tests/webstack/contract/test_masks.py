"""Rules that hide columns become SQL that quotes names; what is no rule is refused."""

from __future__ import annotations

import pytest

from webstack.contract.masks import MaskError, statements


def test_the_rules_of_a_table_are_one_statement_and_those_of_tables_delete():
    rules = {
        "auth_user.email": "email",
        "auth_user.password": "null",
        "sales.order.note": "= left(note, 3)",
        "session": "delete",
    }
    assert list(statements(rules, "s")) == [
        'DELETE FROM "session"',
        'UPDATE "auth_user" SET "email" = left(md5(\'s\' || "email"::text), 16)'
        " || '@example.invalid', \"password\" = NULL",
        'UPDATE "sales"."order" SET "note" = (left(note, 3))',
    ]


def test_a_quote_in_a_name_stays_one():
    [said] = statements({'a"; DROP TABLE b; --.c': "zero"}, "")
    assert said == 'UPDATE "a""; DROP TABLE b; --" SET "c" = 0'


@pytest.mark.parametrize(
    ("place", "rule", "told"),
    [
        ("user", "hash", "hash is for a column"),
        ("user.email", "hide", "there is no rule hide; it can be null, empty"),
        ("user.email", "=  ", "there is no rule"),
        ("a.b.c.d", "null", "is no place"),
        ("user.", "null", "is no place"),
        ("a.b.c", "delete", "is no place"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(place: str, rule: str, told: str):
    with pytest.raises(MaskError, match=told):
        list(statements({place: rule}, ""))
