-- The keys of sealed bodies, in a store of their own: whoever has the journal and no keys can't read what is sealed.
-- A key whose master is the empty text has been erased: its row stays, so that its number is never given again.
CREATE TABLE vault_key (
    account BYTEA NOT NULL,
    class TEXT NOT NULL,
    version BIGINT NOT NULL,
    master TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (account, class, version)
);
CREATE INDEX vault_key_master ON vault_key (master, account, class, version);
-- Which master key wraps new keys, and how often keys were erased.
CREATE TABLE vault_state (only_one BIGINT PRIMARY KEY NOT NULL, master TEXT NOT NULL, erasures BIGINT NOT NULL);
INSERT INTO vault_state (only_one, master, erasures) VALUES (1, '', 0);
-- While a master key is being exchanged: the old one, wrapped by the new one.
CREATE TABLE vault_former (id TEXT PRIMARY KEY NOT NULL, under TEXT NOT NULL, wrapped BYTEA NOT NULL);
