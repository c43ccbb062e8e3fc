-- The heads of the issuer's log, as the issuer told them: whoever holds an earlier one sees a later one that does not
-- go with it. Nothing here is about a person.

CREATE TABLE log_head (
    organization_id uuid NOT NULL REFERENCES organization,
    size bigint NOT NULL CONSTRAINT log_head_size CHECK (size >= 0),
    root bytea NOT NULL,
    checkpoint text NOT NULL,
    told_at timestamptz NOT NULL,
    -- when it was found to go with those before; of these only the newest is kept
    checked_at timestamptz,
    PRIMARY KEY (organization_id, size)
);
CREATE INDEX log_head_unchecked ON log_head (organization_id, size) WHERE checked_at IS NULL;

-- Two signed heads that contradict each other: proof that the log was rewritten. The first such pair is kept for good.
CREATE TABLE log_alarm (
    organization_id uuid PRIMARY KEY REFERENCES organization,
    kind text NOT NULL CONSTRAINT log_alarm_kind CHECK (kind IN ('rewritten', 'cut')),
    older text NOT NULL,
    newer text NOT NULL,
    raised_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON log_head TO enrollment;
GRANT SELECT, INSERT ON log_alarm TO enrollment;
