"""What a password must be: length over composition."""

from __future__ import annotations

from app.errors import BadInputError, said

SHORTEST = 15
LONGEST = 128
_COMMON = frozenset(
    {
        "passwordpassword",
        "password12345678",
        "123456789012345",
        "1234567890123456",
        "qwertyuiopasdfgh",
        "iloveyouiloveyou",
        "adminadminadmin",
        "administratoradmin",
        "letmeinletmeinletmein",
        "correcthorsebatterystaple",
    }
)
_FEWEST_CHARACTERS = 5


def check_password(password: str, username: str) -> None:
    """Raise BadInputError (place "password") unless it is long enough and hard to guess.

    15 to 128 characters of any kind; not the user's name, nor one that everybody tries, nor a few
    characters over and over. The password itself is never repeated.
    """
    folded = password.casefold()
    faults = {
        said("has fewer than {count} characters.", count=SHORTEST): len(password) < SHORTEST,
        said("has more than {count} characters.", count=LONGEST): len(password) > LONGEST,
        said("contains a NUL character."): "\0" in password,
        said("is the user's name."): folded.strip() == username.casefold(),
        said("is one of those that everybody tries."): folded in _COMMON,
        said("repeats a few characters."): len(set(folded)) < _FEWEST_CHARACTERS,
    }
    for reason, wrong in faults.items():
        if wrong:
            raise BadInputError("password", reason, said("Choose a sentence of a few words."))
