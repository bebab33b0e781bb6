-- What the program works with beside the journal: the seal, leases, parked events, and small memories with an end.

-- The sealer's place: how many facts have a position, and the right edge of the tree over them.
CREATE TABLE sealer (only_one BIGINT PRIMARY KEY NOT NULL, size BIGINT NOT NULL, frontier BLOB NOT NULL);
INSERT INTO sealer (only_one, size, frontier) VALUES (1, 0, x'');
-- The facts first..last of an account have the positions up to and including `position`.
CREATE TABLE feed (
    position BIGINT PRIMARY KEY NOT NULL,
    account BLOB NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL
);
CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE lease (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE parked_tenant (
    tenant TEXT PRIMARY KEY NOT NULL,
    events BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE TABLE parked_event (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX parked_event_tenant ON parked_event (tenant, id);

CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request BLOB NOT NULL,
    status BIGINT,
    body BLOB,
    expires BIGINT NOT NULL,
    PRIMARY KEY (caller, idempotency_key)
);
CREATE INDEX idempotency_expires ON idempotency (expires);

CREATE TABLE seen (
    name TEXT NOT NULL,
    seen_key TEXT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (name, seen_key)
);
CREATE INDEX seen_expires ON seen (expires);

CREATE TABLE place (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE named_blob (name TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL);
