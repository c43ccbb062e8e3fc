-- Who is given a seat: a cohort's rules of admission, offers with an end, invitations, members, and why somebody left.

CREATE TABLE program_member (
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- normalized, as in person: who is a member is known by address, before they ever enroll
    email text NOT NULL CONSTRAINT program_member_email_lower_case CHECK (email = lower(email)),
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id),
    CONSTRAINT program_member_once PRIMARY KEY (program_id, email)
);

CREATE TABLE invitation (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    -- as it is compared: upper case, without spaces and hyphens
    code text NOT NULL CONSTRAINT invitation_code_form CHECK (code ~ '^[0-9A-Z]{4,40}$'),
    uses integer NOT NULL DEFAULT 0,
    most_uses integer NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    CONSTRAINT invitation_of_cohort UNIQUE (cohort_id, id),
    CONSTRAINT invitation_code_once UNIQUE (cohort_id, code),
    CONSTRAINT invitation_not_overused CHECK (uses BETWEEN 0 AND most_uses)
);

ALTER TABLE cohort
    -- {} is open to anybody: see admission/model.py
    ADD COLUMN admission jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN vacancy text NOT NULL DEFAULT 'at once'
        CONSTRAINT cohort_vacancy CHECK (vacancy IN ('at once', 'offer')),
    ADD COLUMN offer_hours integer CONSTRAINT cohort_offer_hours CHECK (offer_hours BETWEEN 1 AND 720),
    -- when something is due without anybody's asking: an offer ends, or members no longer come first
    ADD COLUMN next_clock_at timestamptz,
    ADD CONSTRAINT cohort_offers_have_hours CHECK ((vacancy = 'offer') = (offer_hours IS NOT NULL));
CREATE INDEX cohort_by_clock ON cohort (next_clock_at) WHERE next_clock_at IS NOT NULL;

ALTER TABLE enrollment
    ADD COLUMN offer_expires_at timestamptz,
    ADD COLUMN region text,
    -- staff chose this person: then neither members nor codes come before them
    ADD COLUMN selected_at timestamptz,
    ADD COLUMN invitation_id uuid,
    ADD COLUMN left_because text CONSTRAINT enrollment_left_because CHECK (
        left_because IN ('withdrew', 'declined', 'offer expired', 'no-show', 'transferred', 'cancelled', 'erased')
    ),
    ADD COLUMN left_at timestamptz,
    ADD COLUMN transferred_to uuid,
    ADD FOREIGN KEY (cohort_id, invitation_id) REFERENCES invitation (cohort_id, id),
    ADD FOREIGN KEY (organization_id, transferred_to) REFERENCES enrollment (organization_id, id),
    ADD CONSTRAINT enrollment_offer_has_an_end CHECK ((place = 'offered') = (offer_expires_at IS NOT NULL)),
    ADD CONSTRAINT enrollment_left_has_no_place CHECK (left_because IS NULL OR place = 'none'),
    ADD CONSTRAINT enrollment_left_at_some_time CHECK ((left_because IS NULL) = (left_at IS NULL)),
    ADD CONSTRAINT enrollment_transferred_left CHECK ((transferred_to IS NULL) OR left_because = 'transferred');
CREATE INDEX enrollment_offered ON enrollment (organization_id, offer_expires_at) WHERE place = 'offered';
CREATE INDEX enrollment_by_cohort_place ON enrollment (cohort_id, place, line_rank);

GRANT SELECT, INSERT, UPDATE, DELETE ON program_member, invitation TO enrollment;
