-- Who comes upon a badge is the holder's choice; and an award can be erased for good. What stays of an erased one are
-- random ids, dates, and the bit of its status list.

ALTER TABLE award
    ADD COLUMN visibility text NOT NULL DEFAULT 'private'
        CONSTRAINT award_visibility CHECK (visibility IN ('private', 'published', 'withdrawn')),
    ADD COLUMN visibility_revision integer NOT NULL DEFAULT 0,
    ADD COLUMN erased_at timestamptz,
    DROP CONSTRAINT award_asked_or_tombstone,
    ADD CONSTRAINT award_asked_or_tombstone CHECK (request IS NOT NULL OR state = 'revoked' OR erased_at IS NOT NULL),
    ADD CONSTRAINT award_erased_says_nothing CHECK (erased_at IS NULL OR (request IS NULL AND request_sha256 IS NULL));

ALTER TABLE credential
    ADD COLUMN erased_at timestamptz,
    DROP CONSTRAINT credential_issued_is_whole,
    ADD CONSTRAINT credential_issued_is_whole CHECK (
        erased_at IS NOT NULL
        OR (
            (issued_at IS NULL) = (signed_json IS NULL)
            AND (issued_at IS NULL) = (signed_jwt IS NULL)
            AND (issued_at IS NULL) = (signed_sha256 IS NULL)
        )
    ),
    ADD CONSTRAINT credential_erased_says_nothing CHECK (
        erased_at IS NULL OR (signed_json IS NULL AND signed_jwt IS NULL AND signed_sha256 IS NULL)
    );
