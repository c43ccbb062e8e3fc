-- Programs, levels, curricula and modules; cohorts with their sessions, instructors and seats; who holds a place.

CREATE TABLE program (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    slug text NOT NULL CONSTRAINT program_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name text NOT NULL,
    description text NOT NULL,
    accent text NOT NULL DEFAULT '#1f5c4d' CONSTRAINT program_accent_form CHECK (accent ~ '^#[0-9a-f]{6}$'),
    language text NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT program_slug_unique UNIQUE (organization_id, slug),
    CONSTRAINT program_of_organization UNIQUE (organization_id, id)
);

-- A level awards one achievement; the credential service owns it, this is the reference to a version of it.
CREATE TABLE level (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    number integer NOT NULL CONSTRAINT level_number_positive CHECK (number >= 1),
    name text NOT NULL,
    description text NOT NULL,
    achievement_id uuid,
    achievement_version integer,
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id),
    CONSTRAINT level_number_once UNIQUE (program_id, number),
    CONSTRAINT level_of_organization UNIQUE (organization_id, id),
    CONSTRAINT level_achievement_has_version CHECK ((achievement_id IS NULL) = (achievement_version IS NULL))
);

CREATE TABLE curriculum (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    level_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (organization_id, level_id) REFERENCES level (organization_id, id),
    CONSTRAINT curriculum_of_organization UNIQUE (organization_id, id)
);

CREATE TABLE module (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    curriculum_id uuid NOT NULL,
    position integer NOT NULL CONSTRAINT module_position_positive CHECK (position >= 1),
    name text NOT NULL,
    description text NOT NULL,
    evidence_wanted text NOT NULL,
    FOREIGN KEY (organization_id, curriculum_id) REFERENCES curriculum (organization_id, id),
    CONSTRAINT module_position_once UNIQUE (curriculum_id, position),
    CONSTRAINT module_of_organization UNIQUE (organization_id, id)
);

CREATE TABLE cohort (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    curriculum_id uuid NOT NULL,
    name text NOT NULL,
    region text NOT NULL,
    school_year text NOT NULL,
    delivery text NOT NULL CONSTRAINT cohort_delivery CHECK (delivery IN ('in person', 'virtual', 'hybrid')),
    time_zone text NOT NULL,
    state text NOT NULL CONSTRAINT cohort_state CHECK (state IN ('draft', 'open', 'running', 'closed', 'cancelled')),
    registration_opens_at timestamptz,
    registration_closes_at timestamptz,
    -- the completion policy as it was when the cohort was made: it does not change under its people
    policy jsonb NOT NULL,
    -- the rank that the next person in line gets; given under the lock on this row
    next_line_rank bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (organization_id, curriculum_id) REFERENCES curriculum (organization_id, id),
    CONSTRAINT cohort_of_organization UNIQUE (organization_id, id)
);
CREATE INDEX cohort_by_state ON cohort (organization_id, state);

CREATE TABLE cohort_session (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    position integer NOT NULL CONSTRAINT cohort_session_position_positive CHECK (position >= 1),
    title text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    credit_minutes integer NOT NULL CONSTRAINT cohort_session_credit_not_negative CHECK (credit_minutes >= 0),
    mode text NOT NULL CONSTRAINT cohort_session_mode CHECK (mode IN ('in person', 'virtual')),
    place text,
    link text,
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    CONSTRAINT cohort_session_position_once UNIQUE (cohort_id, position),
    CONSTRAINT cohort_session_of_cohort UNIQUE (cohort_id, id),
    CONSTRAINT cohort_session_ends_after_start CHECK (ends_at > starts_at)
);

CREATE TABLE cohort_instructor (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (cohort_id, person_id),
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX cohort_instructor_by_person ON cohort_instructor (person_id);

CREATE TABLE seat (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    number integer NOT NULL CONSTRAINT seat_number_positive CHECK (number >= 1),
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    CONSTRAINT seat_number_once UNIQUE (cohort_id, number),
    CONSTRAINT seat_of_cohort UNIQUE (cohort_id, id)
);

-- The place and the outcome are two things: completing frees no seat. Who has no holder in `seat_id` is free.
CREATE TABLE enrollment (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    person_id uuid NOT NULL,
    place text NOT NULL CONSTRAINT enrollment_place CHECK (place IN ('seated', 'offered', 'in line', 'none')),
    seat_id uuid,
    line_rank bigint,
    outcome text NOT NULL DEFAULT 'none'
        CONSTRAINT enrollment_outcome CHECK (outcome IN ('none', 'completed', 'not completed', 'withdrawn')),
    -- the person's choice: whether the badge shows the name
    shows_name boolean NOT NULL,
    enrolled_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (cohort_id, seat_id) REFERENCES seat (cohort_id, id),
    CONSTRAINT enrollment_once_per_person UNIQUE (cohort_id, person_id),
    CONSTRAINT enrollment_of_cohort UNIQUE (cohort_id, id),
    CONSTRAINT enrollment_of_organization UNIQUE (organization_id, id),
    CONSTRAINT enrollment_seat_has_one_holder UNIQUE (seat_id),
    CONSTRAINT enrollment_seat_goes_with_place CHECK ((place IN ('seated', 'offered')) = (seat_id IS NOT NULL)),
    CONSTRAINT enrollment_rank_goes_with_line CHECK ((place = 'in line') = (line_rank IS NOT NULL)),
    CONSTRAINT enrollment_line_is_ordered UNIQUE (cohort_id, line_rank),
    CONSTRAINT enrollment_withdrawn_has_no_place CHECK (outcome <> 'withdrawn' OR place = 'none')
);
CREATE INDEX enrollment_by_person ON enrollment (person_id);

CREATE TABLE attendance (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    cohort_session_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    mode text NOT NULL CONSTRAINT attendance_mode CHECK (mode IN ('in person', 'virtual', 'excused', 'absent')),
    arrived_at timestamptz,
    departed_at timestamptz,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (enrollment_id, cohort_session_id),
    FOREIGN KEY (cohort_id, cohort_session_id) REFERENCES cohort_session (cohort_id, id),
    FOREIGN KEY (cohort_id, enrollment_id) REFERENCES enrollment (cohort_id, id),
    FOREIGN KEY (organization_id, recorded_by) REFERENCES person (organization_id, id),
    CONSTRAINT attendance_departs_after_arrival CHECK (departed_at > arrived_at)
);
CREATE INDEX attendance_by_session ON attendance (cohort_session_id);

CREATE TABLE evidence (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    module_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT evidence_kind CHECK (kind IN ('text', 'link', 'file')),
    text text,
    link text,
    file_id uuid,
    file_name text,
    file_media_type text,
    file_size bigint,
    file_sha256 text,
    state text NOT NULL CONSTRAINT evidence_state CHECK (state IN ('submitted', 'accepted', 'returned')),
    submitted_at timestamptz NOT NULL,
    reviewed_by uuid,
    reviewed_at timestamptz,
    comment text,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    FOREIGN KEY (organization_id, module_id) REFERENCES module (organization_id, id),
    FOREIGN KEY (organization_id, reviewed_by) REFERENCES person (organization_id, id),
    CONSTRAINT evidence_content_goes_with_kind CHECK (
        (kind = 'text') = (text IS NOT NULL)
        AND (kind = 'link') = (link IS NOT NULL)
        AND (kind = 'file') = (file_id IS NOT NULL AND file_sha256 IS NOT NULL AND file_size IS NOT NULL)
    ),
    CONSTRAINT evidence_review_is_whole CHECK (
        (state = 'submitted') = (reviewed_by IS NULL) AND (reviewed_by IS NULL) = (reviewed_at IS NULL)
    ),
    CONSTRAINT evidence_returned_says_why CHECK (state <> 'returned' OR comment <> '')
);
-- what was returned stays as history; one piece of evidence counts per module
CREATE UNIQUE INDEX evidence_one_counts_per_module ON evidence (enrollment_id, module_id) WHERE state <> 'returned';
CREATE INDEX evidence_by_enrollment ON evidence (enrollment_id, module_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    program, level, curriculum, module, cohort, cohort_session, cohort_instructor, seat, enrollment, attendance, evidence
    TO enrollment;
