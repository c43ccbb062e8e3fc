-- One person under several addresses, and two records of one person that became one.

-- Every address of everybody, the one that we write to (person.email) among them: nobody else can have it too.
CREATE TABLE person_address (
    organization_id uuid NOT NULL,
    -- normalized, as in person
    email text NOT NULL CONSTRAINT person_address_lower_case CHECK (email = lower(email)),
    person_id uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    CONSTRAINT person_address_of_one_person PRIMARY KEY (organization_id, email)
);
CREATE INDEX person_address_by_person ON person_address (person_id);
INSERT INTO person_address (organization_id, email, person_id, added_at)
SELECT organization_id, email, id, created_at FROM person;

-- An address that somebody wants to add, until they follow the link that was mailed there.
CREATE TABLE address_wish (
    token_sha256 bytea PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    email text NOT NULL CONSTRAINT address_wish_lower_case CHECK (email = lower(email)),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX address_wish_by_person ON address_wish (person_id, created_at);
CREATE INDEX address_wish_by_expiry ON address_wish (expires_at);

ALTER TABLE person
    -- the row stays, for what others decided about its id; it has no address and nobody signs in as it
    ADD COLUMN merged_into uuid,
    ADD FOREIGN KEY (organization_id, merged_into) REFERENCES person (organization_id, id),
    ADD CONSTRAINT person_not_merged_into_itself CHECK (merged_into <> id);

GRANT SELECT, INSERT, UPDATE, DELETE ON person_address, address_wish TO enrollment;
