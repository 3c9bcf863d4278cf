#!/bin/sh
# layers.sh [DIR]: check by the includes that each floor uses only the floors below it
# (doc/architecture.md). Names each line that breaks a rule; exit status 1 when one does.
set -eu
cd "${1:-$(dirname "$0")/..}"

# An include of what is not there is as good as none: a misspelt folder must not pass.
find keyring vfs store ui test -name '*.[ch]' -print | sort |
xargs awk '
function bad(why) {
	printf "%s:%d: includes %s: %s\n", FILENAME, FNR, name, why
	failures++
}

function floor_of(path) {
	return match(path, /^[a-z]+\//) ? substr(path, 1, RLENGTH - 1) : ""
}

function keyring_rules() {
	if (to != "keyring")
		bad("keyring/ uses nothing of the project but itself")
}

function vfs_rules() {
	if (to != "vfs" && to != "keyring")
		bad("vfs/ uses keyring/ and itself")
}

function store_rules() {
	if (to == "vfs" && name != "vfs/vfs.h" && name != "vfs/rotate.h")
		bad("of vfs/ the store uses vfs/vfs.h and vfs/rotate.h only")
	else if (to != "vfs" && to != "keyring" && to != "store")
		bad("store/ uses vfs/vfs.h, vfs/rotate.h, keyring/ and itself")
}

function ui_rules() {
	if (to == "store" && name ~ /(_int|\/sql|\/query)\.h$/)
		bad("that header is for store/ alone")
	else if (to == "keyring" && name !~ /^keyring\/(rc|log|secret|askpass|askpass_far|clip)\.h$/)
		bad("of keyring/ the faces use rc.h, log.h, secret.h, askpass.h, askpass_far.h and clip.h only")
	else if (to != "store" && to != "keyring" && to != "ui")
		bad("ui/ uses store/ and itself")
}

function library_rules() {
	if (name ~ /^(openssl\/|argon2\.h)/ &&
	    FILENAME !~ /^keyring\/(crypto|kdf|secret)\.c$/)
		bad("only keyring/crypto.c, kdf.c and secret.c use OpenSSL and libargon2")
	if (name ~ /^sqlite3/ && from != "vfs" && from != "store")
		bad("only vfs/ and store/ use SQLite")
	if (name ~ /^(ncursesw?\/.*|(ncurses|curses|panel|menu|form|term|termcap)\.h)$/ &&
	    FILENAME != "ui/tui/term.c")
		bad("only ui/tui/term.c uses curses")
}

FNR == 1 {
	from = floor_of(FILENAME)
	files++
}

/^[ \t]*#[ \t]*include/ {
	if (!match($0, /[<"][^>"]+[>"]/))
		next
	quoted = substr($0, RSTART, 1) == "\""
	name = substr($0, RSTART + 1, RLENGTH - 2)
	to = floor_of(name)
	if (to !~ /^(keyring|vfs|store|ui|test)$/)
		to = ""
	if (quoted && to == "")
		bad("a header of the project is named from its top folder")
	if (from == "test")
		next
	if (to == "test")
		bad("only test/ uses test/")
	else if (to != "" && from == "keyring")
		keyring_rules()
	else if (to != "" && from == "vfs")
		vfs_rules()
	else if (to != "" && from == "store")
		store_rules()
	else if (to != "" && from == "ui")
		ui_rules()
	else
		library_rules()
}

END {
	if (failures)
		exit 1
	printf "layers: %d files, each uses only the floors below it\n", files
}' || exit 1
