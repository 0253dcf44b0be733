-- Portable between SQLite and PostgreSQL: TEXT, BIGINT, BLOB-free, `$N` parameters.
-- Times are milliseconds since 1970 UTC, money is billionths of a US dollar, days are `YYYY-MM-DD` UTC.

-- One reply, or why there was none. Several may have the same key: the newest that is an answer counts.
CREATE TABLE tape (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    state TEXT NOT NULL, -- answer, refusal, abstained (no answer that could be read), failure
    reply TEXT NOT NULL, -- JSON
    bytes BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX tape_key ON tape (key, at);
CREATE INDEX tape_at ON tape (at); -- what is too old or too much is found without reading the replies

-- One invocation that asked; one that goes on after a kill keeps its row.
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL, -- what would be asked: the same command on the same change has the same
    project TEXT NOT NULL,
    workflow TEXT NOT NULL,
    team TEXT NOT NULL, -- empty: none
    title TEXT NOT NULL,
    base TEXT,
    head TEXT,
    started BIGINT NOT NULL,
    ended BIGINT,
    alive BIGINT NOT NULL, -- last sign of life of whoever works on it
    owner TEXT NOT NULL, -- machine and process that works on it
    status TEXT NOT NULL, -- running, or as in the reports
    verdict TEXT, -- pass, blocked, incomplete
    recipe TEXT -- JSON: what a replay needs
);
CREATE INDEX runs_key ON runs (key, started);
CREATE INDEX runs_started ON runs (started);

-- One question of a run: what it is known by, and what came of it.
CREATE TABLE calls (
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    tape TEXT, -- the reply; none where content is kept out
    backend TEXT NOT NULL,
    model TEXT NOT NULL, -- empty: not told
    role TEXT NOT NULL, -- several are joined by `+`
    team TEXT NOT NULL,
    day TEXT NOT NULL,
    at BIGINT NOT NULL, -- when it was over
    outcome TEXT NOT NULL, -- answered, abstained, refused, failed, unsent (not asked after failures)
    taped BIGINT NOT NULL, -- 1: nothing was asked and nothing paid
    input BIGINT NOT NULL,
    cached_input BIGINT NOT NULL,
    output BIGINT NOT NULL,
    nano_usd BIGINT, -- none where no price is known
    latency_ms BIGINT NOT NULL,
    message TEXT NOT NULL, -- why there was no answer
    PRIMARY KEY (run, key)
);

-- What was spent and what is promised, by whom and when.
CREATE TABLE ledger (
    scope TEXT NOT NULL, -- organisation, project/P, backend/P/NAME, team/P/NAME
    period TEXT NOT NULL, -- YYYY-MM-DD or YYYY-MM
    spent BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    PRIMARY KEY (scope, period)
);

-- Promises that are not settled. One whose run is dead stays: it may have been billed.
CREATE TABLE reservations (
    id TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    backend TEXT NOT NULL,
    nano_usd BIGINT NOT NULL,
    entries TEXT NOT NULL, -- JSON: [[scope, period], …]
    at BIGINT NOT NULL
);

-- What a run found. A run that ends again replaces its own.
CREATE TABLE findings (
    run TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    standing TEXT NOT NULL, -- confirmed, unconfirmed, refuted, suppressed
    path TEXT NOT NULL,
    line BIGINT NOT NULL,
    severity TEXT NOT NULL,
    category TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL, -- empty where content is kept out
    answered TEXT NOT NULL, -- JSON: voters that answered for its place
    PRIMARY KEY (run, fingerprint)
);
CREATE INDEX findings_fingerprint ON findings (fingerprint);

-- Who said it, in which role.
CREATE TABLE claims (
    run TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    voter TEXT NOT NULL, -- a sample is NAME#K
    backend TEXT NOT NULL,
    role TEXT NOT NULL,
    severity TEXT NOT NULL,
    PRIMARY KEY (run, fingerprint, voter, role)
);

-- Whether a finding is real, by whoever looked at it. The newest word counts.
CREATE TABLE feedback (
    project TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    is_real BIGINT NOT NULL, -- 0 or 1
    reason TEXT NOT NULL,
    source TEXT NOT NULL, -- `user`, `github`
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (project, fingerprint)
);
