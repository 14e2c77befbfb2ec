"""Passwords that are tried first."""

import pytest

from app.weak_passwords import is_weak


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password1234!", "P@ssw0rd2026!", "passwordpassword", "adminadminadmin", "qwertyuiop12",
        "1q2w3e4r5t6y", "qazwsxedcrfv", "asdfghjkl123", "123456789012", "210987654321", "aaaaaaaaaaaa", "abcabcabcabc",
        "Summer2026!!", "letmein123456", "iloveyou2026", "dynometer-2026", "Welcome2026!!", "ababababababab",
    ],
)  # fmt: skip
def test_what_programs_try_first_is_weak(password: str):
    assert is_weak(password)


@pytest.mark.parametrize("password", ["ada.lovelace1", "Lovelace2026!", "ada@example.org", "example-ada-1"])
def test_so_is_ones_own_address(password: str):
    assert is_weak(password, "ada.lovelace@example.org")


CHINESE = "\u6b63\u786e\u7684\u9a6c\u7535\u6c60\u8ba2\u4e66\u9489\u84dd\u6d77\u9e70"


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "kT9#vLq2!xZp", "seven turnips swim", "please love the long summer", CHINESE],
)
def test_some_words_or_letters_without_order_are_not(password: str):
    assert not is_weak(password, "ada.lovelace@example.org")
