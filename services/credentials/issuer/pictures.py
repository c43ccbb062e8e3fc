"""Pictures for achievements, which the issuer's own process never looks into."""

from typing import Annotated, Any

from litestar import Request, Response, put
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from services.credentials.achievements.actions import MAX_PICTURE_BYTES, put_picture
from services.credentials.issuer.house import House
from shared import contracts
from shared.tokens import Caller


@put(
    "/images/{sha256:str}",
    opt={
        "scope": contracts.ACHIEVEMENTS_WRITE,
        "body": ["image/png", "image/svg+xml"],
        "statuses": {201: "The picture is new"},
    },
    request_max_body_size=MAX_PICTURE_BYTES,
    summary="Bring a picture for an achievement",
)
async def put_image(
    house: House,
    caller: Caller,
    request: Request[Any, Any, Any],
    sha256: Annotated[str, Parameter(pattern="^[0-9a-f]{64}$")],
) -> Response[contracts.PictureAnswer]:
    """Keep a PNG or SVG under its SHA-256, drawn anew as a square of 512 pixels: 201, then 200."""
    is_new = await put_picture(house.studio, caller.organization, sha256, await request.body(), now=house.clock())
    return Response(contracts.PictureAnswer(sha256=sha256), status_code=201 if is_new else 200)


ROUTES: list[ControllerRouterHandler] = [put_image]
