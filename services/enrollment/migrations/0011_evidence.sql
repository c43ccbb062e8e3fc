-- What a participant attests, what a reviewer scores, and content that was destroyed because it held students' data.

ALTER TABLE evidence
    -- when the participant said that it holds no students' data; unknown of what was handed in before they were asked
    ADD COLUMN attested_at timestamptz,
    ADD COLUMN content_removed_at timestamptz,
    ADD COLUMN content_removed_by uuid,
    ADD FOREIGN KEY (organization_id, content_removed_by) REFERENCES person (organization_id, id),
    ADD CONSTRAINT evidence_removal_is_whole CHECK ((content_removed_at IS NULL) = (content_removed_by IS NULL)),
    -- the decision stays: what was accepted stays so, what waited is returned
    ADD CONSTRAINT evidence_removed_was_reviewed CHECK (content_removed_at IS NULL OR state <> 'submitted'),
    DROP CONSTRAINT evidence_content_goes_with_kind,
    ADD CONSTRAINT evidence_content_goes_with_kind CHECK (
        CASE WHEN content_removed_at IS NULL THEN
            (kind = 'text') = (text IS NOT NULL)
            AND (kind = 'link') = (link IS NOT NULL)
            AND (kind = 'file') = (file_id IS NOT NULL AND file_sha256 IS NOT NULL AND file_size IS NOT NULL)
        ELSE
            -- a file's name may name a student; its hash tells only whether the same file comes again
            text IS NULL AND link IS NULL AND file_id IS NULL AND file_name IS NULL
            AND (kind = 'file') = (file_sha256 IS NOT NULL AND file_size IS NOT NULL)
        END
    ),
    ADD CONSTRAINT evidence_of_organization UNIQUE (organization_id, id);
CREATE INDEX evidence_waiting ON evidence (organization_id, submitted_at) WHERE state = 'submitted';

-- What a reviewer chose for each criterion of the module's rubric; the points as they were then.
CREATE TABLE evidence_score (
    organization_id uuid NOT NULL,
    evidence_id uuid NOT NULL,
    criterion_id text NOT NULL,
    level_id text NOT NULL,
    points integer,
    CONSTRAINT evidence_score_once PRIMARY KEY (evidence_id, criterion_id),
    FOREIGN KEY (organization_id, evidence_id) REFERENCES evidence (organization_id, id)
);

-- Which results badges of an achievement's version may tell: a claim of any other would be refused by the issuer.
CREATE TABLE achievement_result (
    organization_id uuid NOT NULL REFERENCES organization,
    achievement_id uuid NOT NULL,
    achievement_version integer NOT NULL,
    description_id text NOT NULL,
    level_ids text[] NOT NULL,
    CONSTRAINT achievement_result_once PRIMARY KEY (achievement_id, achievement_version, description_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON evidence_score TO enrollment;
GRANT SELECT, INSERT ON achievement_result TO enrollment;
