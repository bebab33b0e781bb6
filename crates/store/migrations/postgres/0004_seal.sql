-- The sealer is one worker at a time: who, and until when. `latest` is the latest instant of any sealed fact, so that a
-- checkpoint never carries a time before a fact that it covers.
ALTER TABLE sealer ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE sealer ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sealer ADD COLUMN latest BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX checkpoint_size ON checkpoint (size);
