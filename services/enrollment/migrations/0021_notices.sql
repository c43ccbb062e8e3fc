-- What became of e-mail: letters that a mail server refused for good, and reminders that were sent.

ALTER TABLE mailbox_message ADD COLUMN html text, ADD COLUMN calendar text;

-- Whom, which kind and which code; never the address, nor the server's words, which quote it.
CREATE TABLE mail_refusal (
    -- that of the message, so that sending again adds nothing
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    person_id uuid,
    kind text NOT NULL,
    code text NOT NULL CONSTRAINT mail_refusal_code_form CHECK (code ~ '^[0-9a-z. ]{1,20}$'),
    refused_at timestamptz NOT NULL,
    seen_by uuid,
    seen_at timestamptz,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, seen_by) REFERENCES person (organization_id, id),
    CONSTRAINT mail_refusal_seen_by_somebody CHECK ((seen_by IS NULL) = (seen_at IS NULL))
);
CREATE INDEX mail_refusal_by_time ON mail_refusal (organization_id, refused_at DESC, id);
CREATE INDEX mail_refusal_unseen ON mail_refusal (organization_id, refused_at) WHERE seen_at IS NULL;
CREATE INDEX mail_refusal_by_person ON mail_refusal (person_id);

-- The start is in the key: a session that is moved is reminded of anew.
CREATE TABLE reminder (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    cohort_session_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    days integer NOT NULL CONSTRAINT reminder_days_positive CHECK (days >= 1),
    starts_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (cohort_id, cohort_session_id) REFERENCES cohort_session (cohort_id, id) ON DELETE CASCADE,
    FOREIGN KEY (cohort_id, enrollment_id) REFERENCES enrollment (cohort_id, id),
    CONSTRAINT reminder_once PRIMARY KEY (enrollment_id, cohort_session_id, days, starts_at)
);
CREATE INDEX reminder_by_session ON reminder (cohort_session_id);
-- What the clock looks for.
CREATE INDEX cohort_session_by_start ON cohort_session (starts_at) WHERE cancelled_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON mail_refusal, reminder TO enrollment;
