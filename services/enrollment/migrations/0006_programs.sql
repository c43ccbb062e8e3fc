-- What a level requires, versions of curricula with activities and rubrics, a program's own rules, and badges of levels
-- that people bring from elsewhere.

ALTER TABLE program
    -- what a new cohort begins with: a completion policy as JSON
    ADD COLUMN policy jsonb,
    -- whose rules on professional development apply, such as `US-IL`
    ADD COLUMN jurisdiction text,
    -- who answers for the hours, where it is not the issuer: name, number, contact
    ADD COLUMN provider jsonb,
    ADD COLUMN retention_years integer
        CONSTRAINT program_retention_years CHECK (retention_years BETWEEN 1 AND 100);

ALTER TABLE level
    ADD COLUMN requires_level_id uuid,
    -- the version of the achievement that the level awards now, as it was sent to the issuer
    ADD COLUMN achievement_content jsonb,
    ADD CONSTRAINT level_of_program UNIQUE (program_id, id),
    ADD CONSTRAINT level_requires_one_of_its_program
        FOREIGN KEY (program_id, requires_level_id) REFERENCES level (program_id, id),
    ADD CONSTRAINT level_does_not_require_itself CHECK (requires_level_id <> id);

ALTER TABLE curriculum
    ADD COLUMN number integer NOT NULL DEFAULT 1 CONSTRAINT curriculum_number_positive CHECK (number >= 1),
    ADD COLUMN based_on uuid,
    ADD CONSTRAINT curriculum_based_on_one_of_the_organization
        FOREIGN KEY (organization_id, based_on) REFERENCES curriculum (organization_id, id),
    -- two who make the next version at once make one
    ADD CONSTRAINT curriculum_has_one_next UNIQUE (based_on);

ALTER TABLE module
    ADD COLUMN activity_in_person text,
    ADD COLUMN activity_virtual text,
    -- {"criteria": [{"id", "name", "levels": [{"id", "name", "points", "description"}]}]}
    ADD COLUMN rubric jsonb;

-- The file is not kept: its hash, what the verifier said of it, and who accepted it.
CREATE TABLE level_claim (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    level_id uuid NOT NULL,
    file_sha256 text NOT NULL,
    verdict text NOT NULL,
    issuer text NOT NULL,
    achievement text NOT NULL,
    -- whom the badge names, for whoever accepts it; NULL where it names nobody
    holder text,
    checked_at timestamptz NOT NULL,
    decision text CONSTRAINT level_claim_decision CHECK (decision IN ('accepted', 'declined')),
    decided_by uuid,
    decided_at timestamptz,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, level_id) REFERENCES level (organization_id, id),
    FOREIGN KEY (organization_id, decided_by) REFERENCES person (organization_id, id),
    CONSTRAINT level_claim_once UNIQUE (person_id, level_id, file_sha256),
    CONSTRAINT level_claim_decision_is_whole CHECK (
        (decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)
    ),
    CONSTRAINT level_claim_not_decided_by_oneself CHECK (decided_by <> person_id)
);
CREATE INDEX level_claim_waiting ON level_claim (organization_id, checked_at) WHERE decision IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON level_claim TO enrollment;
