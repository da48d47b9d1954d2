from webstack.cli.machine.package_index import uv_environment


def test_uv_hears_of_pips_settings():
    """A company's index and certificate are set for pip; uv knows other names."""
    listing = (
        "global.cert='/etc/company.pem'\n"
        "global.extra-index-url='https://one/simple\\nhttps://two/simple'\n"
        "install.find-links='/wheels /more'\n"
        ":env:.index-url='https://mirror/simple'\n"
    )
    assert uv_environment(listing, {}) == {
        "SSL_CERT_FILE": "/etc/company.pem",
        "UV_INDEX": "https://one/simple https://two/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_DEFAULT_INDEX": "https://mirror/simple",
    }


def test_what_uv_is_told_itself_wins():
    environ = {"UV_DEFAULT_INDEX": "https://mine/simple", "HOME": "/home/me"}
    assert uv_environment("global.index-url='https://pips/simple'\n", environ) == environ


def test_other_sections_and_noise_are_passed_over():
    assert uv_environment("freeze.timeout='10'\nWARNING: something\n\n", {}) == {}
