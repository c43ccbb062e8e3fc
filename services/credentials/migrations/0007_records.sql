-- Official records: transcripts that a person has sent to one recipient, shown to whoever has the link's token until it
-- expires or is withdrawn. What stays then are random ids, hashes and dates.

CREATE TABLE record (
    id uuid PRIMARY KEY,
    issuer_id uuid NOT NULL REFERENCES issuer,
    revision integer NOT NULL DEFAULT 1,
    -- null for a withdrawal that came before its record, and once it is withdrawn
    request bytea,
    request_sha256 text,
    token_sha256 text CONSTRAINT record_token_unique UNIQUE,
    subject_id text,
    key_id text,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    signed_json text STORAGE EXTERNAL,
    signed_sha256 text,
    issued_at timestamptz,
    withdrawn_at timestamptz,
    emptied_at timestamptz, -- expired, and what it said is gone
    FOREIGN KEY (issuer_id, key_id) REFERENCES signing_key (issuer_id, id),
    CONSTRAINT record_of_issuer UNIQUE (issuer_id, id),
    CONSTRAINT record_asked_or_over CHECK (
        withdrawn_at IS NOT NULL
        OR (request_sha256 IS NOT NULL AND token_sha256 IS NOT NULL AND expires_at IS NOT NULL AND key_id IS NOT NULL)
    ),
    CONSTRAINT record_over_says_nothing CHECK (
        (withdrawn_at IS NULL AND emptied_at IS NULL) OR (request IS NULL AND signed_json IS NULL)
    ),
    CONSTRAINT record_issued_is_whole CHECK (signed_json IS NULL OR (issued_at IS NOT NULL AND signed_sha256 IS NOT NULL))
);
CREATE INDEX record_to_empty ON record (expires_at) WHERE withdrawn_at IS NULL AND emptied_at IS NULL;

-- That somebody read one, as the public role notes it: all that it may write.
CREATE TABLE record_opening (
    id uuid PRIMARY KEY,
    issuer_id uuid NOT NULL,
    record_id uuid NOT NULL,
    form text NOT NULL CONSTRAINT record_opening_form CHECK (form IN ('page', 'pdf', 'json')),
    opened_at timestamptz NOT NULL,
    is_told boolean NOT NULL DEFAULT false,
    FOREIGN KEY (issuer_id, record_id) REFERENCES record (issuer_id, id)
);
CREATE INDEX record_opening_by_record ON record_opening (record_id, opened_at);
CREATE INDEX record_opening_to_tell ON record_opening (record_id) WHERE NOT is_told;

GRANT SELECT, INSERT, UPDATE ON record TO issuer;
GRANT SELECT, UPDATE, DELETE ON record_opening TO issuer;
GRANT SELECT ON record TO public_reader;
GRANT SELECT, INSERT ON record_opening TO public_reader;
