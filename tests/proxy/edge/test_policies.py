"""Headers of policies come from the settings, else the service, else us; never twice."""

from __future__ import annotations

from proxy import RoutedService, Site, render
from proxy.edge.policies import VARIABLES
from proxy.headers import ADDED


def table(text: str, variable: str) -> list[str]:
    return text.partition(f" {variable} {{")[2].partition("}")[0].split("\n")[1:-1]


def site(indexed: bool = True, **headers: str) -> str:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    shop = RoutedService("shop", path="/", headers=tuple(named.items()))
    return render(Site(hosts=("site.test",), backends=(shop,), indexed=indexed))


def test_all_that_settings_may_say_is_added_to_every_answer():
    assert {name: ADDED[name] for name in VARIABLES} == VARIABLES


def test_a_service_that_says_it_itself_gets_nothing_added():
    lines = [line.strip() for line in table(site(), "$content_policy")]
    assert lines == ['default "";', "\"\" \"base-uri 'self'; object-src 'none'\";"]


def test_the_settings_come_before_the_service_and_before_ours():
    text = site(Content_Security_Policy="default-src 'self'", Referrer_Policy="")
    policy = [line.strip() for line in table(text, "$content_policy")]
    assert policy == ["default $content_policy_else;", "shop \"default-src 'self'\";"]
    assert [line.strip() for line in table(text, "$referrer_policy")][1] == 'shop "";'
    assert "proxy_hide_header Content-Security-Policy;" in text
    assert "proxy_hide_header Permissions-Policy;" not in text


def test_search_engines_are_kept_out_unless_it_is_asked():
    assert "noindex, nofollow" in "".join(table(site(indexed=False), "$robots"))
    assert "noindex" not in site()
