#!/bin/sh
# coverage.sh BUILD FOLDER ...: print, from what the instrumented objects in BUILD counted,
# the lines and branches reached of each file of the folders, and of all.
set -eu
build=$1
shift

for folder; do
	for source in "$folder"/*.c; do
		# What only the loadable extension has counts in its own objects.
		for objects in "$build" "$build/pic"; do
			if [ -e "$objects/${source%.c}.gcda" ]; then
				gcov -b -n -o "$objects/$folder" "$source" 2>/dev/null
				break
			fi
		done
	done
done | awk -F"[:%' ]+" '
function show(name, hit, all, took, ways) {
	printf "%-28s %6d of %6d lines %6.1f %%   %6d of %6d branches %6.1f %%\n",
	    name, hit, all, all ? 100 * hit / all : 100,
	    took, ways, ways ? 100 * took / ways : 100
}

# A report for each file that the object has code of; headers come with each of them.
/^File/ {
	file = $2 ~ /\.c$/ ? $2 : ""
	took = ways = 0
}

/^Lines executed/ {
	all = $NF
	hit = int($3 * all / 100 + 0.5)
}

/^Taken at least once/ {
	ways = $NF
	took = int($5 * ways / 100 + 0.5)
}

/^(Calls executed|No calls)/ && file != "" {
	show(file, hit, all, took, ways)
	hits += hit; alls += all; tooks += took; allways += ways
	file = ""
}

END {
	show("all", hits, alls, tooks, allways)
}'
