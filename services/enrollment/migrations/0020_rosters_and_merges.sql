-- Lists of people that staff bring as a file; and that two records of one person became one.

CREATE TABLE roster_import (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    -- sealed; only until the roster is taken, or for a day: it may hold more than we ask for
    content bytea,
    -- what stands above the columns and in the first rows, as long as there is the content
    headings jsonb NOT NULL,
    first_rows jsonb NOT NULL,
    -- which part (name, first, last, email, region) stands in which column
    columns jsonb NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL,
    taken_by uuid,
    taken_at timestamptz,
    -- when what the rows said was let go of
    emptied_at timestamptz,
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, uploaded_by) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, taken_by) REFERENCES person (organization_id, id),
    CONSTRAINT roster_import_of_organization UNIQUE (organization_id, id),
    CONSTRAINT roster_import_taken_by_somebody CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
    CONSTRAINT roster_import_taken_has_no_content CHECK (taken_at IS NULL OR content IS NULL)
);
CREATE INDEX roster_import_by_cohort ON roster_import (cohort_id, uploaded_at);
CREATE INDEX roster_import_open ON roster_import (uploaded_at) WHERE taken_at IS NULL;
CREATE INDEX roster_import_full ON roster_import (taken_at) WHERE emptied_at IS NULL;

CREATE TABLE roster_row (
    organization_id uuid NOT NULL,
    roster_id uuid NOT NULL,
    -- as the file counts it
    number integer NOT NULL,
    -- empty once the row was taken: from then on the enrollment says who it is
    name text NOT NULL,
    email text NOT NULL,
    region text,
    -- what keeps the row from being taken, as far as the file itself says it
    flaw text,
    -- the address that was probably meant, and the row that said the same before
    suggestion text,
    double_of integer,
    -- once the roster is taken
    outcome text CONSTRAINT roster_row_outcome CHECK (outcome IN ('seated', 'in line', 'not taken')),
    reason text,
    was_known boolean,
    enrollment_id uuid,
    PRIMARY KEY (roster_id, number),
    FOREIGN KEY (organization_id, roster_id) REFERENCES roster_import (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    CONSTRAINT roster_row_not_taken_says_why CHECK ((outcome = 'not taken') = (reason IS NOT NULL)),
    CONSTRAINT roster_row_taken_is_an_enrollment CHECK (
        coalesce(outcome IN ('seated', 'in line'), false) = (enrollment_id IS NOT NULL)
    )
);
CREATE INDEX roster_row_by_enrollment ON roster_row (enrollment_id) WHERE enrollment_id IS NOT NULL;
CREATE INDEX roster_row_by_email ON roster_row (organization_id, email) WHERE email <> '';

CREATE TABLE person_merge (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    away_id uuid NOT NULL CONSTRAINT person_merge_once UNIQUE,
    kept_id uuid NOT NULL,
    merged_by uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, away_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, kept_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, merged_by) REFERENCES person (organization_id, id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON roster_import, roster_row TO enrollment;
GRANT SELECT, INSERT ON person_merge TO enrollment;
