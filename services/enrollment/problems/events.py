"""The errors of events as problems."""

from services.enrollment.events import model as events
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    events.UnknownCursorError: ProblemType(
        code="unknown-cursor",
        status=400,
        title="This is no cursor of this feed",
        advice="Use the cursor that the last answer gave, or none to begin from the start.",
    ),
    events.EndpointExistsError: ProblemType(
        code="endpoint-exists",
        status=409,
        title="This address is an endpoint already, or the id is taken",
        advice="Use the endpoint that is there, or a new random id.",
    ),
    events.TooManyEndpointsError: ProblemType(
        code="too-many-endpoints",
        status=409,
        title="There are as many endpoints as there may be",
        advice="Delete one first.",
    ),
}
