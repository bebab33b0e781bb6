-- What the sealer needs of an append stands with it, so that sealing reads no fact: the hashes of its facts one after the
-- other, and the instant of the last of them.
ALTER TABLE pending ADD COLUMN hashes BYTEA NOT NULL DEFAULT '';
ALTER TABLE pending ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
UPDATE pending SET
    hashes = COALESCE((SELECT string_agg(hash, CAST('' AS BYTEA) ORDER BY version) FROM fact
              WHERE fact.account = pending.account AND fact.version BETWEEN pending.first AND pending.last), CAST('' AS BYTEA)),
    at = COALESCE((SELECT fact.at FROM fact WHERE fact.account = pending.account AND fact.version = pending.last), 0);
-- A machine of an older release that still runs can't append without them: what has no hashes would stop the sealer.
ALTER TABLE pending ALTER COLUMN hashes DROP DEFAULT, ALTER COLUMN at DROP DEFAULT;
