#!/bin/sh
# coverage.sh BUILD FOLDER ...: print, from what the instrumented objects in BUILD counted,
# the lines and branches reached of each file of the folders, and of all.
set -eu
build=$1
shift

for folder; do
	for source in "$folder"/*.c; do
		[ -e "$source" ] || continue
		gcov -b -n -o "$build/$folder" "$source" 2>/dev/null |
			sed -n "/^File '.*\.c'$/,/^$/p"
	done
done | awk -F"[:% ']+" '
/^File/ { file = $2 }
/^Lines executed/ { lines[file] = $4 + 0 == 0 ? $5 : $5; share[file] = $3 }
/^Taken at least once/ { branches[file] = $NF; taken[file] = $5 }
function show(name, hit, all, took, ways) {
	printf "%-28s %6d of %6d lines %6.1f %%   %6d of %6d branches %6.1f %%\n",
	    name, hit, all, all ? 100 * hit / all : 100,
	    took, ways, ways ? 100 * took / ways : 100
}
END {
	for (file in lines) {
		hit = int(share[file] * lines[file] / 100 + 0.5)
		took = int(taken[file] * branches[file] / 100 + 0.5)
		show(file, hit, lines[file], took, branches[file]) | "sort"
		hits += hit; all += lines[file]; tooks += took; ways += branches[file]
	}
	close("sort")
	show("all", hits, all, tooks, ways)
}'
