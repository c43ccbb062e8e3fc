-- What participants think of a session or a whole cohort. Answers are only counted: beside the counts there is no row of
-- one person's answers, so that neither its time nor its place in the table could be joined with who handed in.

-- A form never changes; the highest version is asked.
CREATE TABLE evaluation_form (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT evaluation_form_version_positive CHECK (version >= 1),
    about text NOT NULL CONSTRAINT evaluation_form_about CHECK (about IN ('session', 'cohort')),
    -- statements that people agree with, from 1 to 5
    questions jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id),
    CONSTRAINT evaluation_form_once UNIQUE (program_id, about, version),
    CONSTRAINT evaluation_form_of_organization UNIQUE (organization_id, id)
);

-- Who handed in about what (a session's id, or the cohort's); deliberately without a time.
CREATE TABLE evaluation_turn_in (
    enrollment_id uuid NOT NULL,
    about_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    CONSTRAINT evaluation_turned_in_once PRIMARY KEY (enrollment_id, about_id),
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id)
);

-- How many gave which answer.
CREATE TABLE evaluation_tally (
    organization_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    about_id uuid NOT NULL,
    form_id uuid NOT NULL,
    -- from 1 on, in the order of the form
    question integer NOT NULL,
    answer integer NOT NULL CONSTRAINT evaluation_tally_answer CHECK (answer BETWEEN 1 AND 5),
    people integer NOT NULL CONSTRAINT evaluation_tally_people_positive CHECK (people >= 1),
    CONSTRAINT evaluation_tally_once PRIMARY KEY (about_id, form_id, question, answer),
    FOREIGN KEY (organization_id, cohort_id) REFERENCES cohort (organization_id, id),
    FOREIGN KEY (organization_id, form_id) REFERENCES evaluation_form (organization_id, id)
);
CREATE INDEX evaluation_tally_by_cohort ON evaluation_tally (cohort_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON evaluation_form, evaluation_turn_in, evaluation_tally TO enrollment;
