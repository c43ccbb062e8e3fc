"""Makes the served OpenAPI document true where the framework cannot know: problems, sign-in, files in and out.

A route may say in its `opt`: `media_types`, the forms in which it answers; `body`, the media types it takes as a file;
`statuses`, the further statuses of success, with what they mean.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.routes import HTTPRoute

PROBLEM_MEDIA_TYPE = "application/problem+json"
_BINARY = Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream")
_PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    title="Problem",
    description="RFC 9457. `type` is stable and leads to what it means; further members depend on it.",
    required=["type", "title", "status", "detail"],
    properties={
        "type": Schema(type=OpenAPIType.STRING),
        "title": Schema(type=OpenAPIType.STRING),
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": Schema(type=OpenAPIType.STRING),
        "request_id": Schema(type=OpenAPIType.STRING),
    },
)


def complete(app: Litestar) -> None:
    """Add to the application's document what its routes say in their `opt`, and the problem each may answer with."""
    document: OpenAPI = app.openapi_schema
    for route in app.routes:
        path = (document.paths or {}).get(route.path_format) if isinstance(route, HTTPRoute) else None
        if path is None or not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            operation = getattr(path, method.lower(), None)
            if operation is not None:
                _complete(operation, handler)
    if isinstance(document.components, Components):
        _close_schemas(document.components, app)
        document.components.security_schemes = {
            "session": SecurityScheme(type="apiKey", name="session cookie", security_scheme_in="cookie"),
            "service": SecurityScheme(type="http", scheme="bearer", bearer_format="at+jwt"),
        }


def _close_schemas(components: Components, app: Litestar) -> None:
    """Say of each message that refuses unknown members that it does."""
    strict = {
        kind.__name__
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler, _ in route.route_handler_map.values()
        if handler.parsed_data_field is not None
        for kind in _structs(handler.parsed_data_field.annotation)
        if kind.__struct_config__.forbid_unknown_fields
    }
    for name, schema in components.schemas.items():
        # Where two messages have one name, the framework puts the module's before it.
        if name.rpartition("_")[2] in strict:
            schema.additional_properties = False


def _structs(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that a message is made of."""
    waiting: list[Any] = [msgspec.inspect.type_info(annotation)] if _is_struct(annotation) else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, msgspec.inspect.StructType):
            yield one.cls
            waiting.extend(field.type for field in one.fields)
        else:
            waiting.extend(getattr(one, "types", ()))
            waiting.extend(found for name in ("item_type", "value_type") if (found := getattr(one, name, None)))
            waiting.extend(getattr(one, "item_types", ()))


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _complete(operation: Operation, handler: HTTPRouteHandler) -> None:
    responses: dict[str, OpenAPIResponse | Reference] = dict(operation.responses or {})
    # The framework's own idea of a validation error is not ours.
    responses.pop("400", None)
    for status, answer in responses.items():
        if status == "204" and isinstance(answer, OpenAPIResponse):
            answer.content = None
    for answer in responses.values():
        if isinstance(answer, OpenAPIResponse) and "media_types" in handler.opt:
            answer.content = {one: OpenAPIMediaType(schema=_schema_of(one)) for one in handler.opt["media_types"]}
    first = next(iter(responses.values()), None)
    for status, meaning in handler.opt.get("statuses", {}).items():
        content = first.content if isinstance(first, OpenAPIResponse) else None
        responses[str(status)] = OpenAPIResponse(description=meaning, content=content)
    responses["default"] = OpenAPIResponse(
        description="A problem: nothing was done, or not all of it; `type` says which.",
        content={PROBLEM_MEDIA_TYPE: OpenAPIMediaType(schema=_PROBLEM)},
    )
    operation.responses = responses
    if "body" in handler.opt:
        content = {one: OpenAPIMediaType(schema=_BINARY) for one in handler.opt["body"]}
        operation.request_body = RequestBody(required=True, content=content)
    operation.security = _security(handler.opt)


def _schema_of(media_type: str) -> Schema:
    if media_type.startswith(("image/", "application/pdf", "application/octet-stream")):
        return _BINARY
    return Schema(type=OpenAPIType.OBJECT if media_type.startswith("application/") else OpenAPIType.STRING)


def _security(opt: dict[str, Any]) -> list[dict[str, list[str]]]:
    if "scope" in opt:
        return [{"service": [opt["scope"]]}]
    return [] if opt.get("policy") == "open" else [{"session": []}, {}]
