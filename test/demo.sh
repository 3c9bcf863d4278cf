#!/bin/sh
# demo.sh: make demo.vault with 2,000 made-up customers and open the terminal UI on it;
# without a terminal: what the command line can do.
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
	tclsh8.6 test/gen_customers.tcl 2000 2000 -sealed >$csv
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
show() { run "$@" --key-file $key; }
show list $vault --limit 5 --fields last_name,first_name,city,email,birth_date,ssn,card
show search $vault 'city:boston company:harbor*' --fields last_name,company,email --limit 5
show show $vault 2
show show $vault 2 --reveal birth_date,ssn --reason demonstration
show edit $vault 2 --set city=Garis
show history $vault 2
show undo $vault
show export $vault demo-export.csv --where 'region:LA' --fields last_name,city,email,ssn \
	--treat ssn=last4 --plaintext --reason demonstration --force
printf '\n$ cat demo-export.csv.manifest.json\n'
cat demo-export.csv.manifest.json
show export verify $vault demo-export.csv
show verify $vault
show audit list $vault --limit 10
show audit report $vault
show stats $vault
show stats $vault region --limit 8
cat <<END

Made: $vault, $key, $csv and demo-export.csv (the customers of Louisiana, in plain text).
From a terminal, ./strongroom $vault --key-file $key opens the terminal UI.
END
