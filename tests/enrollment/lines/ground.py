"""Routes of what everything stands on: organizations, signing in and the process itself."""

from tests.enrollment.lines.line import Line

OBJECTS: dict[str, Line] = {}
LISTS: set[str] = set()
DOORS: set[str] = {
    "GET /.well-known/jwks.json",
    "GET /api/me",
    "GET /api/organizations/{slug:str}",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /problems/{code:str}",
    "GET /static/{name:str}",
    "GET /{slug:str}/sign-in",
    "GET /{slug:str}/sign-in/sent",
    "GET/HEAD /sign-in/{token:str}",
    "DELETE /api/session",
    "DELETE /api/sessions",
    "POST /api/sign-in/code",
    "POST /api/sign-in/{token:str}",
    "POST /api/{slug:str}/sign-in",
    "POST /sign-in/{token:str}",
    "POST /language",
    "POST /sign-out",
    "POST /{slug:str}/sign-in",
    "POST /{slug:str}/sign-in/sent",
}
