-- Official records: what somebody has the issuer show to one recipient, and who opened it.

CREATE TABLE sent_record (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    recipient_name text NOT NULL CONSTRAINT sent_record_names_recipient CHECK (recipient_name <> ''),
    -- null once it is withdrawn or over: it may name somebody
    recipient_email text,
    -- the words that were agreed to
    consent text NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- of the link, sealed until the letter with it is written: after that the recipient alone has it
    sealed_token bytea,
    -- what it says, byte for byte as the issuer is asked
    payload bytea,
    state text NOT NULL CONSTRAINT sent_record_state CHECK (state IN ('requested', 'sent', 'withdrawn')),
    -- of the issuer's answers; one not above it is ignored
    revision integer NOT NULL DEFAULT 0,
    openings jsonb NOT NULL DEFAULT '[]',
    withdrawn_at timestamptz,
    CONSTRAINT sent_record_of_organization UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    CONSTRAINT sent_record_withdrawn_says_nothing CHECK (
        (state = 'withdrawn') = (withdrawn_at IS NOT NULL)
        AND (withdrawn_at IS NULL OR (payload IS NULL AND sealed_token IS NULL AND recipient_email IS NULL))
    )
);
CREATE INDEX sent_record_by_person ON sent_record (person_id, sent_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON sent_record TO enrollment;
