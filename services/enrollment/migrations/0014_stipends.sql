-- Stipends: money for those who completed, out of budgets that cannot be exceeded, with a ledger that only grows.

CREATE TABLE funding_source (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL,
    CONSTRAINT funding_source_of_organization UNIQUE (organization_id, id),
    CONSTRAINT funding_source_once UNIQUE (organization_id, name)
);

CREATE TABLE stipend_budget (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    program_id uuid NOT NULL,
    funding_source_id uuid NOT NULL,
    year integer NOT NULL CONSTRAINT stipend_budget_year CHECK (year BETWEEN 2000 AND 2200),
    amount_cents bigint NOT NULL,
    -- what is approved or paid of it: raised in the transaction that approves, so that the check holds against any race
    committed_cents bigint NOT NULL DEFAULT 0,
    FOREIGN KEY (organization_id, program_id) REFERENCES program (organization_id, id),
    FOREIGN KEY (organization_id, funding_source_id) REFERENCES funding_source (organization_id, id),
    CONSTRAINT stipend_budget_of_organization UNIQUE (organization_id, id),
    CONSTRAINT stipend_budget_once UNIQUE (program_id, funding_source_id, year),
    CONSTRAINT stipend_budget_never_exceeded CHECK (committed_cents BETWEEN 0 AND amount_cents)
);

CREATE TABLE stipend (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    state text NOT NULL
        CONSTRAINT stipend_state CHECK (state IN ('applied', 'prepared', 'approved', 'paid', 'declined')),
    plan text NOT NULL,
    asked_cents bigint NOT NULL CONSTRAINT stipend_asks_for_something CHECK (asked_cents > 0),
    applied_at timestamptz NOT NULL,
    -- set when it is prepared: out of what, and how much
    budget_id uuid,
    amount_cents bigint CONSTRAINT stipend_gives_something CHECK (amount_cents > 0),
    prepared_by uuid,
    approved_by uuid,
    approved_at timestamptz,
    paid_reference text,
    paid_at timestamptz,
    declined_because text,
    FOREIGN KEY (organization_id, enrollment_id) REFERENCES enrollment (organization_id, id),
    FOREIGN KEY (organization_id, budget_id) REFERENCES stipend_budget (organization_id, id),
    CONSTRAINT stipend_of_organization UNIQUE (organization_id, id),
    CONSTRAINT stipend_once_per_enrollment UNIQUE (enrollment_id),
    CONSTRAINT stipend_approved_by_another CHECK (approved_by IS NULL OR approved_by <> prepared_by),
    CONSTRAINT stipend_prepared_is_whole CHECK (
        state NOT IN ('prepared', 'approved', 'paid')
        OR (budget_id IS NOT NULL AND amount_cents IS NOT NULL AND prepared_by IS NOT NULL)
    ),
    CONSTRAINT stipend_approved_is_whole CHECK (state NOT IN ('approved', 'paid') OR approved_by IS NOT NULL),
    CONSTRAINT stipend_paid_has_reference CHECK (state <> 'paid' OR (paid_reference IS NOT NULL AND paid_at IS NOT NULL)),
    CONSTRAINT stipend_declined_says_why CHECK ((state = 'declined') = (declined_because IS NOT NULL))
);
CREATE INDEX stipend_by_state ON stipend (organization_id, state, applied_at, id);
CREATE INDEX stipend_by_time ON stipend (organization_id, applied_at, id);

-- What happened with the money, for good: the service may neither change nor remove a row.
CREATE TABLE stipend_entry (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    budget_id uuid NOT NULL,
    stipend_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT stipend_entry_kind CHECK (kind IN ('committed', 'released', 'paid')),
    cents bigint NOT NULL CONSTRAINT stipend_entry_of_something CHECK (cents > 0),
    at timestamptz NOT NULL,
    by_person uuid NOT NULL,
    reference text,
    FOREIGN KEY (organization_id, budget_id) REFERENCES stipend_budget (organization_id, id),
    FOREIGN KEY (organization_id, stipend_id) REFERENCES stipend (organization_id, id),
    -- each of the three happens to a stipend once at most
    CONSTRAINT stipend_entry_of_its_kind_once UNIQUE (stipend_id, kind)
);
CREATE INDEX stipend_entry_by_budget ON stipend_entry (budget_id, at, id);
CREATE INDEX stipend_entry_by_time ON stipend_entry (organization_id, at, id);

GRANT SELECT, INSERT, UPDATE ON funding_source, stipend_budget, stipend TO enrollment;
GRANT SELECT, INSERT ON stipend_entry TO enrollment;
