-- How far the demo site has been seeded. One row per step; `position` is 1 for a step that is done, and counts the
-- pieces of history appended for the back-fill. A row is written in the transaction of the effects it stands for.
CREATE TABLE progress (
  name text PRIMARY KEY,
  position bigint NOT NULL CHECK (position >= 0),
  updated_at_ms bigint NOT NULL
);
