"""What a rule of the data model is, and what it finds: a name, the clauses it comes from, and the check."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from services.credentials.proofs.strict_json import JsonObject

Version = Literal["2.0", "1.1"]
#: A code, and the path of the member that is off, such as `relatedResource[0].id`; never a value of the document.
Finding = tuple[str, str]
Check = Callable[[JsonObject], Iterator[Finding]]

#: A document that is wrong in more places is as wrong.
MOST_FAULTS = 100


class Fault(msgspec.Struct, frozen=True):
    """One member that a rule does not accept: `where` is its path, `clause` what the rule is taken from."""

    rule: str
    code: str
    where: str
    clause: str


class Rule(msgspec.Struct, frozen=True):
    """A shape rule: `clause` is its section for VC Data Model 2.0, `older` for 1.1; None where a model lacks it."""

    name: str
    clause: str | None
    older: str | None
    check: Check

    def cited(self, version: Version) -> str | None:
        """The clause in one version of the data model; None where that version has no such rule."""
        return self.clause if version == "2.0" else self.older

    def faults(self, document: JsonObject, version: Version) -> Iterator[Fault]:
        """What the rule finds in a document of that version; nothing where the version has no such rule."""
        clause = self.cited(version)
        if clause is not None:
            for code, where in self.check(document):
                yield Fault(self.name, code, where, clause)
