#!/bin/sh
# demo.sh: make demo.vault with 2,000 made-up customers and open the terminal UI on it;
# without a terminal: list, search, export and verify on the command line.
set -eu
cd "$(dirname "$0")/.."
vault=demo.vault key=demo.key csv=demo.csv
umask 077

# Show a command as it would be typed, then run it.
run() {
	printf '\n$ strongroom'
	for word; do
		case $word in
		*[!A-Za-z0-9_./:=,-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	./strongroom "$@"
}

# Whole or not at all: an interrupted demo leaves no half-filled vault.
make_vault() {
	new=$(mktemp -d ./demo.new.XXXXXX)
	trap 'rm -rf "$new"' EXIT
	trap 'exit 130' INT TERM HUP
	tclsh8.6 test/gen_customers.tcl 2000 2000 >$csv
	head -c 64 /dev/urandom >"$new/$key"
	run init "$new/$vault" --key-file "$new/$key"
	run import "$new/$vault" $csv --key-file "$new/$key"
	mv "$new/$key" "$new/$vault" .
	trap - EXIT INT TERM HUP
	rm -rf "$new"
	echo
	echo "$vault holds 2,000 made-up customers (from $csv)."
	echo "It opens with the key file $key, which only you can read."
}

if [ -e $vault ] && [ -e $key ]; then
	echo "$vault is there already and is used as it is (rm $vault $key: make it anew)."
elif [ -e $vault ]; then
	echo "demo: $vault is there, but its key file $key is not; move one of them away." >&2
	exit 1
else
	make_vault
fi

if [ -t 0 ] && [ -t 1 ]; then
	echo "The terminal UI opens with: ./strongroom $vault --key-file $key"
	echo "F1 shows the keys, q quits."
	exec ./strongroom $vault --key-file $key
fi

echo "There is no terminal, so the command line shows what it can do."
run list $vault --limit 5 --fields last_name,first_name,city,email,birth_date \
	--key-file $key
run search $vault 'city:boston company:harbor*' --fields last_name,company,email \
	--limit 5 --key-file $key
run export $vault demo-export.csv --where 'region:LA' --fields last_name,city,email \
	--plaintext --reason "demonstration" --force --key-file $key
run verify $vault --key-file $key
run audit list $vault --key-file $key
cat <<END

Made: $vault, $key, $csv and demo-export.csv (the customers of Louisiana, in plain text).
From a terminal, ./strongroom $vault --key-file $key opens the terminal UI.
END
