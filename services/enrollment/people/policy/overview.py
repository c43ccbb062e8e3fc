"""Actions of the overview, exports and the journal."""

from services.enrollment.people.policy.standings import ADMINISTRATORS, STAFF, TEACHING, Policy

TABLE: Policy = {
    "overview.read": STAFF,
    # an instructor only of the own cohort, and without addresses
    "export.make": TEACHING,
    "journal.read": ADMINISTRATORS,
}
