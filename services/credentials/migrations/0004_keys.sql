-- Keys have a life: valid from a day, retired on one, compromised since one. What is said of them is signed by the
-- issuer's anchor, whose private half no database holds; every version of it is kept and names the one before.

ALTER TABLE issuer ADD COLUMN anchor text; -- the anchor's multikey; null until one is made

ALTER TABLE signing_key
    ADD COLUMN retired_at timestamptz,
    ADD COLUMN compromised_since timestamptz,
    -- the head of the issuance log at that moment: what the tree had by then still counts
    ADD COLUMN log_size bigint,
    ADD COLUMN log_root text,
    ADD CONSTRAINT signing_key_log_head_is_whole CHECK ((log_size IS NULL) = (log_root IS NULL)),
    ADD CONSTRAINT signing_key_compromised_has_head CHECK ((compromised_since IS NULL) = (log_size IS NULL));

-- A private half is sealed here, or stays on a PKCS#11 token under this id.
ALTER TABLE signing_key_secret
    ALTER COLUMN sealed DROP NOT NULL,
    ADD COLUMN token_id bytea,
    ADD CONSTRAINT signing_key_secret_in_one_place CHECK ((sealed IS NULL) <> (token_id IS NULL));

CREATE TABLE key_history (
    issuer_id uuid NOT NULL REFERENCES issuer,
    version integer NOT NULL CONSTRAINT key_history_positive CHECK (version >= 1),
    document text STORAGE EXTERNAL NOT NULL,
    sha256 text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, version)
);

-- What an issuer was called before it moved; badges under such a name keep it.
CREATE TABLE issuer_alias (
    did text PRIMARY KEY,
    issuer_id uuid NOT NULL REFERENCES issuer,
    moved_at timestamptz NOT NULL
);

-- A list is signed by whom its badges name: null for the issuer as it is called now.
ALTER TABLE status_list ADD COLUMN did text;

GRANT UPDATE (retired_at, compromised_since, log_size, log_root) ON signing_key TO issuer;
GRANT SELECT, INSERT ON key_history, issuer_alias TO issuer;
GRANT SELECT ON key_history, issuer_alias TO public_reader;
