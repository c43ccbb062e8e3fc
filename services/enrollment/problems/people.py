"""The errors of people as problems."""

from services.enrollment.people import model as people
from services.enrollment.people.addresses import model as addresses
from services.enrollment.people.roles import model as roles
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    addresses.TooManyWishesError: ProblemType(
        code="too-many-addresses",
        status=429,
        title="We sent five letters within an hour",
        advice="Wait an hour, then try again.",
        retry_after=3600,
    ),
    addresses.WishOverError: ProblemType(
        code="address-link-over", status=410, title="This link opens no more", advice="Ask for a new one."
    ),
    addresses.AddressTakenError: ProblemType(
        code="address-taken",
        status=409,
        title="This address belongs to another record",
        advice="Ask whoever runs your program to merge the two.",
    ),
    people.PersonExistsError: ProblemType(
        code="person-exists",
        status=409,
        title="The id or the address belongs to another person",
        advice="Use the person who is there, or another address.",
    ),
    people.LastAdministratorError: ProblemType(
        code="last-administrator",
        status=409,
        title="An organization keeps at least one administrator",
        advice="Make somebody else administrator first.",
    ),
    roles.OwnRoleError: ProblemType(
        code="own-role",
        status=409,
        title="Nobody gives a role to themselves",
        advice="Ask another administrator to give it to you.",
    ),
    people.LinkNotOpenError: ProblemType(
        code="sign-in-link-over", status=410, title="This link no longer works", advice="Ask for a new link."
    ),
    people.CodeNeededError: ProblemType(
        code="sign-in-code-needed",
        status=422,
        title="The code is needed too",
        advice="Send the code from the e-mail; only the browser that asked for the link needs none.",
    ),
    people.WrongCodeError: ProblemType(
        code="sign-in-code-wrong",
        status=422,
        title="The code is not right, or no longer",
        advice="Look at the newest e-mail, or ask for a new link.",
    ),
    people.TooManyRequestsError: ProblemType(
        code="too-many-requests", status=429, title="Too many requests", advice="Wait.", retry_after=10
    ),
}
