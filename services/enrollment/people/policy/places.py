"""Actions of admission and enrollments."""

from services.enrollment.people.policy.standings import ANYBODY, CONCERNED, PARTICIPANT, STAFF, TEACHING, Policy

TABLE: Policy = {
    "enrollment.create": ANYBODY,
    "enrollment.list": TEACHING,
    "enrollment.read": CONCERNED,
    "enrollment.show_name": PARTICIPANT,
    "enrollment.withdraw": STAFF | PARTICIPANT,
    # on the page of one's own learning; staff have their own page of places
    "enrollment.leave": PARTICIPANT,
    "place.read": TEACHING,
    "place.change": STAFF,
    # the page's address is the key: it is in nobody's hands but those of the letter's reader
    "offer.answer": ANYBODY,
    "offer.decide": PARTICIPANT,
}
