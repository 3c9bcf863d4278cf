/*
 * Where secrets come from.
 *
 * 1. Never argv and never an environment variable's value: other users can read both.
 * 2. Without a terminal nothing is asked; the sentence names the other ways.
 */

#include "ui/cli/source.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/askpass.h"
#include "keyring/askpass_far.h"
#include "store/keys.h"
#include "ui/cli/prompt.h"
#include "ui/keyfile.h"

#define PROMPT_LEN     256
#define RECOVERY_TRIES 3

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

/* The option that gives in a descriptor what would be asked for. */
static const char *
descriptor_option(const struct cli *cli, enum face_ask what)
{
	bool vault = (cli->call.op->flags & OP_VAULT) != 0;

	if (what == ASK_NEW && vault)
		return "new-passphrase-fd";
	if (what == ASK_OLD && op_takes(cli->call.op, "slot-passphrase-fd"))
		return "slot-passphrase-fd";
	if (what == ASK_BACKUP)
		return "backup-passphrase-fd";
	return "passphrase-fd";
}

static enum rc
nobody_to_ask(struct cli *cli, enum face_ask what)
{
	const char *option = descriptor_option(cli, what);

	if (what == ASK_VALUE)
		return err_set(&cli->call.err, RC_INPUT,
		    "there is no terminal to ask for a value: give it with --from "
		    "FILE|-");
	return err_set(&cli->call.err, RC_INPUT,
	    "there is no terminal to ask for the passphrase: give it with "
	    "--%s N, or with --%skey-file FILE where a key file will do, or name a "
	    "program "
	    "that gives it in STRONGROOM_ASKPASS",
	    option,
	    what == ASK_NEW				? "new-"
	    : strcmp(option, "slot-passphrase-fd") == 0 ? "slot-"
							: "");
}

/* The program that gives passphrases; NULL when there is none. */
static const char *
asked_program(void)
{
	const char *program = getenv("STRONGROOM_ASKPASS");

	return program != NULL && program[0] != '\0' ? program : NULL;
}

enum rc
source_begin(struct cli *cli)
{
	const unsigned asking = OP_VAULT | OP_CREATE | OP_SECRET;

	if (asked_program() == NULL || (cli->call.op->flags & asking) == 0)
		return RC_OK;
	return askpass_far_begin(asked_program(), &cli->askpass, &cli->call.err);
}

void
source_end(struct cli *cli)
{
	askpass_far_end(cli->askpass);
	cli->askpass = NULL;
}

static enum rc
ask_program(struct cli *cli, const char *line, struct secret **out)
{
	if (cli->askpass != NULL)
		return askpass_far_run(cli->askpass, line, out, &cli->call.err);
	return askpass_run(asked_program(), line, out, &cli->call.err);
}

static enum rc
ask_once(struct cli *cli, enum face_ask what, const char *prompt, struct secret **out)
{
	char line[PROMPT_LEN];

	*out = NULL;
	snprintf(line, sizeof(line), "%s: ", prompt);
	if (asked_program() != NULL && what != ASK_VALUE)
		return ask_program(cli, line, out);
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
	enum rc rc;

	if (!op_flag(&cli->call, "new-passphrase-fd"))
		return ask_twice(cli, prompt, out);
	rc = read_descriptor(cli, "new-passphrase-fd", out);
	return rc == RC_OK ? judge(cli, *out) : rc;
}

static enum rc
present_secret(
    struct cli *cli, enum face_ask what, const char *prompt, struct secret **out)
{
	const char *option = descriptor_option(cli, what);

	if ((what == ASK_OLD || what == ASK_BACKUP) &&
	    strcmp(option, "passphrase-fd") != 0 && op_flag(&cli->call, option))
		return read_descriptor(cli, option, out);
	return ask_once(cli, what, prompt, out);
}

enum rc
source_ask(struct cli *cli, enum face_ask what, const char *prompt, struct secret **out)
{
	enum rc rc;

	*out = NULL;
	rc = what == ASK_NEW ? fresh_secret(cli, prompt, out)
			     : present_secret(cli, what, prompt, out);
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

/* Take what --key-file and --passphrase-fd gave, both or one of them. */
static enum rc
take_given(struct cli *cli, struct secret *keyfile, struct secret *typed)
{
	bool recovery = op_flag(&cli->call, "recovery");
	struct secret *both;
	enum rc rc;

	if (typed != NULL && secret_len(typed) == 0)
		return err_set(&cli->call.err, RC_INPUT, "the passphrase is empty");
	if (typed != NULL && (cli->call.op->flags & OP_CREATE) != 0 &&
	    (rc = judge(cli, typed)) != RC_OK)
		return rc;
	if (keyfile != NULL && typed != NULL) {
		rc = keys_combine(typed, keyfile, &both, &cli->call.err);
		if (rc == RC_OK)
			take(cli, VAULT_BOTH, both);
		return rc;
	}
	rc = secret_from(secret_view(keyfile != NULL ? keyfile : typed),
	    secret_len(keyfile != NULL ? keyfile : typed), &both);
	if (rc == RC_OK)
		take(cli,
		    keyfile != NULL ? VAULT_KEYFILE
		    : recovery	    ? VAULT_RECOVERY
				    : VAULT_PASSPHRASE,
		    both);
	return rc;
}

/* A mistyped code is asked for again; one that comes from a program is not. */
static enum rc
ask_recovery(struct cli *cli, const char *prompt, struct secret **out)
{
	int left = asked_program() != NULL ? 1 : RECOVERY_TRIES;
	enum rc rc;

	for (;;) {
		rc = source_ask(cli, ASK_UNLOCK, prompt, out);
		if (rc != RC_OK)
			return rc;
		rc = keys_recovery_check(*out, &cli->call.err);
		if (rc != RC_INPUT || --left == 0)
			return rc;
		face_warn(&cli->face, "%s", cli->call.err.text);
		cli->call.err.text[0] = '\0';
		secret_free(*out);
		*out = NULL;
	}
}

static enum rc
take_recovery(struct cli *cli, const char *path)
{
	char prompt[PROMPT_LEN];
	struct secret *s = NULL;
	enum rc rc;

	snprintf(prompt, sizeof(prompt), "Recovery code for %.200s", path);
	rc = ask_recovery(cli, prompt, &s);
	if (rc == RC_OK)
		take(cli, VAULT_RECOVERY, s);
	else
		secret_free(s);
	return rc;
}

enum rc
source_given(struct cli *cli)
{
	const char *path = op_text(&cli->call, "key-file");
	struct secret *keyfile = NULL, *typed = NULL;
	enum rc rc = RC_OK;

	if (path != NULL && op_flag(&cli->call, "recovery"))
		return err_set(&cli->call.err, RC_INPUT,
		    "a recovery code opens the vault alone: give --recovery without "
		    "--key-file");
	if (path != NULL)
		rc = keyfile_read(path, &keyfile, &cli->call.err);
	if (rc == RC_OK && op_flag(&cli->call, "passphrase-fd"))
		rc = read_descriptor(cli, "passphrase-fd", &typed);
	if (rc == RC_OK && (keyfile != NULL || typed != NULL))
		rc = take_given(cli, keyfile, typed);
	else if (rc == RC_OK && op_flag(&cli->call, "recovery") &&
		 (cli->call.op->flags & OP_SECRET) != 0)
		rc = take_recovery(cli, cli->call.args[0]);
	secret_free(keyfile);
	secret_free(typed);
	return rc;
}

/* What the slots of a vault take, alone or together. */
struct takes {
	bool passphrase, keyfile, both, recovery;
};

static struct takes
what_it_takes(const struct vault_peek *peek)
{
	struct takes t = {false, false, false, false};
	const struct vault_slot *s;
	size_t i;

	for (i = 0; i < peek->slot_count; i++) {
		s = &peek->slots[i];
		t.both |= s->takes_passphrase && s->takes_keyfile;
		t.passphrase |= s->takes_passphrase && !s->takes_keyfile;
		t.keyfile |= s->takes_keyfile && !s->takes_passphrase;
		t.recovery |= s->takes_recovery;
	}
	return t;
}

/* What can't open this vault is told before anything is asked or derived. */
static enum rc
check_kind(struct cli *cli, struct takes t)
{
	const struct vault_secret *s = cli->call.secret;
	const char *path = cli->call.vault_path;

	if (op_flag(&cli->call, "recovery") && !t.recovery)
		return err_set(&cli->call.err, RC_INPUT,
		    "%s has no slot for a recovery code: open it as always, then key add "
		    "--type recovery makes one",
		    path);
	if (s != NULL && s->kind == VAULT_BOTH && !t.both)
		return err_set(&cli->call.err, RC_INPUT,
		    "no slot of %s takes a passphrase and a key file together: give one "
		    "of "
		    "them, not both",
		    path);
	if (s == NULL && !t.passphrase && !t.both && !op_flag(&cli->call, "recovery"))
		return err_set(&cli->call.err, RC_INPUT,
		    t.keyfile
			? "%s opens with a key file only: give it with --key-file FILE"
			: "%s opens with a recovery code only: give --recovery",
		    path);
	if (s == NULL && !t.passphrase && !op_flag(&cli->call, "recovery"))
		return err_set(&cli->call.err, RC_INPUT,
		    "%s opens with a passphrase and a key file together: give --key-file "
		    "FILE, and the passphrase is asked for",
		    path);
	return RC_OK;
}

/* The passphrase that goes with the key file that was given. */
static enum rc
ask_second_factor(struct cli *cli)
{
	struct secret *typed, *both;
	char prompt[PROMPT_LEN];
	enum rc rc;

	snprintf(prompt, sizeof(prompt), "Passphrase for %.200s", cli->call.vault_path);
	rc = source_ask(cli, ASK_UNLOCK, prompt, &typed);
	if (rc != RC_OK)
		return rc;
	rc = keys_combine(typed, cli->bytes, &both, &cli->call.err);
	secret_free(typed);
	if (rc == RC_OK) {
		secret_free(cli->bytes);
		take(cli, VAULT_BOTH, both);
	}
	return rc;
}

enum rc
source_unlock(struct cli *cli, const struct vault_peek *peek)
{
	struct takes t = what_it_takes(peek);
	char prompt[PROMPT_LEN];
	struct secret *s;
	enum rc rc = source_given(cli);

	if (rc == RC_OK)
		rc = check_kind(cli, t);
	if (rc == RC_OK && cli->call.secret != NULL &&
	    cli->call.secret->kind == VAULT_KEYFILE && !t.keyfile && t.both)
		return ask_second_factor(cli);
	if (rc != RC_OK || cli->call.secret != NULL)
		return rc;
	if (op_flag(&cli->call, "recovery"))
		return take_recovery(cli, cli->call.vault_path);
	snprintf(prompt, sizeof(prompt), "Passphrase for %.200s", cli->call.vault_path);
	rc = source_ask(cli, ASK_UNLOCK, prompt, &s);
	if (rc == RC_OK)
		take(cli, VAULT_PASSPHRASE, s);
	return rc;
}
