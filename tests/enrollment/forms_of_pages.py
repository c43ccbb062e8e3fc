"""Forms as a browser reads them from a page: what it would send if nobody typed anything."""

from html.parser import HTMLParser

import msgspec


class Form(msgspec.Struct):
    """A form of a page."""

    action: str
    method: str
    fields: dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.found.append(Form(held.get("action", ""), held.get("method", "get"), {}))
        if not self.found:
            return
        fields, name = self.found[-1].fields, held.get("name", "")
        if tag == "input" and name:
            is_box = held.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in held:
                fields[name] = held.get("value", "on")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None and (self._select not in fields or "selected" in held):
            fields[self._select] = held.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self.found[-1].fields[self._textarea] += data.removeprefix("\n")


def forms_of(page: str) -> list[Form]:
    """The forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


def form_to(page: str, ending: str) -> Form:
    """The form that is sent to an address with this end."""
    (found,) = [one for one in forms_of(page) if one.action.endswith(ending)]
    return found
