-- What happens to a badge after it was issued: corrections, renewals, its end, and what people are told of it.

-- How many months the program's badges are valid; NULL: without an end.
ALTER TABLE program ADD COLUMN badge_months integer
    CONSTRAINT program_badge_months CHECK (badge_months BETWEEN 1 AND 240);

ALTER TABLE award
    ADD CONSTRAINT award_of_organization UNIQUE (organization_id, id),
    -- what the badge says once every change that was asked for is made; NULL: what was asked for first
    ADD COLUMN says bytea,
    ADD COLUMN valid_until timestamptz,
    ADD COLUMN revocation_category text CONSTRAINT award_revocation_category CHECK (
        revocation_category IN ('issued-in-error', 'superseded', 'requirements-not-met', 'misconduct', 'other')
    ),
    -- for colleagues; the issuer gets none of it
    ADD COLUMN revocation_note text;
CREATE INDEX award_by_end ON award (valid_until) WHERE valid_until IS NOT NULL AND state = 'issued';

-- A change of a badge that staff asked for; the issuer knows it by the same id.
CREATE TABLE award_change (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    award_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT award_change_kind CHECK (kind IN ('correction', 'renewal')),
    -- the members that differ, by name; never what they said
    members jsonb NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    FOREIGN KEY (organization_id, award_id) REFERENCES award (organization_id, id),
    FOREIGN KEY (organization_id, asked_by) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX award_change_one_at_a_time ON award_change (award_id) WHERE done_at IS NULL;
CREATE INDEX award_change_by_award ON award_change (organization_id, award_id);

-- That somebody was told that a badge ends: once for each number of days before, anew when the end was moved.
CREATE TABLE award_reminder (
    organization_id uuid NOT NULL,
    award_id uuid NOT NULL,
    valid_until timestamptz NOT NULL,
    days integer NOT NULL,
    sent_at timestamptz NOT NULL,
    CONSTRAINT award_reminder_once PRIMARY KEY (award_id, valid_until, days),
    FOREIGN KEY (organization_id, award_id) REFERENCES award (organization_id, id)
);

GRANT SELECT, INSERT, UPDATE ON award_change TO enrollment;
GRANT SELECT, INSERT ON award_reminder TO enrollment;
