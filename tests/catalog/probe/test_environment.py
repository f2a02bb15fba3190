"""What others see of the user's environment (crawling.md, "Starting a stranger's server")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.probe.environment import allowed, declared, dummy
from catalog.records import EnvironmentVariable

USER = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "LC_ALL": "C",
    "https_proxy": "http://proxy",
    "SSL_CERT_FILE": "/ca.pem",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "GITHUB_TOKEN": "secret",
    "PIP_INDEX_URL": "https://index",
    "npm_config_registry": "https://index",
    "UV_CACHE_DIR": "/cache",
}


def test_a_server_gets_the_allow_list_and_never_the_users_secrets() -> None:
    assert set(allowed(USER, preparing=False)) == {"PATH", "HOME", "LC_ALL", "https_proxy", "SSL_CERT_FILE"}


def test_package_managers_also_get_their_own_settings() -> None:
    extra = set(allowed(USER, preparing=True)) - set(allowed(USER, preparing=False))
    assert extra == {"PIP_INDEX_URL", "npm_config_registry", "UV_CACHE_DIR"}


def test_a_variable_that_the_user_names_is_passed() -> None:
    assert allowed(USER, preparing=False, pass_env=["GITHUB_TOKEN"])["GITHUB_TOKEN"] == "secret"


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_nothing_is_invented_or_changed(environ) -> None:
    assert allowed(environ, preparing=True).items() <= environ.items()


def test_only_required_variables_without_a_value_get_a_dummy() -> None:
    variables = [
        EnvironmentVariable("GIVEN", "value"),
        EnvironmentVariable("OPTIONAL"),
        EnvironmentVariable("API_TOKEN", required=True),
    ]
    assert declared(variables, dummies=True) == (
        {"GIVEN": "value", "API_TOKEN": "dummy-api-token"},
        ("API_TOKEN",),
    )
    assert declared(variables, dummies=False) == ({"GIVEN": "value"}, ())


def test_the_loaders_variables_reach_only_the_users_own_command() -> None:
    """They would act on the sandbox's program, outside the sandbox."""
    variables = [EnvironmentVariable("LD_PRELOAD", "./evil.so")]
    assert declared(variables, dummies=True) == ({}, ())
    assert declared(variables, dummies=True, own=True) == ({"LD_PRELOAD": "./evil.so"}, ())


@given(st.text(), st.text())
def test_what_no_system_takes_as_a_variable_is_left_out(name, value) -> None:
    values, _ = declared([EnvironmentVariable(name, value)], dummies=True)
    assert all(key.isascii() and "=" not in key and "\0" not in key + text for key, text in values.items())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_URL", "https://example.invalid/"),
        ("API_BASE", "https://example.invalid/"),
        ("DB_HOST", "example.invalid"),
        ("PORT", "65000"),
        ("USER_EMAIL", "nobody@example.invalid"),
        ("DATA_DIR", "/tmp"),  # noqa: S108 – private in the sandbox
        ("REQUEST_TIMEOUT", "1"),
        ("ENABLE_WRITES", "false"),
        ("AWS_REGION", "us-east-1"),
        ("My.Odd Key", "dummy-my-odd-key"),
    ],
)
def test_a_dummy_has_the_type_that_the_name_promises(name, value) -> None:
    """The catalogue's own decision; `.invalid` names resolve nowhere (RFC 2606)."""
    assert dummy(name) == value
