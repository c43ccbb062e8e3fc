-- Files for whoever oversees professional development: what a cohort's hours rest on, kept as they were when made
-- until somebody in them is erased.

CREATE TABLE audit_file (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    -- by whose rules, such as `illinois`
    jurisdiction text NOT NULL,
    file_id uuid NOT NULL,
    file_size integer NOT NULL,
    file_sha256 text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    -- the last day on which it must be there
    keep_until date NOT NULL,
    -- whom it names: who taught when it was made may teach no more
    person_ids uuid[] NOT NULL DEFAULT '{}',
    -- somebody whom it names was erased, and it with them: another can be made
    is_removed boolean NOT NULL DEFAULT false,
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, made_by) REFERENCES person (organization_id, id)
);
CREATE INDEX audit_file_by_cohort ON audit_file (cohort_id, made_at DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON audit_file TO enrollment;
