-- Who did and saw what, for those who answer for an organization. Entries are added, never changed: the service's user has
-- no right to. They name people, objects and fields by their ids, so that erasing a person leaves nothing to erase here.

CREATE TABLE journal_entry (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    at timestamptz NOT NULL DEFAULT now(),
    -- NULL where the service did it itself, or somebody who was not signed in
    person_id uuid,
    action text NOT NULL CONSTRAINT journal_entry_action_present CHECK (action <> ''),
    object_kind text NOT NULL CONSTRAINT journal_entry_object_kind_present CHECK (object_kind <> ''),
    object_id uuid,
    -- the fields that were seen or changed, never what stood in them
    fields text[] NOT NULL DEFAULT '{}',
    -- numbers, ids and codes, such as an export's filter and its count of rows
    note jsonb,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX journal_by_time ON journal_entry (organization_id, at DESC, id DESC);
CREATE INDEX journal_by_object ON journal_entry (organization_id, object_id, at DESC, id DESC);

GRANT SELECT, INSERT ON journal_entry TO enrollment;
