"""Random changes of JSON that know what JSON-LD is made of: its keywords, terms, value objects, lists and contexts."""

import copy
import random
from collections.abc import Callable
from typing import Any

from tests.conformance.documents import CLR, DATA_INTEGRITY, EXTENSIONS, OB, V1, V2

Path = tuple[str | int, ...]

KEYWORDS = (
    *("@id", "@type", "@value", "@list", "@set", "@graph", "@language", "@direction", "@index", "@reverse", "@nest"),
    *("@included", "@context", "@json", "@none", "@vocab", "@base", "@protected", "@unheard"),
)
#: Terms that mean something everywhere, in nodes of some type only, or nowhere.
TERMS = (
    *("id", "type", "name", "description", "narrative", "image", "url", "proof", "issuer", "validFrom", "evidence"),
    *("credentialSubject", "credentialStatus", "achievement", "alignment", "criteria", "creditsEarned", "identifier"),
    *("result", "endorsement", "tag", "jti", "kid", "cnf", "jwk", "_sd", "aud", "exp", "proofPurpose", "parentOrg"),
    *("verifiableCredential", "service", "allowedValue", "hashed", "grade", "Profile", "unheard", "", "a:b", "obi:x"),
    "https://schema.org/name",
)
SCALARS: tuple[Any, ...] = (
    *(
        "",
        " ",
        "x",
        "relative",
        "#fragment",
        "_:n0",
        "_:n1",
        "_:",
        "_:a.",
        "urn:x:y",
        "https://a.example/",
        "http://a b",
    ),
    *(
        "https://a.example/{x}",
        "//a.example/x",
        ":x",
        "a:b",
        "obi:x",
        "schema:name",
        "@id",
        "@type",
        "@json",
        "Profile",
    ),
    *("name", '\x00\x1f\x7f"\\', "a\r\n\tb", "\u2028\U0010ffff\ufffe", "2026-01-01T00:00:00Z", "true", "1", "1.0E0"),
    *("http://www.w3.org/2001/XMLSchema#integer", "en", "en-GB", "de-AT-1996", "x y", "ltr", V2, OB),
    *(None, True, False, 0, 1, -1, 2**53, -(2**53), 2**53 + 2, 0.5, -0.125, 1.5e300, 1e21, 0.1),
)
INLINE: tuple[Any, ...] = (
    *(None, {}, [], "x", 7, {"name": None}, {"unheard": None}, {"@vocab": "https://a.example/"}, {"@base": "urn:x:"}),
    *({"@language": "en"}, {"@import": V2}, {"@propagate": False}, {"@protected": True}, {"@version": 1.1}),
    *({"unheard": "https://own.example/unheard"}, {"unheard": "https://schema.org/name"}, {"unheard": "@id"}),
    {"unheard": {"@id": "https://own.example/unheard", "@type": "@id"}},
    {"unheard": {"@id": "https://own.example/unheard", "@type": "@vocab"}},
    {"unheard": {"@id": "https://own.example/unheard", "@type": "@json"}},
    {"unheard": {"@id": "https://own.example/unheard", "@container": "@list"}},
    {"unheard": {"@id": "https://own.example/unheard", "@container": "@language"}},
    {"unheard": {"@id": "https://own.example/unheard", "@container": ["@graph", "@set"]}},
    {"unheard": {"@id": "https://own.example/unheard", "@container": "@index"}},
    {"unheard": {"@id": "https://own.example/unheard", "@context": {"x": "https://own.example/x"}}},
    {"unheard": {"@reverse": "https://own.example/unheard"}},
    {"a": "https://own.example/a#", "unheard": "a:b"},
    {"name": "https://own.example/name"},
)
CONTEXTS = (V1, V2, OB, CLR, EXTENSIONS, DATA_INTEGRITY, "https://www.w3.org/ns/did/v1", "https://a.example/unknown")


class Changes:
    """Changes a document in one to some places, all from one source of randomness."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._kinds: tuple[Callable[[Any, Any], None], ...] = (
            *(self._replace,) * 4,
            *(self._rename,) * 2,
            *(self._add,) * 2,
            self._remove,
            self._wrap,
            self._copy_elsewhere,
            self._shuffle,
            self._repeat,
            self._name_blank,
            self._context,
        )

    def of(self, document: Any, *, most: int = 4) -> Any:
        """A changed copy."""
        made = copy.deepcopy(document)
        for _ in range(self._chance.randint(1, most)):
            places = list(_containers(made))
            place = self._chance.choice(places)
            if place:
                self._chance.choice(self._kinds)(made, place)
        return made

    def _any_key(self, place: Any) -> Any:
        return self._chance.choice(list(place) if isinstance(place, dict) else range(len(place)))

    def value(self, depth: int = 2) -> Any:
        """A scalar, or an object or a list of few."""
        draw = self._chance
        kind = draw.random()
        if not depth or kind < 0.55:
            return draw.choice(SCALARS)
        if kind < 0.7:
            return [self.value(depth - 1) for _ in range(draw.randint(0, 3))]
        if kind < 0.85:
            return {draw.choice(("@value", "@id", "@list", "@set", "@graph", "@type")): self.value(depth - 1)}
        return {self._name(): self.value(depth - 1) for _ in range(draw.randint(0, 3))}

    def _name(self) -> str:
        return self._chance.choice(TERMS if self._chance.random() < 0.75 else KEYWORDS)

    def _replace(self, _: Any, place: Any) -> None:
        place[self._any_key(place)] = self.value()

    def _rename(self, _: Any, place: Any) -> None:
        if isinstance(place, dict):
            held = place.pop(self._any_key(place))
            place[self._name()] = held

    def _add(self, _: Any, place: Any) -> None:
        if isinstance(place, dict):
            place[self._name()] = self.value()
        else:
            place.insert(self._chance.randint(0, len(place)), self.value())

    def _remove(self, _: Any, place: Any) -> None:
        del place[self._any_key(place)]

    def _wrap(self, _: Any, place: Any) -> None:
        key = self._any_key(place)
        held = place[key]
        kind = self._chance.choice(("list", "lists", "@list", "@set", "@value", "typed", "language", "direction", "id"))
        wrapped: dict[str, Any] = {
            "list": [held],
            "lists": [[held], [[held]]],
            "typed": {"@value": held, "@type": self._chance.choice(SCALARS)},
            "language": {"@value": held, "@language": self._chance.choice(("en", "en-GB", "x y", None))},
            "direction": {"@value": held, "@direction": self._chance.choice(("ltr", "rtl", "up"))},
            "id": {"id": held},
        }
        place[key] = wrapped.get(kind, {kind: held})

    def _copy_elsewhere(self, whole: Any, place: Any) -> None:
        held = copy.deepcopy(place[self._any_key(place)])
        other = self._chance.choice([one for one in _containers(whole) if one])
        other[self._any_key(other)] = held

    def _shuffle(self, _: Any, place: Any) -> None:
        if isinstance(place, list):
            self._chance.shuffle(place)
        else:
            items = list(place.items())
            self._chance.shuffle(items)
            place.clear()
            place.update(items)

    def _repeat(self, _: Any, place: Any) -> None:
        key = self._any_key(place)
        held = place[key]
        place[key] = [*(held if isinstance(held, list) else [held])] * self._chance.randint(2, 3)

    def _name_blank(self, _: Any, place: Any) -> None:
        if isinstance(place, dict):
            place[self._chance.choice(("id", "id", "@id"))] = f"_:n{self._chance.randint(0, 2)}"

    def _context(self, whole: Any, place: Any) -> None:
        draw = self._chance
        target = whole if draw.random() < 0.6 or not isinstance(place, dict) else place
        named = target.get("@context", []) if isinstance(target, dict) else None
        if named is None:
            return
        listed = list(named) if isinstance(named, list) else [named]
        match draw.randint(0, 4):
            case 0:
                listed.insert(draw.randint(0, len(listed)), copy.deepcopy(draw.choice(INLINE)))
            case 1:
                listed.insert(draw.randint(0, len(listed)), draw.choice(CONTEXTS))
            case 2 if listed:
                listed.pop(draw.randrange(len(listed)))
            case 3:
                draw.shuffle(listed)
            case _:
                listed = [*listed, *listed]
        target["@context"] = listed[0] if len(listed) == 1 and draw.random() < 0.5 else listed


def _containers(value: Any) -> list[Any]:
    """Every object and list in a value, the value first."""
    found: list[Any] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            found.append(one)
            waiting.extend(held for name, held in one.items() if name != "@context")
        elif isinstance(one, list):
            found.append(one)
            waiting.extend(one)
    return found
