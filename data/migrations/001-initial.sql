-- The truth: what happened, append-only. Everything below it, settings aside, is derived from it
-- and can be dropped and made again in the order of the ids.
CREATE TABLE event (
    id      BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), -- UUIDv7
    at_ms   INTEGER NOT NULL CHECK (at_ms BETWEEN 0 AND 0xffffffffffff), -- as the id holds
    kind    TEXT NOT NULL,
    item    TEXT NOT NULL,
    payload TEXT NOT NULL -- JSON; a CHECK for it is refused with trusted_schema off (SQLite 3.40)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER event_keeps_rows BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'event is append-only');
END;

CREATE TRIGGER event_keeps_values BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'event is append-only');
END;

-- INSERT OR REPLACE deletes without firing the delete trigger.
CREATE TRIGGER event_keeps_ids BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'event is append-only');
END;

CREATE TABLE position (
    lesson     TEXT PRIMARY KEY NOT NULL,
    page       INTEGER NOT NULL,
    pages_seen INTEGER NOT NULL, -- highest page + 1
    event      BLOB NOT NULL     -- the newest position event: orders lessons by last use
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id       BLOB PRIMARY KEY NOT NULL, -- of its session-start event
    kind     TEXT NOT NULL,
    topic    TEXT NOT NULL,
    seed     TEXT NOT NULL, -- decimal: 64 bits without a sign
    start_ms INTEGER NOT NULL,
    end_ms   INTEGER,       -- NULL: still open
    finished INTEGER        -- NULL: still open; 0: abandoned
) STRICT, WITHOUT ROWID;

CREATE INDEX session_open ON session (kind, topic) WHERE end_ms IS NULL;

CREATE TABLE session_item (
    session  BLOB NOT NULL REFERENCES session (id),
    item     TEXT NOT NULL,
    pos      INTEGER NOT NULL,
    response TEXT,    -- NULL: not answered yet
    right    INTEGER,
    score    REAL,
    PRIMARY KEY (session, item)
) STRICT, WITHOUT ROWID;

-- One row a question, kept narrow: home, the statistics and the choice of the next card read all
-- of them (5,000 in less than a millisecond). Tallies by lesson or an index on due_ms would cost
-- every answer one or two pages more in its transaction.
CREATE TABLE card (
    lesson     TEXT NOT NULL,
    question   TEXT NOT NULL,
    due_ms     INTEGER NOT NULL,
    last_right INTEGER NOT NULL,
    last_score REAL NOT NULL,
    last_ms    INTEGER NOT NULL,
    answers    INTEGER NOT NULL, -- all ever, of every meaning
    rights     INTEGER NOT NULL,
    time_ms    INTEGER NOT NULL,
    first_ms   INTEGER NOT NULL,
    meaning    INTEGER NOT NULL,
    algorithm  INTEGER NOT NULL, -- of the scheduler that made the state below
    stability  REAL NOT NULL,
    difficulty REAL NOT NULL,
    grade      INTEGER NOT NULL, -- the last one, 1 to 4
    reps       INTEGER NOT NULL, -- of this meaning
    lapses     INTEGER NOT NULL,
    PRIMARY KEY (lesson, question)
) STRICT, WITHOUT ROWID;

CREATE TABLE demo (
    demo              TEXT PRIMARY KEY NOT NULL,
    open_choice       INTEGER, -- NULL: no prediction since the last run
    runs              INTEGER NOT NULL,
    predictions       INTEGER NOT NULL, -- decided by a run
    predictions_right INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict (
    lesson   TEXT NOT NULL,
    claim    TEXT NOT NULL,
    result   TEXT NOT NULL,
    measured TEXT NOT NULL,
    rule     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (lesson, claim)
) STRICT, WITHOUT ROWID;

-- Not derived: what the learner chose.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
