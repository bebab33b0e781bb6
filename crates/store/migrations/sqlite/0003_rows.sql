-- Rows that pages read: made from facts, replaced only by those of a later version of the account, disposable.
-- One table for every capability: what they are filtered and sorted by is alike, the rest is the body.
CREATE TABLE page_row (
    account BLOB NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    who TEXT NOT NULL,
    reseller TEXT NOT NULL,
    status TEXT NOT NULL,
    severity BIGINT NOT NULL,
    story TEXT NOT NULL,
    owner TEXT NOT NULL,
    sort BIGINT NOT NULL,
    lookup TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account, kind, id)
);
CREATE INDEX page_row_status ON page_row (kind, status, sort, id);
CREATE INDEX page_row_id ON page_row (kind, id);
CREATE INDEX page_row_lookup ON page_row (kind, lookup) WHERE lookup <> '';
