"""Actions of people, forms, rosters and merges."""

from services.enrollment.people.policy.standings import ADMINISTRATORS, ANYBODY, PARTICIPANT, SIGNED_IN, STAFF, Policy

TABLE: Policy = {
    "person.read": STAFF,
    "person.write": STAFF,
    # Of one's own: the viewer's id is in the query.
    "address.write": SIGNED_IN,
    "role.write": ADMINISTRATORS,
    "roster.import": STAFF,
    "person.merge": STAFF,
    "form.read": ANYBODY,
    "form.write": STAFF,
    "answer.read": STAFF,
    "answer.own": PARTICIPANT,
    # Those of the staff whom an administrator let read the field.
    "secret.read": SIGNED_IN,
    "reader.grant": ADMINISTRATORS,
}
