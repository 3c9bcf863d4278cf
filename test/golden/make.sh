#!/bin/sh
# make.sh: make a golden vault of the format that the program writes now: format-N.vault,
# with its passphrase in format-N.passphrase. Run once for each released format, from the
# top folder, after `make all`; an existing one is never replaced.
#
# It takes the shipped floor of the key derivation, but calibration may aim no higher: so
# the slot is the cheapest one that the shipped program opens.
set -eu
cd "$(dirname "$0")/../.."
format=${1:?the number of the format}
to=test/golden/format-$format
build=build/golden
[ ! -e "$to.vault" ] || { echo "make.sh: $to.vault is there already" >&2; exit 1; }

mkdir -p $build
sed 's/\.target_ms = .*/.target_ms = 1,/; s/\.top_memory_kib = .*/.top_memory_kib = 64 * 1024,/' \
	keyring/kdf_floor.c >$build/floor.c
cc -std=c11 -I. -c -o $build/floor.o $build/floor.c
make FLOOR_TEST=$build/floor.o PROG_TEST=$build/strongroom $build/strongroom

printf 'golden vault, format %s\n' "$format" >"$to.passphrase"
cat >$build/in.csv <<'END'
first_name,last_name,company,email,city,birth_date
Ada,Lovelace,"Engines, Ltd",ada@example.com,London,1815-12-10
Zoë,O'Brien,"The ""Quality"" Works",zoe@example.org,New Orleans,1990-02-28
明,山田,,akira@example.net,東京,2000-01-01
END
$build/strongroom init "$to.vault" --passphrase-fd 3 3<"$to.passphrase"
$build/strongroom import "$to.vault" $build/in.csv --passphrase-fd 3 3<"$to.passphrase"
