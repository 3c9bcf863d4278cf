# Child processes: run to the end, start, kill, wait.

# The program with the test-only floor of the KDF, and the one that is shipped.
proc program {} {
	return $tester::build/test/strongroom
}

proc program_shipped {} {
	return $tester::build/strongroom
}

# Poll SCRIPT until it is true; an error after MS milliseconds.
proc wait_until {ms script {what "the condition"}} {
	set deadline [expr {[clock milliseconds] + $ms}]
	while {![uplevel 1 $script]} {
		if {[clock milliseconds] > $deadline} {
			error "after $ms ms $what did not come true"
		}
		after 15
		update
	}
}

namespace eval process {
	variable serial 0

	proc scratch_file {kind} {
		variable serial
		return $::scratch/.run[incr serial].$kind
	}

	# Split the options off: -stdin TEXT, -fd N TEXT, -env NAME VALUE, -cwd DIR,
	# -timeout SECONDS, -binary. What follows is the command.
	proc options {words} {
		set o [dict create stdin {} fds {} env {} cwd . timeout 60 binary 0]
		while {[string match -* [lindex $words 0]]} {
			set words [lassign $words option]
			switch -- $option {
				-stdin - -cwd - -timeout {
					set words [lassign $words value]
					dict set o [string range $option 1 end] $value
				}
				-fd - -env {
					set words [lassign $words key value]
					dict lappend o [string map {-fd fds -env env} $option] $key $value
				}
				-binary {
					dict set o binary 1
				}
				default {
					error "run: unknown option $option"
				}
			}
		}
		dict set o command $words
		return $o
	}

	# The words that run the command with descriptors, environment and folder as asked.
	proc words {o filesvar} {
		upvar 1 $filesvar files
		set redirects ""
		foreach {fd text} [dict get $o fds] {
			set path [scratch_file fd$fd]
			file_write $path [encoding convertto utf-8 $text]
			lappend files $path
			append redirects " $fd<'$path'"
		}
		set env {}
		foreach {name value} [dict get $o env] {
			if {$value eq ""} {
				lappend env -u $name
			} else {
				lappend assign $name=$value
			}
		}
		if {[info exists assign]} {
			lappend env {*}$assign
		}
		return [list env {*}$env sh -c "cd '[dict get $o cwd]' && exec \"\$@\"$redirects" \
		    sh {*}[dict get $o command]]
	}

	proc status {options} {
		set code [dict get $options -errorcode]
		switch -- [lindex $code 0] {
			NONE { return 0 }
			CHILDSTATUS - CHILDKILLED { return [lindex $code 2] }
			default { error "the child could not be run: $code" }
		}
	}
}

# run ?options? COMMAND ...: run to the end without a terminal and return a dict with
# status (a number, or a signal's name; 124: stopped by -timeout), stdout, stderr.
# Options: process::options. Text is UTF-8 unless -binary.
proc run {args} {
	set o [process::options $args]
	set files {}
	set words [process::words $o files]
	foreach kind {in out err} {
		set $kind [process::scratch_file $kind]
		lappend files [set $kind]
	}
	set input [dict get $o stdin]
	if {![dict get $o binary]} {
		set input [encoding convertto utf-8 $input]
	}
	file_write $in $input
	catch {
		exec setsid -w timeout --foreground -k 2 [dict get $o timeout] {*}$words \
		    <$in >$out 2>$err
	} message options
	if {[dict get $options -code] == 0} {
		dict set options -errorcode NONE
	}
	set reader [expr {[dict get $o binary] ? "file_read" : "text_read"}]
	set result [dict create status [process::status $options] \
	    stdout [$reader $out] stderr [$reader $err]]
	file delete -- {*}$files
	return $result
}

# child_start ?options? COMMAND ...: start without waiting; returns a channel, non-blocking,
# of its standard output. Standard error goes to the file [child_errors CHANNEL].
proc child_start {args} {
	set o [process::options $args]
	set files {}
	set err [process::scratch_file err]
	set in [process::scratch_file in]
	file_write $in [encoding convertto utf-8 [dict get $o stdin]]
	set f [open |[list {*}[process::words $o files] <$in 2>$err] r]
	fconfigure $f -blocking 0 -buffering line
	set ::process::errors($f) $err
	return $f
}

proc child_pid {f} {
	return [lindex [pid $f] 0]
}

proc child_errors {f} {
	return $::process::errors($f)
}

proc child_signal {f {signal KILL}} {
	catch {exec kill -$signal [child_pid $f]}
}

# SIGKILL at a random moment between MIN and MAX milliseconds from now.
proc child_kill_at_random {f min max} {
	after [expr {$min + int(rand() * ($max - $min + 1))}]
	child_signal $f KILL
}

# Wait for the end (MS milliseconds at most, then SIGKILL); a dict with status and the rest
# of stdout, stderr.
proc child_wait {f {ms 30000}} {
	set out ""
	set deadline [expr {[clock milliseconds] + $ms}]
	while {1} {
		append out [read $f]
		if {[eof $f]} {
			break
		}
		if {[clock milliseconds] > $deadline} {
			child_signal $f KILL
			incr deadline 5000
		}
		after 5
	}
	fconfigure $f -blocking 1
	catch {close $f} message options
	if {[dict get $options -code] == 0} {
		dict set options -errorcode NONE
	}
	set err $::process::errors($f)
	unset ::process::errors($f)
	return [dict create status [process::status $options] stdout $out \
	    stderr [text_read $err]]
}

# A second testfixture that runs SCRIPT (helpers: only what the fixture has): child_start's
# channel.
proc child_script {script args} {
	set path [process::scratch_file tcl]
	text_write $path $script
	return [child_start [info nameofexecutable] $path {*}$args]
}
