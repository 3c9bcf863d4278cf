-- What `import` does, in SQLite's own shell on the unix VFS: a table with the columns of
-- "gen_customers.tcl -twelve", the indexes and the full text of the default schema, in one
-- transaction, without encryption, types, duplicates or audit; what a vault seals is plain.
.bail on
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -65536;
PRAGMA temp_store = FILE;
CREATE TABLE record(first_name TEXT COLLATE NOCASE, last_name TEXT COLLATE NOCASE,
	company TEXT COLLATE NOCASE, email TEXT COLLATE NOCASE, phone TEXT,
	address TEXT COLLATE NOCASE, city TEXT COLLATE NOCASE, postcode TEXT, birth_date TEXT,
	ssn TEXT, card TEXT, notes TEXT,
	id INTEGER PRIMARY KEY AUTOINCREMENT, uuid BLOB UNIQUE DEFAULT (randomblob(16)),
	version INTEGER DEFAULT 1, created_at INTEGER DEFAULT 0, updated_at INTEGER DEFAULT 0,
	actor TEXT DEFAULT 'bench', deleted_at INTEGER, keep_until INTEGER);
CREATE VIEW rows AS SELECT first_name, last_name, company, email, phone, address, city,
	postcode, birth_date, ssn, card, notes FROM record;
CREATE INDEX record_updated ON record(updated_at) WHERE deleted_at IS NULL;
CREATE INDEX record_trash ON record(deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX record_first_name ON record(first_name);
CREATE INDEX record_last_name ON record(last_name);
CREATE INDEX record_email ON record(email);
CREATE VIRTUAL TABLE record_fts USING fts5(first_name, last_name, company, email, phone,
	address, city, postcode, content='record', content_rowid='id', prefix='2 3',
	tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER rows_add INSTEAD OF INSERT ON rows BEGIN
	INSERT INTO record(first_name, last_name, company, email, phone, address, city,
		postcode, birth_date, ssn, card, notes)
	VALUES(new.first_name, new.last_name, new.company, new.email, new.phone, new.address,
		new.city, new.postcode, new.birth_date, new.ssn, new.card, new.notes);
END;
CREATE TRIGGER record_fts_add AFTER INSERT ON record BEGIN
	INSERT INTO record_fts(rowid, first_name, last_name, company, email, phone, address,
		city, postcode)
	VALUES(new.id, new.first_name, new.last_name, new.company, new.email, new.phone,
		new.address, new.city, new.postcode);
END;
BEGIN;
.import --csv --skip 1 customers.csv rows
COMMIT;
