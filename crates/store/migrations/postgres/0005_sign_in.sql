-- Who is signed in, and how often a sign-in failed. A session is found by the digest of what its cookie holds.
CREATE TABLE session (
    digest BYTEA PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    account BYTEA NOT NULL,
    began BIGINT NOT NULL,
    heard BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    proved BIGINT
);
CREATE INDEX session_account ON session (account, began);
CREATE INDEX session_ends ON session (ends);

CREATE TABLE tried (
    name TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    until BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX tried_expires ON tried (expires);
