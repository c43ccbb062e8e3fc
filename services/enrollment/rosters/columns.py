"""Which columns of a list of people say what: by their headings, and an address by its look. Pure."""

from collections.abc import Sequence

from services.enrollment.rosters.model import Columns, Part

_HEADINGS: dict[Part, frozenset[str]] = {
    "email": frozenset({
        "email", "e-mail", "mail", "email address", "e-mail address", "work email", "school email", "primary email",
        "correo", "correo electrónico", "correo electronico", "dirección de correo electrónico", "email 1",
    }),
    "name": frozenset({
        "name", "full name", "participant", "participant name", "teacher", "teacher name", "educator", "member",
        "member name", "employee", "employee name", "display name", "nombre completo", "nombre y apellidos",
        "participante",
    }),
    "first": frozenset({
        "first", "first name", "firstname", "given name", "forename", "preferred name", "nombre", "nombre de pila",
    }),
    "last": frozenset({
        "last", "last name", "lastname", "surname", "family name", "apellido", "apellidos",
    }),
    "region": frozenset({"region", "región", "area", "área", "uniserv", "uniserv region"}),
}  # fmt: skip
#: An address stands in this part of the first rows at least, where no heading tells its column.
_MOSTLY = 0.5


def headings_of(rows: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """The number of the first row below the headings, and the headings; "" for each column where there are none."""
    best, most = 0, 0
    for place, cells in enumerate(rows):
        known = sum(_part(cell) is not None for cell in cells)
        if known > most:
            best, most = place, known
    width = max((len(cells) for cells in rows), default=0)
    if most:
        head = [*rows[best]]
        return best + 1, [*head, *([""] * (width - len(head)))]
    # Without a word that we know the first row is headings where nothing in it is an address.
    if rows and len(rows) > 1 and not any("@" in cell for cell in rows[0]):
        head = [*rows[0]]
        return 1, [*head, *([""] * (width - len(head)))]
    return 0, [""] * width


def columns_of(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """Where each part stands, as far as it is recognized."""
    found: Columns = {}
    for place, heading in enumerate(headings):
        part = _part(heading)
        if part is not None and part not in found:
            found[part] = place
    if "email" not in found:
        place, share = _addresses(rows, width=len(headings))
        if share >= _MOSTLY:
            found["email"] = place
    if "last" not in found and "name" not in found and "first" in found and _means_whole(rows, found["first"]):
        # "Nombre" above whole names.
        found["name"] = found.pop("first")
    return found


def _part(heading: str) -> Part | None:
    words = " ".join(heading.casefold().replace("_", " ").strip(" *:").split())
    return next((part for part, known in _HEADINGS.items() if words in known), None)


def _addresses(rows: Sequence[Sequence[str]], *, width: int) -> tuple[int, float]:
    """The column with the largest share of cells that look like an address, and that share."""
    shares = [
        sum(place < len(cells) and "@" in cells[place] for cells in rows) / max(len(rows), 1) for place in range(width)
    ]
    return max(enumerate(shares), key=lambda one: one[1], default=(0, 0.0))


def _means_whole(rows: Sequence[Sequence[str]], place: int) -> bool:
    cells = [row[place] for row in rows if place < len(row) and row[place]]
    return bool(cells) and sum(" " in cell for cell in cells) >= len(cells) / 2
