# A clipboard of the tests: a folder CLIP with wl-copy, wl-paste, xclip and xsel that keep it in a
# file there (in base64, so that a search for a value does not find the file), and note how they
# were called, with what environment, and what all processes' words and environments were then.

proc clip_tools {} {
	file delete -force clip
	file mkdir clip
	foreach name {wl-copy wl-paste xclip xsel} {
		text_write clip/$name [string map [list @DIR@ $::scratch/clip] {#!/bin/sh
D=@DIR@
echo "$(basename "$0") $*" >>$D/calls
env >>$D/environ
cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' >>$D/words
ls -l /proc/self/fd >>$D/descriptors
case "${0##*/} $*" in
wl-copy*--clear) ;; # compositors there are that do not hear it
*--clear)
	[ ! -f $D/stuck ] || exit 1
	rm -f $D/board ;;
*-out | *--output | *--no-newline)
	[ ! -f $D/hang ] || exec sleep 60
	[ ! -f $D/blind ] || exit 1
	[ -f $D/board ] || exit 1
	exec base64 -d $D/board ;;
*)
	if [ -f $D/part ]; then head -c 9 | base64 -w 0 >$D/new; else base64 -w 0 >$D/new; fi
	[ ! -f $D/fail ] || [ ! -s $D/new ] || exit 3
	if [ -s $D/new ]; then mv $D/new $D/board; else rm -f $D/board $D/new; fi ;;
esac
exit 0
}]
		file attributes clip/$name -permissions 0700
	}
}

# The words before a command that runs it where /tmp is in memory, as wl-copy needs it: with a
# /tmp of its own, if it has to be. "": that can't be had here.
proc clip_in_memory {} {
	set words [list env XDG_RUNTIME_DIR=/dev/shm]
	if {[exec stat -f -c %T /dev/shm] ne "tmpfs"} {
		return ""
	}
	if {[exec stat -f -c %T /tmp] ne "tmpfs"} {
		lappend words unshare -rm sh -c {
			mount --rbind / /mnt && mount -t tmpfs tmpfs /tmp || exit
			for folder in "$0" "$1"; do
				mkdir -p "$folder" && mount --bind "/mnt$folder" "$folder" || exit
			done
			cd "$0" && shift && exec "$@"
		} $::scratch [file dirname [file normalize [program]]]
	}
	return [expr {[catch {exec {*}$words true}] ? "" : $words}]
}

# What lies there; "" for nothing.
proc clip_board {} {
	if {![file exists clip/board]} {
		return ""
	}
	return [encoding convertfrom utf-8 [binary decode base64 [file_read clip/board]]]
}

# Somebody copies TEXT.
proc clip_other {text} {
	file_write clip/board [binary encode base64 [encoding convertto utf-8 $text]]
}

proc clip_noted {what} {
	if {![file exists clip/$what]} {
		return ""
	}
	return [string trim [text_read clip/$what]]
}

proc clip_wait_empty {{ms 10000}} {
	wait_until $ms {
		expr {![file exists clip/board]}
	} "the clipboard to be cleared"
}

# The processes that keep a clipboard of this test: they stand in the root folder, and have the
# words of the program that they are of. The tools are scripts.
proc clip_keepers {} {
	set pids {}
	foreach folder [glob -nocomplain /proc/\[0-9\]*] {
		if {![catch {file readlink $folder/cwd} cwd] && $cwd eq "/"
		    && ![catch {file_read $folder/cmdline} words]
		    && [string first $::scratch/clip/ $words] >= 0
		    && ![string match "/bin/sh*" $words]} {
			lappend pids [file tail $folder]
		}
	}
	return $pids
}
