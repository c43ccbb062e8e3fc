"""Whether an e-mail address looks mistyped: its domain is nearly, but not quite, one that many people have. Pure."""

from difflib import get_close_matches

#: Domains that many people have; whoever has one of these made no mistake in it.
_COMMON = (
    "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "live.com", "msn.com", "me.com",
    "comcast.net", "sbcglobal.net", "att.net", "verizon.net", "bellsouth.net", "cox.net", "charter.net", "mac.com",
    "protonmail.com", "proton.me", "ymail.com", "googlemail.com", "hotmail.es", "yahoo.es", "outlook.es",
    "gmx.com", "gmx.net", "mail.com", "fastmail.com", "nea.org", "zoho.com",
)  # fmt: skip
#: So alike that hardly anybody means another domain: one letter of nine is wrong or missing, or two are swapped.
_ALIKE = 0.86


def suggestion(email: str) -> str | None:
    """The address that was probably meant by a normalized one; None for one that looks right."""
    local, _, domain = email.rpartition("@")
    if domain in _COMMON:
        return None
    # A name that is short by nature is near to too many others.
    found = get_close_matches(domain, [one for one in _COMMON if len(one) > 7], n=1, cutoff=_ALIKE)
    return f"{local}@{found[0]}" if found else None
