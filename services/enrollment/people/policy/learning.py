"""Actions of one's own learning and records, the directory and erasure."""

from services.enrollment.people.policy.standings import ADMINISTRATORS, SIGNED_IN, STAFF, Policy

TABLE: Policy = {
    # What these do is done to what is the viewer's own: the viewer's id is in the query.
    "learning.read": SIGNED_IN,
    "visibility.set": SIGNED_IN,
    "record.read": SIGNED_IN,
    "record.send": SIGNED_IN,
    "data.download": SIGNED_IN,
    "erasure.ask": SIGNED_IN,
    "directory.read": SIGNED_IN,
    "directory.write": SIGNED_IN,
    "resource.write": STAFF,
    "erasure.do": ADMINISTRATORS,
    "hold.write": ADMINISTRATORS,
}
