"""Actions of programs and cohorts."""

from services.enrollment.people.policy.standings import (
    ANYBODY,
    CONCERNED,
    PARTICIPANT,
    SIGNED_IN,
    STAFF,
    TEACHING,
    Policy,
)

TABLE: Policy = {
    "catalog.read": ANYBODY,
    "program.read": ANYBODY,
    "program.write": STAFF,
    "cohort.read": CONCERNED,
    "cohort.write": STAFF,
    "session.switch": TEACHING,
    "session.move": TEACHING,
    "session.cancel": TEACHING,
    # the viewer's own
    "level.claim": SIGNED_IN,
    "level.decide": STAFF,
    # lists what one teaches oneself
    "teaching.read": SIGNED_IN,
    # the participant is whom the profile is of
    "profile.write": STAFF | PARTICIPANT,
    "calendar.own": SIGNED_IN,
    # whoever has the secret address
    "calendar.read": ANYBODY,
}
