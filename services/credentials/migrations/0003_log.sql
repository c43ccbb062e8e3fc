-- The issuance log: per issuer an append-only hash tree (RFC 6962) over the SHA-256 of what was signed, with signed
-- heads. What has a position keeps it: nothing here is granted UPDATE or DELETE but the count of leaves and the queue.

-- A key signs badges or the log's heads, never both.
ALTER TABLE signing_key
    ADD COLUMN use text NOT NULL DEFAULT 'badge' CONSTRAINT signing_key_use CHECK (use IN ('badge', 'log')),
    ADD CONSTRAINT signing_key_of_log_is_ed25519 CHECK (use = 'badge' OR algorithm = 'Ed25519');

-- What was signed and has no position yet; written in the transaction that stores it. Positions are given after commit.
CREATE TABLE log_waiting (
    issuer_id uuid NOT NULL REFERENCES issuer,
    -- a credential, or another document that is a leaf of its own
    document_id uuid NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT log_waiting_sha256 CHECK (length(sha256) = 32),
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, document_id)
);
CREATE INDEX log_waiting_in_order ON log_waiting (issuer_id, signed_at, document_id);

-- The row whose lock makes one sequencer of many.
CREATE TABLE issuance_log (
    issuer_id uuid PRIMARY KEY REFERENCES issuer,
    -- the log's name for good, whatever address it is served at later
    origin text NOT NULL CONSTRAINT issuance_log_origin_unique UNIQUE,
    size bigint NOT NULL DEFAULT 0,
    -- the head that may be shown: signed, and kept wherever heads are kept
    shown_size bigint NOT NULL DEFAULT 0,
    CONSTRAINT issuance_log_shows_what_is_there CHECK (shown_size BETWEEN 0 AND size)
);

CREATE INDEX issuance_log_to_show ON issuance_log (issuer_id) WHERE shown_size < size;

CREATE TABLE log_leaf (
    issuer_id uuid NOT NULL REFERENCES issuance_log,
    position bigint NOT NULL CONSTRAINT log_leaf_position CHECK (position >= 0),
    sha256 bytea NOT NULL CONSTRAINT log_leaf_sha256 CHECK (length(sha256) = 32),
    -- null where a restored database took the leaf back from what had been published
    document_id uuid,
    logged_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, position),
    CONSTRAINT log_leaf_once UNIQUE (issuer_id, document_id),
    CONSTRAINT log_leaf_sha256_once UNIQUE (issuer_id, sha256)
);

-- The roots of the complete subtrees above the leaves: `number` counts those of 2^level leaves.
CREATE TABLE log_node (
    issuer_id uuid NOT NULL REFERENCES issuance_log,
    level smallint NOT NULL CONSTRAINT log_node_above_leaves CHECK (level >= 1),
    number bigint NOT NULL,
    hash bytea NOT NULL CONSTRAINT log_node_hash CHECK (length(hash) = 32),
    PRIMARY KEY (issuer_id, level, number)
);

CREATE TABLE log_head (
    issuer_id uuid NOT NULL REFERENCES issuance_log,
    size bigint NOT NULL,
    key_id text NOT NULL,
    checkpoint text NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, size),
    FOREIGN KEY (issuer_id, key_id) REFERENCES signing_key (issuer_id, id)
);

GRANT SELECT, INSERT, DELETE ON log_waiting TO issuer;
GRANT SELECT, INSERT, UPDATE ON issuance_log TO issuer;
GRANT SELECT, INSERT ON log_leaf, log_node, log_head TO issuer;
GRANT SELECT ON issuance_log, log_leaf, log_node, log_head TO public_reader;
