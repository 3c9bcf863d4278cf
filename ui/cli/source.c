/*
 * Where secrets come from.
 *
 * 1. Never argv and never an environment variable's value: other users can read both.
 * 2. A key file that group or others can read is refused: it is no secret.
 * 3. Without a terminal nothing is asked; the sentence names the other ways.
 */

#include "ui/cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/askpass.h"
#include "ui/cli/prompt.h"

#define KEYFILE_LEAST 32
#define KEYFILE_MOST  (64 * 1024)
#define PROMPT_LEN    256

static enum rc
check_keyfile(const char *path, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(
		    err, RC_INPUT, "the key file %s is not a regular file", path);
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, RC_DENIED,
		    "the key file %s can be read by others: chmod 600 it, and make a new "
		    "one if "
		    "somebody may have read it",
		    path);
	if (st->st_size < KEYFILE_LEAST || st->st_size > KEYFILE_MOST)
		return err_set(err, RC_INPUT,
		    "the key file %s must have %d to %d bytes: head -c 64 /dev/urandom "
		    "makes a "
		    "good one",
		    path, KEYFILE_LEAST, KEYFILE_MOST);
	return RC_OK;
}

static enum rc
read_all(int fd, size_t len, struct secret **out)
{
	struct secret *s;
	size_t done = 0;
	ssize_t n = 1;
	enum rc rc = secret_new(len, &s);

	if (rc != RC_OK)
		return rc;
	while (n != 0 && done < len) {
		n = read(fd, secret_bytes(s) + done, len - done);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	secret_set_len(s, done);
	if (done < len) {
		secret_free(s);
		return RC_IO;
	}
	*out = s;
	return RC_OK;
}

static enum rc
read_keyfile(const char *path, struct secret **out, struct err *err)
{
	struct stat st;
	enum rc rc;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*out = NULL;
	if (fd < 0)
		return err_set(err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
		    "the key file %s can't be read: %s", path, strerror(errno));
	rc = fstat(fd, &st) == 0 ? check_keyfile(path, &st, err) : RC_IO;
	if (rc == RC_OK)
		rc = read_all(fd, (size_t)st.st_size, out);
	close(fd);
	return rc == RC_IO ? err_set(err, rc, "the key file %s can't be read", path) : rc;
}

/* The first line of the descriptor that the option names. */
static enum rc
read_descriptor(struct cli *cli, const char *option, struct secret **out)
{
	int64_t fd;
	enum rc rc = op_number(&cli->call, option, 0, &fd);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	if (fd > INT_MAX || fcntl((int)fd, F_GETFD) < 0)
		return err_set(&cli->call.err, RC_INPUT,
		    "--%s %" PRId64 ": there is no such descriptor", option, fd);
	return askpass_line((int)fd, out, &cli->call.err);
}

static enum rc
nobody_to_ask(struct cli *cli, enum face_ask what)
{
	const char *fresh =
	    what == ASK_NEW && (cli->call.op->flags & OP_VAULT) ? "new-" : "";

	if (what == ASK_VALUE)
		return err_set(&cli->call.err, RC_INPUT,
		    "there is no terminal to ask for a value: give it with --from "
		    "FILE|-");
	return err_set(&cli->call.err, RC_INPUT,
	    "there is no terminal to ask for the passphrase: give it with "
	    "--%spassphrase-fd N, or "
	    "with --%skey-file FILE, or name a program that gives it in "
	    "STRONGROOM_ASKPASS",
	    fresh, fresh);
}

static enum rc
ask_once(struct cli *cli, enum face_ask what, const char *prompt, struct secret **out)
{
	const char *program = getenv("STRONGROOM_ASKPASS");
	char line[PROMPT_LEN];

	*out = NULL;
	snprintf(line, sizeof(line), "%s: ", prompt);
	if (program != NULL && program[0] != '\0' && what != ASK_VALUE)
		return askpass_run(program, line, out, &cli->call.err);
	if (!prompt_possible())
		return nobody_to_ask(cli, what);
	return prompt_line(line, false, out, &cli->call.err);
}

/* What a new passphrase is worth, and whether it was changed. */
static enum rc
judge(struct cli *cli, const struct secret *s)
{
	struct vault_strength strength;
	enum rc rc = vault_strength(s, &strength, &cli->call.err);

	if (rc != RC_OK)
		return rc;
	face_say(&cli->face, "Strength: %s (about 2^%.0f guesses)", strength.words,
	    strength.log2_guesses);
	if (strength.changed)
		face_say(&cli->face,
		    "The passphrase was brought to Unicode's normal form NFC, so "
		    "that every keyboard can type it");
	return RC_OK;
}

static enum rc
ask_twice(struct cli *cli, const char *prompt, struct secret **out)
{
	struct secret *again = NULL;
	char line[PROMPT_LEN];
	enum rc rc = ask_once(cli, ASK_NEW, prompt, out);

	if (rc == RC_OK)
		rc = judge(cli, *out);
	snprintf(line, sizeof(line), "%s, again", prompt);
	if (rc == RC_OK)
		rc = ask_once(cli, ASK_NEW, line, &again);
	if (rc == RC_OK && !secret_equal(*out, again))
		rc = err_set(&cli->call.err, RC_INPUT,
		    "the two passphrases differ; nothing was changed");
	secret_free(again);
	return rc;
}

static enum rc
fresh_secret(struct cli *cli, const char *prompt, struct secret **out)
{
	const char *keyfile = op_text(&cli->call, "new-key-file");
	bool keyed = cli->call.secret != NULL && cli->call.secret->kind == VAULT_KEYFILE;
	enum rc rc;

	if (keyed != (keyfile != NULL) && (cli->call.op->flags & OP_VAULT) != 0)
		return err_set(&cli->call.err, RC_INPUT,
		    keyed ? "this slot opens with a key file: name the new one with "
			    "--new-key-file"
			  : "this slot opens with a passphrase: --new-key-file can't "
			    "replace it");
	if (keyfile != NULL)
		return read_keyfile(keyfile, out, &cli->call.err);
	if (!op_flag(&cli->call, "new-passphrase-fd"))
		return ask_twice(cli, prompt, out);
	rc = read_descriptor(cli, "new-passphrase-fd", out);
	return rc == RC_OK ? judge(cli, *out) : rc;
}

enum rc
source_ask(struct cli *cli, enum face_ask what, const char *prompt, struct secret **out)
{
	enum rc rc;

	*out = NULL;
	rc = what == ASK_NEW ? fresh_secret(cli, prompt, out)
			     : ask_once(cli, what, prompt, out);
	if (rc == RC_OK && secret_len(*out) == 0 && what != ASK_VALUE)
		rc = err_set(&cli->call.err, RC_INPUT, "the passphrase is empty");
	if (rc != RC_OK) {
		secret_free(*out);
		*out = NULL;
	}
	return rc;
}

static void
take(struct cli *cli, enum vault_secret_kind kind, struct secret *bytes)
{
	cli->bytes = bytes;
	cli->secret.kind = kind;
	cli->secret.bytes = bytes;
	cli->call.secret = &cli->secret;
}

enum rc
source_given(struct cli *cli)
{
	const char *keyfile = op_text(&cli->call, "key-file");
	struct secret *s = NULL;
	enum rc rc;

	if (keyfile != NULL && op_flag(&cli->call, "passphrase-fd"))
		return err_set(&cli->call.err, RC_INPUT,
		    "give either --key-file or --passphrase-fd, not both");
	if (keyfile != NULL) {
		rc = read_keyfile(keyfile, &s, &cli->call.err);
		if (rc == RC_OK)
			take(cli, VAULT_KEYFILE, s);
		return rc;
	}
	if (!op_flag(&cli->call, "passphrase-fd"))
		return RC_OK;
	rc = read_descriptor(cli, "passphrase-fd", &s);
	if (rc != RC_OK)
		return rc;
	take(cli, VAULT_PASSPHRASE, s);
	if (secret_len(s) == 0)
		return err_set(&cli->call.err, RC_INPUT, "the passphrase is empty");
	return (cli->call.op->flags & OP_CREATE) != 0 ? judge(cli, s) : RC_OK;
}

static bool
takes_passphrase(const struct vault_peek *peek)
{
	size_t i;

	for (i = 0; i < peek->slot_count; i++)
		if (peek->slots[i].takes_passphrase)
			return true;
	return false;
}

enum rc
source_unlock(struct cli *cli, const struct vault_peek *peek)
{
	char prompt[PROMPT_LEN];
	struct secret *s;
	enum rc rc = source_given(cli);

	if (rc != RC_OK || cli->call.secret != NULL)
		return rc;
	if (!takes_passphrase(peek))
		return err_set(&cli->call.err, RC_INPUT,
		    "%s opens with a key file only: give it with --key-file FILE",
		    cli->call.vault_path);
	snprintf(prompt, sizeof(prompt), "Passphrase for %.200s", cli->call.vault_path);
	rc = source_ask(cli, ASK_UNLOCK, prompt, &s);
	if (rc == RC_OK)
		take(cli, VAULT_PASSPHRASE, s);
	return rc;
}
