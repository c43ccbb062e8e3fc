-- A cohort keeps the version of the badge that it opened with; its sessions keep their history for calendars; who teaches
-- may say a word about themselves.

ALTER TABLE cohort
    ADD COLUMN achievement_id uuid,
    ADD COLUMN achievement_version integer,
    ADD COLUMN cancelled_because text,
    ADD CONSTRAINT cohort_achievement_has_version CHECK ((achievement_id IS NULL) = (achievement_version IS NULL));

UPDATE cohort SET achievement_id = l.achievement_id, achievement_version = l.achievement_version
FROM curriculum k JOIN level l ON l.id = k.level_id
WHERE k.id = cohort.curriculum_id AND cohort.state <> 'draft';

ALTER TABLE cohort_session
    -- the SEQUENCE of the session in people's calendars
    ADD COLUMN revision integer NOT NULL DEFAULT 0 CONSTRAINT cohort_session_revision_not_negative CHECK (revision >= 0),
    ADD COLUMN changed_at timestamptz,
    -- a session that people know of is not taken out but cancelled, so that their calendars hear of it
    ADD COLUMN cancelled_at timestamptz,
    DROP CONSTRAINT cohort_session_position_once;
CREATE UNIQUE INDEX cohort_session_position_once ON cohort_session (cohort_id, position) WHERE cancelled_at IS NULL;
CREATE INDEX cohort_session_by_cohort ON cohort_session (cohort_id);

-- The address of a person's calendar holds a token, which is made from the number under the sealing key: it can be shown
-- again, and a new number ends the old address.
CREATE TABLE calendar_feed (
    token_sha256 bytea PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    number integer NOT NULL,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    CONSTRAINT calendar_feed_once UNIQUE (person_id)
);

-- Written by or for somebody who teaches; whoever has none is named on no public page.
CREATE TABLE instructor_profile (
    person_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    headline text NOT NULL,
    biography text NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_feed, instructor_profile TO enrollment;
