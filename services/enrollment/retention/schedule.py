"""The retention table: what is kept, how long, why, and what erasing a person does with it.

Every table of the database stands in one group; a test holds this against the database. The years are those of Illinois
for records of professional development, which their providers keep for six years.
"""

from services.enrollment.retention.model import Group
from shared.words import N_

#: How long the record of professional development is kept after a cohort's last session.
YEARS = 6

SCHEDULE: tuple[Group, ...] = (
    Group(
        name="identity",
        what=N_("Your e-mail addresses, language, roles and sign-ins"),
        how_long=N_("Until you have them erased; a sign-in ends after 14 days"),
        why=N_("To write to you, and to let nobody else in"),
        on_erasure="removed",
        tables=(
            "role_grant", "sign_in_link", "sign_in_session", "mailbox_message", "person_address", "address_wish",
            "person_secret", "field_reader", "calendar_feed", "mail_refusal", "program_member",
        ),
    ),
    Group(
        name="evidence",
        what=N_("What you handed in as evidence, with its files and the comments on it"),
        how_long=N_("Until you have it erased"),
        why=N_("So that instructors can judge it and you can look it up"),
        on_erasure="removed",
        tables=("evidence", "evidence_score", "evidence_sealed", "file_to_destroy"),
    ),
    Group(
        name="answers",
        what=N_("What you answered when you enrolled, and your consents"),
        how_long=N_("Until you have it erased"),
        why=N_("To run the cohort you enrolled in"),
        on_erasure="removed",
        tables=("enrollment_form", "enrollment_answer", "consent", "roster_import", "roster_row", "level_claim"),
    ),
    Group(
        name="notes",
        what=N_("Why something was decided about you, as staff wrote it for themselves"),
        how_long=N_("Until you have it erased"),
        why=N_("To explain a decision when somebody asks"),
        on_erasure="removed",
        tables=("completion_reason",),
    ),
    Group(
        name="badges",
        what=N_("Your badges: their pages and files on this site"),
        how_long=N_("Until you have them erased"),
        why=N_("So that anybody you show one to can verify it"),
        on_erasure="removed",
        tables=("award", "award_change", "award_reminder"),
    ),
    Group(
        name="records",
        what=N_("Which records you sent to whom, and when they were opened"),
        how_long=N_("What a record says until its link ends; that you sent it until you have it erased"),
        why=N_("So that you see who was told, and can withdraw it"),
        on_erasure="removed",
        tables=("sent_record",),
    ),
    Group(
        name="network",
        what=N_("What you show in the directory"),
        how_long=N_("Until you take it back or have it erased"),
        why=N_("So that those you chose can find you"),
        on_erasure="removed",
        tables=("directory_entry", "instructor_profile"),
    ),
    Group(
        name="audits",
        what=N_("Files for auditors that name you"),
        how_long=N_("Until somebody in them has their data erased; new ones hold what is still kept"),
        why=N_("To show auditors what the hours of a cohort rest on"),
        on_erasure="removed",
        tables=("audit_file",),
    ),
    Group(
        name="record",
        what=N_("Your name, the sessions you attended, and the hours you were credited"),
        how_long=N_(
            "Six years after the last session of a cohort that you completed or taught, or as its program says"
        ),
        why=N_("Providers of professional development must show their records to the state for so long"),
        on_erasure="kept for years",
        tables=(
            "person", "attendance", "makeup", "meeting_report", "meeting_line", "completion", "completion_decision",
        ),
    ),
    Group(
        name="places",
        what=N_("That somebody had a place in a cohort"),
        how_long=N_("As long as the cohort"),
        why=N_("To count seats and completions; once you are erased it names nobody"),
        on_erasure="made anonymous",
        tables=("enrollment", "attendance_change", "cohort_instructor", "evaluation_turn_in", "reminder"),
    ),
    Group(
        name="money",
        what=N_("What was paid as a stipend, and when"),
        how_long=N_("As long as the books must be kept"),
        why=N_("Money that was paid must be accounted for; once you are erased it names nobody"),
        on_erasure="made anonymous",
        tables=("stipend", "stipend_budget", "stipend_entry", "funding_source"),
    ),
    Group(
        name="log",
        what=N_("Who did what and when, by random numbers"),
        how_long=N_("As long as the organization uses this service"),
        why=N_("So that misuse can be found; once you are erased the numbers name nobody"),
        on_erasure="left",
        tables=("journal_entry", "event", "event_head", "legal_hold", "erasure", "person_merge", "outbox"),
    ),
    Group(
        name="work",
        what=N_("Programs, cohorts, sessions and what belongs to them"),
        how_long=N_("As long as the organization wants it"),
        why=N_("They are about the work, not about you"),
        on_erasure="left",
        tables=(
            "organization", "program", "level", "curriculum", "module", "cohort", "cohort_session", "seat",
            "webhook_endpoint", "resource", "program_form", "consent_text", "invitation", "cohort_message",
            "achievement_result", "evaluation_form", "evaluation_answer", "evaluation_tally",
            "log_head", "log_alarm",
        ),
    ),
)  # fmt: skip
