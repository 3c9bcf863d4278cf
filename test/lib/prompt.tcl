# Dialogues on a terminal by Expect, in a process of its own.

# prompt_run DIALOGUE COMMAND ...: run COMMAND on a terminal; DIALOGUE is a list of
# {regexp reply} pairs, each reply sent (with Return) when the regexp has appeared; an empty
# reply sends Return alone, "-" sends nothing. Returns a dict with status (a number, or
# "timeout" when a pattern did not come within 60 s) and screen: all that the terminal
# showed, so that a test can see that no secret was echoed.
proc prompt_run {dialogue args} {
	set in [process::scratch_file dialogue]
	text_write $in [list $dialogue $args]
	set out [exec -ignorestderr expect -f $::testdir/lib/prompt.exp $in]
	file delete -- $in
	return [encoding convertfrom utf-8 [binary decode hex $out]]
}
