-- What people chose to show to each other, and what a program offers them to read.

CREATE TABLE directory_entry (
    person_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    -- who sees it: those with whom they share a cohort, or everybody of the organization who is in the directory too
    seen_by text NOT NULL CONSTRAINT directory_entry_seen_by CHECK (seen_by IN ('cohorts', 'organization')),
    about text,
    shows_region boolean NOT NULL,
    shows_level boolean NOT NULL,
    shows_email boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX directory_entry_by_organization ON directory_entry (organization_id);

CREATE TABLE resource (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT resource_title_present CHECK (title <> ''),
    about text,
    link text NOT NULL,
    added_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id)
);
CREATE INDEX resource_by_program ON resource (program_id, added_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON directory_entry, resource TO enrollment;
