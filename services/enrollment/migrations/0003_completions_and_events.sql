-- The decision that somebody completed, the award it asks for, and the events that other systems read.

CREATE TABLE completion (
    enrollment_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    outcome text NOT NULL CONSTRAINT completion_outcome CHECK (outcome IN ('completed', 'not completed')),
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    credit_minutes integer NOT NULL,
    -- what the policy found, requirement by requirement
    findings jsonb NOT NULL,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    FOREIGN KEY (organization_id, decided_by) REFERENCES person (organization_id, id)
);

-- The id is random, minted with the decision, and known to the issuer by it; payload is what the issuer is asked to award.
CREATE TABLE award (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    achievement_id uuid NOT NULL,
    achievement_version integer NOT NULL,
    payload bytea NOT NULL,
    payload_sha256 text NOT NULL,
    requested_at timestamptz NOT NULL,
    -- what became of it, as the issuer says; a lower revision is ignored
    state text NOT NULL DEFAULT 'requested'
        CONSTRAINT award_state CHECK (state IN ('requested', 'issued', 'revoked')),
    revision integer NOT NULL DEFAULT 0,
    credential_id uuid,
    badge_url text,
    issued_at timestamptz,
    signed_sha256 text,
    -- set when staff decide to revoke, before the issuer has confirmed
    revocation_reason text,
    revocation_requested_at timestamptz,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    CONSTRAINT award_once_per_achievement UNIQUE (enrollment_id, achievement_id),
    CONSTRAINT award_issued_names_credential CHECK (state <> 'issued' OR credential_id IS NOT NULL)
);
CREATE INDEX award_by_organization ON award (organization_id, id);

-- An event has no position when it is written: a position given before commit would let a reader skip a slower writer.
-- The sequencer gives positions to committed events while it holds the organization's row in event_head.
CREATE TABLE event (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    type text NOT NULL,
    person_id uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    position bigint,
    CONSTRAINT event_position_once UNIQUE (organization_id, position)
);
CREATE INDEX event_without_position ON event (organization_id, written_at) WHERE position IS NULL;

CREATE TABLE event_head (
    organization_id uuid PRIMARY KEY REFERENCES organization,
    last_position bigint NOT NULL DEFAULT 0
);

CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    url text NOT NULL,
    -- the signing secret, sealed with the service's key
    sealed_secret bytea NOT NULL,
    state text NOT NULL DEFAULT 'active' CONSTRAINT webhook_endpoint_state CHECK (state IN ('active', 'disabled')),
    created_at timestamptz NOT NULL,
    CONSTRAINT webhook_endpoint_once UNIQUE (organization_id, url)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    completion, award, event, event_head, webhook_endpoint
    TO enrollment;
