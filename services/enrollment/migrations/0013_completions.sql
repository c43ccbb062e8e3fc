-- A completion that is taken back, every decision that was made, and who may come upon a badge.

ALTER TABLE completion
    -- the sessions that counted when it was decided, as the statement of completion lists them
    ADD COLUMN attended jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN reversed_at timestamptz,
    ADD COLUMN reversed_by uuid,
    ADD COLUMN reversal_reason text,
    ADD FOREIGN KEY (organization_id, reversed_by) REFERENCES person (organization_id, id),
    ADD CONSTRAINT completion_reversal_is_whole CHECK (
        (reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reversal_reason IS NULL)
    ),
    ADD CONSTRAINT completion_reversed_is_not_completed CHECK (reversed_at IS NULL OR outcome = 'not completed');

-- What was decided about somebody, one row each time; rows are added, never changed: the service's user has no right to.
CREATE TABLE completion_decision (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    decision text NOT NULL
        CONSTRAINT completion_decision_kind CHECK (decision IN ('completed', 'not completed', 'reversed')),
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    credit_minutes integer NOT NULL,
    findings jsonb NOT NULL,
    -- whether staff wrote down why, even where that is no longer kept
    has_reason boolean NOT NULL DEFAULT false,
    CONSTRAINT completion_decision_of_enrollment UNIQUE (organization_id, enrollment_id, id),
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    FOREIGN KEY (organization_id, decided_by) REFERENCES person (organization_id, id),
    CONSTRAINT completion_reversal_says_why CHECK (decision <> 'reversed' OR has_reason)
);
CREATE INDEX award_waiting ON award (organization_id, requested_at) WHERE state = 'requested';
CREATE INDEX completion_decision_by_enrollment ON completion_decision (enrollment_id, decided_at);

-- Why, as staff wrote it for themselves: apart from what was decided, since it goes when the person is erased.
CREATE TABLE completion_reason (
    decision_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    reason text NOT NULL,
    CONSTRAINT completion_reason_once PRIMARY KEY (decision_id),
    FOREIGN KEY (organization_id, enrollment_id, decision_id)
        REFERENCES completion_decision (organization_id, enrollment_id, id)
);

INSERT INTO completion_decision
    (id, organization_id, enrollment_id, decision, decided_by, decided_at, credit_minutes, findings)
SELECT gen_random_uuid(), organization_id, enrollment_id, outcome, decided_by, decided_at, credit_minutes, findings
FROM completion;

ALTER TABLE award
    ADD COLUMN visibility text NOT NULL DEFAULT 'private'
        CONSTRAINT award_visibility CHECK (visibility IN ('private', 'published', 'withdrawn')),
    ADD COLUMN visibility_revision integer NOT NULL DEFAULT 0,
    ADD COLUMN erased_at timestamptz,
    -- which rules of the issuer refused to have it signed, and when it last said so; nothing that names a person
    ADD COLUMN refusal jsonb,
    ADD COLUMN refused_at timestamptz,
    ADD CONSTRAINT award_refusal_is_whole CHECK ((refusal IS NULL) = (refused_at IS NULL));

GRANT SELECT, INSERT ON completion_decision TO enrollment;
GRANT SELECT, INSERT, DELETE ON completion_reason TO enrollment;
