-- What the sealer needs of an append stands with it, so that sealing reads no fact: the hashes of its facts one after the
-- other, and the instant of the last of them.
ALTER TABLE pending ADD COLUMN hashes BLOB NOT NULL DEFAULT x'';
ALTER TABLE pending ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
UPDATE pending SET
    hashes = COALESCE((SELECT unhex(group_concat(hex(hash), '' ORDER BY version)) FROM fact
              WHERE fact.account = pending.account AND fact.version BETWEEN pending.first AND pending.last), x''),
    at = COALESCE((SELECT at FROM fact WHERE fact.account = pending.account AND fact.version = pending.last), 0);
