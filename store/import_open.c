/*
 * From a descriptor to rows: bytes, characters, then CSV or JSON lines.
 */
#include <string.h>
#include <sys/stat.h>

#include "store/import_int.h"

/* Whether ${path} is the file that is read, by whatever name. */
static bool
is_source(const struct import *im, const char *path)
{
	struct stat from, to;

	return fstat(im->opts->fd, &from) == 0 && stat(path, &to) == 0 &&
	    from.st_dev == to.st_dev && from.st_ino == to.st_ino;
}

static enum rc
check_rejects(struct import *im)
{
	struct vault_info info;
	enum rc rc;

	if (!im->opts->rejects)
		return RC_OK;
	if (is_source(im, im->opts->rejects))
		return err_set(im->err, RC_INPUT,
		    "%s is the file that is imported: write the rejects elsewhere",
		    im->opts->rejects);
	rc = vault_info(im->v, &info);
	if (rc == RC_OK && file_is_part_of(im->opts->rejects, info.path))
		return err_set(im->err, RC_INPUT,
		    "%s belongs to the vault itself: write the rejects elsewhere",
		    im->opts->rejects);
	return rc;
}

/* A rejects file is read by its own form, though the file it comes from was otherwise. */
static enum rc
settle_form(struct import *im)
{
	bool is;
	enum rc rc;

	im->form = *im->opts;
	rc = import_source_is_rejects(im->source, &im->form, &is);
	if (rc == RC_OK && is)
		im->opts = &im->form;
	return rc;
}

/* In no encoding does a text begin as the mark of another: it would be read as rubbish. */
static enum rc
check_mark(const struct import *im)
{
	enum import_encoding mark;

	if (!import_decoder_belied(im->decoder, &mark))
		return RC_OK;
	return err_set(im->err, RC_INPUT,
	    "%s begins with the mark of %s, so it is not %s: name no encoding, or that one",
	    im->opts->name, import_encoding_name(mark),
	    import_encoding_name(im->opts->encoding));
}

static enum rc
open_decoder(struct import *im)
{
	enum rc rc;

	rc = import_source_new(im->opts, &im->source, im->err);
	if (rc == RC_OK)
		rc = settle_form(im);
	if (rc != RC_OK)
		return rc;
	rc = import_decoder_new(
	    im->opts->encoding, import_source_read, im->source, &im->decoder);
	if (rc == RC_INPUT)
		return err_set(im->err, rc,
		    "the encoding %s can't be read on this machine",
		    import_encoding_name(im->opts->encoding));
	if (rc != RC_OK)
		return rc;
	im->report->encoding = import_decoder_encoding(im->decoder, &im->report->bom);
	return check_mark(im);
}

static enum import_format
find_format(const struct import *im)
{
	if (im->opts->format != IMPORT_ANY)
		return im->opts->format;
	if (im->opts->delimiter || im->opts->no_header)
		return IMPORT_CSV;
	return import_decoder_is_json(im->decoder) ? IMPORT_JSONL : IMPORT_CSV;
}

enum rc
import_open(struct import *im)
{
	enum rc rc;

	rc = check_rejects(im);
	if (rc == RC_OK)
		rc = open_decoder(im);
	if (rc != RC_OK)
		return rc;
	im->report->format = find_format(im);
	im->report->header = !im->opts->no_header;
	if (im->report->format == IMPORT_JSONL)
		return jsonl_new(import_decoder_read, im->decoder, &im->jsonl);
	rc = csv_new(import_decoder_read, im->decoder, im->opts->delimiter, &im->csv);
	if (rc == RC_INPUT)
		return err_set(im->err, rc, "%s begins as UTF-16 does, not as UTF-8",
		    im->opts->name);
	if (rc == RC_OK)
		im->report->delimiter = csv_delimiter(im->csv);
	return rc;
}

enum rc
import_next(struct import *im, struct csv_row *row)
{
	enum rc rc = im->jsonl ? jsonl_next(im->jsonl, row) : csv_next(im->csv, row);

	if (rc == RC_LIMIT)
		err_set(im->err, rc, "%s has a line of more than %d MiB: it is no text",
		    im->opts->name, CSV_LINE_MAX >> 20);
	return rc;
}

void
import_close(struct import *im)
{
	csv_free(im->csv);
	jsonl_free(im->jsonl);
	import_decoder_free(im->decoder);
	import_source_free(im->source);
}
