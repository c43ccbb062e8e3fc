-- Organizations and the people in them; who is signed in; what waits to be sent.
-- Words are stored as they are spoken: 'in line', 'not completed'. Every table carries its organization.

CREATE TABLE organization (
    id uuid PRIMARY KEY,
    slug text NOT NULL CONSTRAINT organization_slug_unique UNIQUE
        CONSTRAINT organization_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name text NOT NULL CONSTRAINT organization_name_present CHECK (name <> ''),
    url text NOT NULL,
    description text,
    time_zone text NOT NULL,
    language text NOT NULL DEFAULT 'en',
    is_demonstration boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE person (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL CONSTRAINT person_name_present CHECK (name <> ''),
    -- normalized: trimmed, domain in ASCII, lower case
    email text NOT NULL CONSTRAINT person_email_lower_case CHECK (email = lower(email)),
    language text NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_once_per_email UNIQUE (organization_id, email),
    CONSTRAINT person_of_organization UNIQUE (organization_id, id)
);

-- Instructors and participants have their role from a cohort; these two hold for the whole organization.
CREATE TABLE role_grant (
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL CONSTRAINT role_grant_role CHECK (role IN ('administrator', 'coordinator')),
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, role),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);

-- A request for an unknown address, or one too many, leaves a link of nobody: whoever asked cannot tell them apart.
CREATE TABLE sign_in_link (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    person_id uuid,
    token_sha256 bytea NOT NULL CONSTRAINT sign_in_link_token_unique UNIQUE,
    -- HMAC of the typed code; without one, the link alone is enough (one printed on a terminal)
    code_hmac bytea,
    -- the browser that asked for it, which needs no code
    browser_sha256 bytea,
    return_path text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    failed_codes integer NOT NULL DEFAULT 0,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX sign_in_link_by_person ON sign_in_link (person_id, created_at);
CREATE INDEX sign_in_link_by_browser ON sign_in_link (browser_sha256, created_at);
CREATE INDEX sign_in_link_by_expiry ON sign_in_link (expires_at);

CREATE TABLE sign_in_session (
    token_sha256 bytea PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX sign_in_session_by_person ON sign_in_session (person_id);
CREATE INDEX sign_in_session_by_expiry ON sign_in_session (expires_at);

-- What e-mail would have said, shown on the development mailbox page; empty in production.
CREATE TABLE mailbox_message (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    topic text NOT NULL,
    key uuid NOT NULL,
    payload bytea NOT NULL,
    request_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    available_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    lease uuid,
    leased_until timestamptz,
    last_error text,
    CONSTRAINT outbox_lease_has_an_end CHECK ((lease IS NULL) = (leased_until IS NULL))
);
CREATE INDEX outbox_due ON outbox (topic, available_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    organization, person, role_grant, sign_in_link, sign_in_session, mailbox_message, outbox
    TO enrollment;
