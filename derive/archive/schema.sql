-- The archive's tables. Their text stands in the file itself (sqlite_master): any SQLite shell shows it with .schema
CREATE TABLE meta (
  key TEXT PRIMARY KEY,        -- name of a setting that fingerprints depend on
  value TEXT NOT NULL          -- its value
) WITHOUT ROWID;
CREATE TABLE documents (
  number INTEGER PRIMARY KEY,  -- this file's own number of the record; means nothing elsewhere
  id TEXT NOT NULL,            -- the document's id as it was given; several texts under one id are versions
  sha256 TEXT NOT NULL,        -- of the text in UTF-8, in hexadecimal
  title TEXT,                  -- headline as stated
  published TEXT,              -- time of publication as stated
  earliest INTEGER,            -- that time's earliest second since 1970 in UTC; NULL where it cannot be believed
  latest INTEGER,              -- and its latest second
  source TEXT,                 -- outlet
  url TEXT,                    -- address as stated
  author TEXT,                 -- byline
  modified TEXT,               -- time of the last change as stated
  path TEXT,                   -- file it was read from, relative to the folder given
  flags TEXT NOT NULL,         -- JSON list: what the reader noticed
  derived_from TEXT NOT NULL,  -- JSON list: ids or addresses that it declares as its sources
  words INTEGER NOT NULL,      -- number of words
  text BLOB NOT NULL,          -- the untouched text, UTF-8, compressed with zlib
  sketch BLOB NOT NULL,        -- MinHash values (affine32 of datasketch), uint32, little-endian
  sampled BLOB NOT NULL,       -- its shingle hashes that stand in the postings, uint64, little-endian, sorted
  checksum BLOB NOT NULL,      -- BLAKE2b, 16 bytes, of all columns but number and this one
  UNIQUE (id, sha256)
);
CREATE INDEX documents_by_time ON documents (earliest);
CREATE INDEX documents_by_source ON documents (source, earliest);
CREATE TABLE postings (
  hash INTEGER NOT NULL,       -- a sampled shingle hash (one in 8), as a signed 64-bit number
  document INTEGER NOT NULL,   -- documents.number of a text that holds it
  PRIMARY KEY (hash, document)
) WITHOUT ROWID;
