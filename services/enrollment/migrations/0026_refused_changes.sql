-- A change of a badge that the issuer does not make, and why: it ends, so that staff can ask for another.

ALTER TABLE award_change
    ADD COLUMN refused_at timestamptz,
    -- what the issuer's rules found; NULL where something else kept it from being made
    ADD COLUMN refusal jsonb;
DROP INDEX award_change_one_at_a_time;
CREATE UNIQUE INDEX award_change_one_at_a_time ON award_change (award_id) WHERE done_at IS NULL AND refused_at IS NULL;
