#!/bin/sh
# fuzz.sh FOLDER SECONDS: run each fuzz target of the folder on test/fuzz/corpus/NAME for so
# long. New inputs stay in the folder; an input that crashes is named and kept there.
set -eu
folder=$1
seconds=$2
failed=0

for target in "$folder"/fuzz_*; do
	[ -x "$target" ] || continue
	name=${target##*/fuzz_}
	log=$folder/$name.log
	# The first folder takes what is new; the corpus is only read.
	set -- "$folder/new-$name"
	mkdir -p "$1"
	[ ! -d "test/fuzz/corpus/$name" ] || set -- "$@" "test/fuzz/corpus/$name"
	if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-max_len=131072 -artifact_prefix="$folder/$name-" "$@" >"$log" 2>&1; then
		echo "fuzz: $name: $(tail -n 1 "$log")"
	else
		echo "fuzz: $name FAILED, see $log"
		grep -E 'ERROR|runtime error|Test unit written' "$log" || :
		failed=1
	fi
done
exit $failed
