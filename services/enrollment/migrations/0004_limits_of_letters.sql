-- When the owner of the address was last told that somebody enrolled with it again.
ALTER TABLE enrollment ADD COLUMN told_again_at timestamptz;
-- HMAC of the network address that asked for the link, so that strangers who ask do not use up its owner's links.
ALTER TABLE sign_in_link ADD COLUMN asker_hmac bytea;
