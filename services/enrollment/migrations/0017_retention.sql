-- Who asked to be forgotten and what is kept of them until when; and what must not be removed while a matter is open.

CREATE TABLE legal_hold (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid,
    cohort_id uuid,
    reason text NOT NULL CONSTRAINT legal_hold_says_why CHECK (reason <> ''),
    placed_by uuid NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_by uuid,
    lifted_at timestamptz,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, placed_by) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, lifted_by) REFERENCES person (organization_id, id),
    CONSTRAINT legal_hold_on_one_thing CHECK ((person_id IS NULL) <> (cohort_id IS NULL)),
    CONSTRAINT legal_hold_lifted_by_somebody CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE INDEX legal_hold_in_force ON legal_hold (organization_id, placed_at) WHERE lifted_at IS NULL;

-- Asked; done, but for what is kept until `kept_until`; finished. A hold keeps it from being done.
CREATE TABLE erasure (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    kept_until date,
    finished_at timestamptz,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, asked_by) REFERENCES person (organization_id, id),
    CONSTRAINT erasure_once_per_person UNIQUE (person_id),
    CONSTRAINT erasure_keeps_only_what_was_not_removed CHECK (kept_until IS NULL OR done_at IS NOT NULL),
    CONSTRAINT erasure_finishes_after_it_is_done CHECK (finished_at IS NULL OR done_at IS NOT NULL)
);
CREATE INDEX erasure_to_finish ON erasure (asked_at) WHERE finished_at IS NULL;

-- Evidence with students' data whose destruction a hold forbids: apart, so that nothing that reads evidence reads it.
-- Destroyed by the clock once no hold is on its person.
CREATE TABLE evidence_sealed (
    evidence_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    text text,
    link text,
    file_id uuid,
    file_name text,
    sealed_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, evidence_id) REFERENCES evidence (organization_id, id),
    CONSTRAINT evidence_sealed_is_one_thing CHECK (
        num_nonnulls(text, link, file_id) = 1 AND (file_id IS NULL) = (file_name IS NULL)
    )
);

-- Files of what was erased: destroyed after the commit, and again by the clock until it is done.
CREATE TABLE file_to_destroy (
    file_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    wanted_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON legal_hold, erasure, file_to_destroy TO enrollment;
GRANT SELECT, INSERT, DELETE ON evidence_sealed TO enrollment;
