-- The journal and what is written in the same breath. Accounts and hashes are raw bytes, times are microseconds UTC.
CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);

CREATE TABLE account (
    account BYTEA PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    last_at BIGINT NOT NULL,
    due BIGINT,
    due_claim BIGINT,
    fold_version BIGINT NOT NULL,
    policy BYTEA,
    policy_epoch BIGINT,
    read_only BIGINT NOT NULL DEFAULT 0,
    file BYTEA NOT NULL
);
CREATE INDEX account_due ON account (due) WHERE due IS NOT NULL;
CREATE INDEX account_kind ON account (kind, account);
CREATE INDEX account_epoch ON account (policy_epoch) WHERE policy_epoch IS NOT NULL;

-- The account leads the key, so that the table can be partitioned or distributed by it.
CREATE TABLE fact (
    account BYTEA NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    class TEXT NOT NULL,
    at BIGINT NOT NULL,
    source_key TEXT,
    hash BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (account, version)
);
CREATE UNIQUE INDEX fact_source ON fact (account, source_key) WHERE source_key IS NOT NULL;

-- One row per append that has no position yet.
CREATE TABLE pending (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account BYTEA NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL
);

CREATE TABLE outbox (
    account BYTEA NOT NULL,
    version BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    payload BYTEA NOT NULL,
    ready_at BIGINT NOT NULL,
    good_until BIGINT,
    worker TEXT,
    lease_until BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    note TEXT,
    PRIMARY KEY (account, version, ordinal)
);
CREATE INDEX outbox_ready ON outbox (ready_at);
CREATE INDEX outbox_object ON outbox (object);

CREATE TABLE permit (
    name TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    window_end BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (name, window_start)
);
CREATE TABLE permit_lift (
    name TEXT NOT NULL,
    until BIGINT NOT NULL,
    cap BIGINT NOT NULL,
    PRIMARY KEY (name, until)
);

-- The one row that says which policy epoch is in force, the epochs, and the bundles of policy files by hash.
CREATE TABLE policy_head (only_one BIGINT PRIMARY KEY NOT NULL, epoch BIGINT NOT NULL);
INSERT INTO policy_head (only_one, epoch) VALUES (1, 0);
CREATE TABLE policy_epoch (epoch BIGINT PRIMARY KEY NOT NULL, hash BYTEA NOT NULL, valid_from BIGINT NOT NULL);
CREATE TABLE policy_bundle (hash BYTEA PRIMARY KEY NOT NULL, bytes BYTEA NOT NULL);
