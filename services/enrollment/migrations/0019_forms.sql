-- What a program asks of whoever enrolls, what they answered and consented to, and what is kept private of a person.

-- A form never changes; the highest version is asked, and an enrollment keeps the one that it was made with.
CREATE TABLE program_form (
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT program_form_version_positive CHECK (version >= 1),
    fields jsonb NOT NULL,
    -- key and version of each consent that is asked for, in order, and whether one can enroll without it
    consents jsonb NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT program_form_once PRIMARY KEY (program_id, version),
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id),
    FOREIGN KEY (organization_id, made_by) REFERENCES person (organization_id, id),
    CONSTRAINT program_form_of_organization UNIQUE (organization_id, program_id, version)
);

-- What somebody consents to, word for word; another wording is the next version.
CREATE TABLE consent_text (
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL CONSTRAINT consent_text_version_positive CHECK (version >= 1),
    language text NOT NULL,
    body text NOT NULL CONSTRAINT consent_text_says_something CHECK (body <> ''),
    CONSTRAINT consent_text_once PRIMARY KEY (organization_id, program_id, key, version, language),
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id)
);

CREATE TABLE enrollment_form (
    enrollment_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    version integer NOT NULL,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    FOREIGN KEY (organization_id, program_id, version) REFERENCES program_form (organization_id, program_id, version),
    CONSTRAINT enrollment_form_of_organization UNIQUE (organization_id, enrollment_id)
);

-- No private field is ever here: those are a person's secrets.
CREATE TABLE enrollment_answer (
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    field text NOT NULL,
    answer text NOT NULL CONSTRAINT enrollment_answer_says_something CHECK (answer <> ''),
    CONSTRAINT enrollment_answer_once PRIMARY KEY (enrollment_id, field),
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment_form (organization_id, enrollment_id)
        ON DELETE CASCADE
);

-- Every giving is a row; taking it back ends the row, and giving again is another.
CREATE TABLE consent (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    program_id uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    language text NOT NULL,
    given_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    FOREIGN KEY (organization_id, program_id, key, version, language)
        REFERENCES consent_text (organization_id, program_id, key, version, language),
    CONSTRAINT consent_withdrawn_after_given CHECK (withdrawn_at >= given_at)
);
CREATE UNIQUE INDEX consent_in_force_once ON consent (enrollment_id, key) WHERE withdrawn_at IS NULL;
CREATE INDEX consent_by_enrollment ON consent (enrollment_id);

CREATE TABLE person_secret (
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL,
    sealed bytea NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT person_secret_once PRIMARY KEY (person_id, field),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);

-- Who may open a private field of others.
CREATE TABLE field_reader (
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL,
    granted_by uuid NOT NULL,
    granted_at timestamptz NOT NULL,
    CONSTRAINT field_reader_once PRIMARY KEY (person_id, field),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, granted_by) REFERENCES person (organization_id, id)
);
CREATE INDEX field_reader_by_field ON field_reader (organization_id, field);

GRANT SELECT, INSERT ON program_form, consent_text TO enrollment;
GRANT SELECT, INSERT, UPDATE, DELETE ON enrollment_form, enrollment_answer, consent, person_secret, field_reader
    TO enrollment;
