-- Where a line of attendance comes from, what it was before, meeting reports, and work that makes up for a session.

ALTER TABLE attendance
    ADD COLUMN source text NOT NULL DEFAULT 'staff'
        CONSTRAINT attendance_source CHECK (source IN ('staff', 'self', 'report', 'import')),
    -- as a meeting report counts them: they take the place of arrival and departure
    ADD COLUMN minutes_present integer
        CONSTRAINT attendance_minutes_not_negative CHECK (minutes_present >= 0),
    ADD CONSTRAINT attendance_minutes_or_times CHECK (
        minutes_present IS NULL OR (arrived_at IS NULL AND departed_at IS NULL AND mode IN ('in person', 'virtual'))
    );
CREATE INDEX attendance_by_cohort ON attendance (cohort_id);

-- Only added to. What was written at once has one `change_id`; `number` counts a person's changes in one session, so
-- that a change is undone only while it is the last. NULL: nothing was recorded.
CREATE TABLE attendance_change (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    cohort_session_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    number integer NOT NULL CONSTRAINT attendance_change_number_positive CHECK (number >= 1),
    change_id uuid NOT NULL,
    before jsonb,
    after jsonb,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT attendance_change_once PRIMARY KEY (enrollment_id, cohort_session_id, number),
    FOREIGN KEY (cohort_id, cohort_session_id) REFERENCES cohort_session (cohort_id, id),
    FOREIGN KEY (cohort_id, enrollment_id) REFERENCES enrollment (cohort_id, id),
    FOREIGN KEY (organization_id, changed_by) REFERENCES person (organization_id, id),
    CONSTRAINT attendance_change_names_each_once UNIQUE (change_id, enrollment_id)
);

-- The file itself is not kept. A line that belongs to somebody of the cohort keeps no name of its own once it is taken.
CREATE TABLE meeting_report (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    cohort_session_id uuid NOT NULL,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL,
    taken_at timestamptz,
    FOREIGN KEY (cohort_id, cohort_session_id) REFERENCES cohort_session (cohort_id, id),
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, uploaded_by) REFERENCES person (organization_id, id),
    CONSTRAINT meeting_report_of_cohort UNIQUE (cohort_id, id),
    CONSTRAINT meeting_report_once UNIQUE (cohort_session_id, file_sha256)
);

CREATE TABLE meeting_line (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    report_id uuid NOT NULL,
    number integer NOT NULL CONSTRAINT meeting_line_number_positive CHECK (number >= 1),
    name text NOT NULL,
    email text,
    minutes integer NOT NULL CONSTRAINT meeting_line_minutes_not_negative CHECK (minutes >= 0),
    enrollment_id uuid,
    matched_by text CONSTRAINT meeting_line_matched_by CHECK (matched_by IN ('address', 'name', 'choice')),
    PRIMARY KEY (report_id, number),
    FOREIGN KEY (cohort_id, report_id) REFERENCES meeting_report (cohort_id, id),
    FOREIGN KEY (cohort_id, enrollment_id) REFERENCES enrollment (cohort_id, id),
    CONSTRAINT meeting_line_match_says_how CHECK ((enrollment_id IS NULL) = (matched_by IS NULL))
);

-- That nobody approves their own is checked where it is written.
CREATE TABLE makeup (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    cohort_session_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    credit_minutes integer NOT NULL CONSTRAINT makeup_counts_for_something CHECK (credit_minutes > 0),
    what text NOT NULL CONSTRAINT makeup_says_what CHECK (what <> ''),
    approved_by uuid NOT NULL,
    approved_at timestamptz NOT NULL,
    CONSTRAINT makeup_once PRIMARY KEY (enrollment_id, cohort_session_id),
    FOREIGN KEY (cohort_id, cohort_session_id) REFERENCES cohort_session (cohort_id, id),
    FOREIGN KEY (cohort_id, enrollment_id) REFERENCES enrollment (cohort_id, id),
    FOREIGN KEY (organization_id, approved_by) REFERENCES person (organization_id, id)
);
CREATE INDEX makeup_by_cohort ON makeup (cohort_id);

GRANT SELECT, INSERT ON attendance_change TO enrollment;
-- Where two people become one, what one of them changed is the other's.
GRANT UPDATE (changed_by) ON attendance_change TO enrollment;
GRANT SELECT, INSERT, UPDATE, DELETE ON meeting_report, meeting_line, makeup TO enrollment;
