#ifndef UI_CLI_COMPLETE_H
#define UI_CLI_COMPLETE_H

/* What the completions of the three shells have in common. */

#include "ui/op.h"

typedef void each_option_fn(const struct op *op, const struct op_opt *opt);

/**
 * complete_each(op, each): ${each} with every option that ${op} takes, its own first.
 * complete_choices(op, opt): print the words of op_choice with a blank between.
 * complete_first(op): the length of the first word of its name.
 */
void complete_each(const struct op *op, each_option_fn *each);
void complete_choices(const struct op *op, const struct op_opt *opt);
int complete_first(const struct op *op);

/**
 * complete_commands(two_words, each): ${each} with every operation whose name has two words,
 * or one.
 */
void complete_commands(bool two_words, void (*each)(const struct op *op));

/**
 * complete_bash(), complete_zsh(), complete_fish(): the whole script.
 */
void complete_bash(void);
void complete_zsh(void);
void complete_fish(void);

#endif
