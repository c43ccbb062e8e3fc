-- Issuers and their keys, achievements, awards with their credentials, status lists.
-- The role `issuer` writes; the role `public_reader` reads what is public and can write nothing and see no private key.

CREATE TABLE issuer (
    id uuid PRIMARY KEY, -- the organization's id
    did text NOT NULL CONSTRAINT issuer_did_unique UNIQUE,
    name text NOT NULL,
    url text NOT NULL,
    description text,
    is_demonstration boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE signing_key (
    id text PRIMARY KEY, -- Ed25519: its multikey; RSA: the thumbprint of its JWK
    issuer_id uuid NOT NULL REFERENCES issuer,
    algorithm text NOT NULL CONSTRAINT signing_key_algorithm CHECK (algorithm IN ('Ed25519', 'RS256')),
    public_jwk jsonb NOT NULL,
    -- made outside production: a production process refuses to sign beside such keys
    is_demonstration boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT signing_key_of_issuer UNIQUE (issuer_id, id)
);

-- Apart from the public half, so that the public role can be given the one without the other.
CREATE TABLE signing_key_secret (
    key_id text PRIMARY KEY REFERENCES signing_key,
    sealed bytea NOT NULL
);

CREATE TABLE achievement_version (
    achievement_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT achievement_version_positive CHECK (version >= 1),
    issuer_id uuid NOT NULL REFERENCES issuer,
    content bytea NOT NULL,
    content_sha256 text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (achievement_id, version)
);

CREATE TABLE status_list (
    id uuid PRIMARY KEY,
    issuer_id uuid NOT NULL REFERENCES issuer,
    length integer NOT NULL CONSTRAINT status_list_long_enough CHECK (length >= 131072),
    taken integer NOT NULL DEFAULT 0 CONSTRAINT status_list_not_overfull CHECK (taken BETWEEN 0 AND length),
    is_open boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    -- the signed list as served, and whether a revocation since asks for a new one
    signed_json text STORAGE EXTERNAL,
    signed_at timestamptz,
    wanted_revision integer NOT NULL DEFAULT 1,
    signed_revision integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX status_list_one_open_per_issuer ON status_list (issuer_id) WHERE is_open;
CREATE INDEX status_list_to_sign ON status_list (id) WHERE signed_revision < wanted_revision;

CREATE TABLE award (
    id uuid PRIMARY KEY,
    issuer_id uuid NOT NULL REFERENCES issuer,
    state text NOT NULL CONSTRAINT award_state CHECK (state IN ('pending', 'issued', 'revoked')),
    revision integer NOT NULL DEFAULT 1,
    -- what was asked for, byte for byte; null for a revocation that came before its award
    request bytea,
    request_sha256 text,
    enrollment_id uuid,
    achievement_id uuid,
    achievement_version integer,
    created_at timestamptz NOT NULL,
    issued_at timestamptz,
    revoked_at timestamptz,
    revocation_reason text,
    FOREIGN KEY (achievement_id, achievement_version) REFERENCES achievement_version (achievement_id, version),
    CONSTRAINT award_of_issuer UNIQUE (issuer_id, id),
    CONSTRAINT award_once_per_achievement UNIQUE (enrollment_id, achievement_id),
    CONSTRAINT award_asked_or_tombstone CHECK (request IS NOT NULL OR state = 'revoked'),
    CONSTRAINT award_revoked_says_why CHECK ((state = 'revoked') = (revoked_at IS NOT NULL AND revocation_reason IS NOT NULL))
);

-- One signed badge of an award. What goes into it is frozen when it is reserved; the signed bytes are never rewritten.
CREATE TABLE credential (
    id uuid PRIMARY KEY,
    award_id uuid NOT NULL REFERENCES award,
    issuer_id uuid NOT NULL REFERENCES issuer,
    reason text NOT NULL CONSTRAINT credential_reason CHECK (reason IN ('first')),
    subject_id text NOT NULL,
    status_list_id uuid NOT NULL REFERENCES status_list,
    status_index integer NOT NULL,
    key_id text NOT NULL,
    jwt_key_id text NOT NULL,
    valid_from timestamptz NOT NULL,
    lease uuid,
    leased_until timestamptz,
    signed_json text STORAGE EXTERNAL,
    signed_jwt text STORAGE EXTERNAL,
    signed_sha256 text,
    issued_at timestamptz,
    revoked_at timestamptz,
    FOREIGN KEY (issuer_id, key_id) REFERENCES signing_key (issuer_id, id),
    FOREIGN KEY (issuer_id, jwt_key_id) REFERENCES signing_key (issuer_id, id),
    CONSTRAINT credential_one_per_award UNIQUE (award_id, reason),
    CONSTRAINT credential_index_once UNIQUE (status_list_id, status_index),
    CONSTRAINT credential_issued_is_whole CHECK (
        (issued_at IS NULL) = (signed_json IS NULL)
        AND (issued_at IS NULL) = (signed_jwt IS NULL)
        AND (issued_at IS NULL) = (signed_sha256 IS NULL)
    )
);
CREATE INDEX credential_revoked_by_list ON credential (status_list_id, status_index) WHERE revoked_at IS NOT NULL;

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    topic text NOT NULL,
    key uuid NOT NULL,
    payload bytea NOT NULL,
    request_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    available_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    lease uuid,
    leased_until timestamptz,
    last_error text,
    CONSTRAINT outbox_lease_has_an_end CHECK ((lease IS NULL) = (leased_until IS NULL))
);
CREATE INDEX outbox_due ON outbox (topic, available_at);

GRANT SELECT, INSERT, UPDATE ON issuer, achievement_version, status_list, award, credential TO issuer;
GRANT SELECT, INSERT ON signing_key, signing_key_secret TO issuer;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO issuer;
GRANT SELECT ON issuer, signing_key, achievement_version, status_list, award, credential TO public_reader;
