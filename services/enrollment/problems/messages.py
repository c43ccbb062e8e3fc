"""The errors of messages as problems."""

from services.enrollment.messages import model as messages
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    messages.MessageExistsError: ProblemType(
        code="message-exists",
        status=409,
        title="This message was sent already, with other words",
        advice="Nothing was sent now. Load the page again and write a new message.",
    ),
}
