"""The errors of organizations as problems."""

from services.enrollment.organizations import model as organizations
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    organizations.OrganizationExistsError: ProblemType(
        code="organization-exists", status=409, title="This slug is taken", advice="Choose another slug."
    ),
}
