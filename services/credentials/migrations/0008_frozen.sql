-- What an issuer said of itself, and under which address, when a credential was reserved: with it every unsigned
-- document can be derived again from what is frozen, also after the issuer's profile was changed.

ALTER TABLE credential
    ADD COLUMN profile bytea; -- null for what was reserved before this was kept
