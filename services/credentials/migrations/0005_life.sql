-- The life of an award: its series of credentials, the statements that one replaced another, copies for wallets, and
-- what a revocation says in public and what it keeps to itself.

ALTER TABLE award
    ADD COLUMN revocation_category text CONSTRAINT award_revocation_category CHECK (
        revocation_category IN ('issued-in-error', 'superseded', 'requirements-not-met', 'misconduct', 'other')
    ),
    ADD CONSTRAINT award_category_of_revocation CHECK (revocation_category IS NULL OR state = 'revoked');

-- Apart, so that the public role cannot read it.
CREATE TABLE revocation_note (
    award_id uuid PRIMARY KEY,
    issuer_id uuid NOT NULL,
    note text NOT NULL,
    FOREIGN KEY (issuer_id, award_id) REFERENCES award (issuer_id, id)
);

ALTER TABLE credential
    ADD COLUMN number integer CONSTRAINT credential_number_positive CHECK (number >= 1),
    -- the id under which it was asked for (the award's, a correction's, ...) and the SHA-256 of what was asked
    ADD COLUMN ask_id uuid,
    ADD COLUMN ask_sha256 text,
    -- what it says: the canonical request as it holds with this credential
    ADD COLUMN request bytea,
    ADD COLUMN valid_until timestamptz CONSTRAINT credential_ends_after_it_begins CHECK (valid_until > valid_from),
    ADD COLUMN replaced_by uuid,
    -- could not be signed as asked; another change may go ahead of it
    ADD COLUMN abandoned_at timestamptz,
    DROP CONSTRAINT credential_reason,
    ADD CONSTRAINT credential_reason CHECK (reason IN ('first', 'correction', 'renewal', 're-signed', 'copy')),
    DROP CONSTRAINT credential_one_per_award;

UPDATE credential c SET number = 1, ask_id = c.award_id, ask_sha256 = a.request_sha256, request = a.request
FROM award a WHERE a.id = c.award_id;

ALTER TABLE credential
    ALTER COLUMN number SET NOT NULL,
    ALTER COLUMN ask_id SET NOT NULL,
    ADD CONSTRAINT credential_number_once UNIQUE (award_id, number),
    ADD CONSTRAINT credential_asked_once UNIQUE (issuer_id, ask_id),
    ADD CONSTRAINT credential_of_award UNIQUE (award_id, id),
    ADD CONSTRAINT credential_first_is_first CHECK ((reason = 'first') = (number = 1)),
    ADD CONSTRAINT credential_replaced_by_one_of_its_award
        FOREIGN KEY (award_id, replaced_by) REFERENCES credential (award_id, id),
    ADD CONSTRAINT credential_replaced_is_revoked CHECK (replaced_by IS NULL OR revoked_at IS NOT NULL),
    ADD CONSTRAINT credential_asked_or_erased CHECK (
        (request IS NULL) = (erased_at IS NOT NULL) AND (ask_sha256 IS NULL) = (erased_at IS NOT NULL)
    ),
    ADD CONSTRAINT credential_abandoned_is_unsigned CHECK (abandoned_at IS NULL OR issued_at IS NULL);
CREATE UNIQUE INDEX credential_one_current_per_award ON credential (award_id)
    WHERE issued_at IS NOT NULL AND replaced_by IS NULL AND reason <> 'copy';
CREATE UNIQUE INDEX credential_one_change_at_a_time ON credential (award_id)
    WHERE issued_at IS NULL AND abandoned_at IS NULL AND erased_at IS NULL AND reason <> 'copy';

-- The issuer's signed word that one credential replaced another.
CREATE TABLE replacement (
    credential_id uuid PRIMARY KEY,
    award_id uuid NOT NULL,
    issuer_id uuid NOT NULL,
    replaced_by uuid NOT NULL,
    changes jsonb NOT NULL,
    key_id text NOT NULL,
    signed_json text STORAGE EXTERNAL,
    signed_at timestamptz NOT NULL,
    FOREIGN KEY (issuer_id, award_id) REFERENCES award (issuer_id, id),
    FOREIGN KEY (award_id, credential_id) REFERENCES credential (award_id, id),
    FOREIGN KEY (award_id, replaced_by) REFERENCES credential (award_id, id),
    FOREIGN KEY (issuer_id, key_id) REFERENCES signing_key (issuer_id, id)
);
CREATE INDEX replacement_of_award ON replacement (award_id);

-- What a wallet has to sign to get a copy: once, within its time.
CREATE TABLE wallet_challenge (
    copy_id uuid PRIMARY KEY,
    award_id uuid NOT NULL,
    issuer_id uuid NOT NULL,
    challenge text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    FOREIGN KEY (issuer_id, award_id) REFERENCES award (issuer_id, id)
);
CREATE INDEX wallet_challenge_of_award ON wallet_challenge (award_id);

-- Bits of a list that were published once and that no credential here explains: what a restored backup does not know.
CREATE TABLE status_list_bit (
    status_list_id uuid NOT NULL REFERENCES status_list,
    status_index integer NOT NULL,
    PRIMARY KEY (status_list_id, status_index)
);

GRANT SELECT, INSERT ON status_list_bit TO issuer;
GRANT SELECT, INSERT, UPDATE ON replacement TO issuer;
GRANT SELECT, INSERT, UPDATE, DELETE ON revocation_note, wallet_challenge TO issuer;
GRANT SELECT ON replacement TO public_reader;
