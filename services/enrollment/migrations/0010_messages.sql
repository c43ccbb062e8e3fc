-- What was written to a cohort's people. To whom is a number: the letters themselves wait sealed until they are sent.

CREATE TABLE cohort_message (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    audience text NOT NULL CONSTRAINT cohort_message_audience CHECK (audience IN ('seated', 'in line', 'everybody')),
    subject text NOT NULL CONSTRAINT cohort_message_has_a_subject CHECK (subject <> ''),
    body text NOT NULL CONSTRAINT cohort_message_says_something CHECK (body <> ''),
    sent_by uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    recipients integer NOT NULL CONSTRAINT cohort_message_reaches_somebody CHECK (recipients > 0),
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, sent_by) REFERENCES person (organization_id, id)
);
CREATE INDEX cohort_message_by_cohort ON cohort_message (cohort_id, sent_at DESC);

-- A message is never changed; its author's part in it is taken over where two people become one.
GRANT SELECT, INSERT ON cohort_message TO enrollment;
GRANT UPDATE (sent_by) ON cohort_message TO enrollment;
