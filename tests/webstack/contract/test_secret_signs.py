"""A word in plain text is taken for a secret by its signs."""

from __future__ import annotations

import pytest

from tests.authority import own_authority
from webstack.contract.secret_signs import form, suspicion


def split(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name, value


# Put together here, so that no tool that looks for keys in a repository stops at these.
PREFIXED = [
    "gh" + "p_" + "a1B2" * 9,
    "github" + "_pat_" + "11ABCDEFG0123456789abc",
    "glpat" + "-" + "aB3dE6gH9jK2mN5pQ8sT",
    "sk" + "_live_" + "4eC39HqLyjWDarjtT1",
    "xoxb" + "-123456789012-abcdef",
    "AIza" + "Sy" + "A1" * 17,
    "SG" + ".ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc",
    "npm" + "_" + "a1B2" * 9,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
]


@pytest.mark.parametrize("value", [*PREFIXED, *(f"https://host/?k={each}" for each in PREFIXED)])
def test_a_key_is_known_by_how_it_begins(value: str):
    assert suspicion("A", value) == "its value has the form of a key"


def test_a_certificate_is_none_but_its_key_is(tmp_path):
    key, certificate = own_authority(tmp_path / "own.pem").read_text().split("-----BEGIN CERT")
    certificate = f"-----BEGIN CERT{certificate}"
    assert suspicion("AUTHORITY", certificate * 2) is None
    assert suspicion("AUTHORITY", key + certificate) == "its value has the form of a key"
    assert suspicion("AUTHORITY", f"{certificate}{'a1B2' * 3}x7YzQ9w8Vu6T") is not None


@pytest.mark.parametrize(
    "line",
    [
        "PGPASS=x",
        "PGPASSWORD=x",
        "SMTP_PW=x",
        "SMTP_PW2=x",
        "MYSQL_PWD=x",
        "DBPASS=x",
        "ROOTPW=x",
        "smtpPassword=x",
        "apiToken=x",
        "my.mail.passphrase=x",
        "AUTHTOKEN=x",
        "APIKEY=x",
        "FERNET_KEY=x",
        "JWT_SIGNING_KEY=x",
        "APP_KEY=x",
        "API_KEYS=a,b",
        "AZURE_ACCOUNT_KEY=x",
        "CREDS=x",
        "AUTH=Bearer abcdefgh",
        "AUTHORIZATION=Basic dXNlcjpodW50ZXIy",
        "HEADERS=Authorization: Bearer abcdefgh",
        "UPSTREAM_HEADER=Token 9f2c1",
        "DSN=Server=db;Database=shop;Uid=shop;Pwd=hunter2;",
        "DSN=host=db user=shop password=hunter2",
        "DSN=DefaultEndpointsProtocol=https;AccountName=a;AccountKey=aHVudGVyMg==",
        "URL=https://api.example.com/?q=1&token=hunter2",
        'SETTINGS={"user": "shop", "password": "hunter2"}',
        "JAVA_OPTS=-Xmx1g -Djavax.net.ssl.trustStorePassword=changeit",
        "ARGS=--workers 2 --auth-token=hunter2",
        "CACHE=redis://:hunter2@cache:6379/0",
        "BROKER=amqp://shop:hunter2@queue/shop",
        "A=-----BEGIN OPENSSH PRIVATE KEY-----",
        "A=-----BEGIN PGP PRIVATE KEY BLOCK-----",
    ],
)
def test_a_secret_is_noticed_and_not_shown(line: str):
    reason = suspicion(*split(line))
    assert reason
    assert "hunter2" not in reason


@pytest.mark.parametrize(
    "line",
    [
        "PWD=/srv/app",
        "PASSWORD=",
        "DB_PASSWORD=/run/secrets/database",
        "DB_PASSWORD_FILE=password.txt",
        "PGPASSFILE=/home/shop/.pgpass",
        "DATABASE_URL=postgresql://shop:${DB_PASSWORD}@db/shop",
        "DSN=host=db user=shop dbname=shop sslmode=require",
        "DSN=Server=db;Database=shop;Integrated Security=true;Password=;",
        "MAX_TOKENS=4096",
        "TOKENIZERS_PARALLELISM=false",
        "REQUIRE_PASSWORD=true",
        "PASSWORD_MIN_LENGTH=12",
        "PASSWORD_HASHERS=django.contrib.auth.hashers.Argon2PasswordHasher",
        "SESSION_KEY_PREFIX=shop",
        "CACHE_KEY=front-page",
        "SORT_KEY=name",
        "PUBLIC_KEY_URL=https://id.example.com/keys",
        "AWS_ACCESS_KEY_ID=shop",
        "JWT_ALGORITHM=HS256",
        "CSRF_TOKEN_HEADER=X-CSRF-Token",
        "AUTH_TYPE=Basic",
        "AUTH_HOST=auth:8000",
        "WWW_AUTHENTICATE=Basic realm=shop",
        "MOTTO=bearer of good news",
        "DESCRIPTION=Basic authentication",
        "BYPASS_CACHE=1",
        "COMPASS=north",
        "PASSENGERS=4",
        "PROXY_PASSES=2",
        "LOG_FORMAT=%(asctime)s user=%(user)s token=%(token)s",
        "MONKEY=banana",
        "KEYBOARD=de",
        "AUTHOR=Ada Lovelace",
        "SECRETARY=Ada",
        "GUNICORN_CMD_ARGS=--bind unix:/run/webstack/3f9c2a71-0.sock --workers=2 --timeout=30",
        "CSP=default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
        "TEMPLATE=https://{user}:{password}@example.com/",
        'FEATURES={"token_ttl": "60", "login": "true"}',
    ],
)
def test_an_ordinary_value_is_left_alone(line: str):
    assert suspicion(*split(line)) is None


def test_a_value_tells_without_a_name():
    assert form("Pwd=hunter2") == "its value has a password in it"
    assert form("nothing of that kind") is None
