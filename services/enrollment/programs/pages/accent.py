"""A program's color as a stylesheet of its own: pages may have no style in their elements."""

from litestar import Response, get

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.programs import store
from shared.colors import accent_on
from shared.problems import NotFoundError

#: The grounds of the design system (`laurel.css`).
LIGHT, DARK = ("#ffffff", "#f4f6f4"), ("#18211f", "#101715")


@get("/{slug:str}/programs/{program_slug:str}/accent.css", opt={"policy": "program.read"}, include_in_schema=False)
async def accent(house: House, organization: Organization, program_slug: str) -> Response[str]:
    """The accent for light and dark, moved until it can be read."""
    program = await store.program_by_slug(house.pool, organization.id, program_slug)
    if program is None:
        raise NotFoundError
    return Response(stylesheet(program.accent), media_type="text/css", headers={"Cache-Control": "public, max-age=300"})


def stylesheet(color: str) -> str:
    """The properties of a color, `#rrggbb`, in both schemes."""
    light, dark = (
        f":root {{ --accent: {one.accent}; --on-accent: {one.on_accent}; --accent-soft: {one.soft}; }}"
        for one in (accent_on(color, LIGHT), accent_on(color, DARK))
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"


ROUTES = [accent]
