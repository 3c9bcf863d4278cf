# Runs test files, each in its own process, two at a time, and counts their cases.
#
#   BUILD=build tclsh8.6 test/run.tcl [FILE.test ...]
#
# Prints the failing cases and, last, exactly `N passed, N failed`. A file that dies, that
# exceeds its deadline or that holds no case counts as one failure. A line `note: TEXT` of a
# test is shown with its result. Exit status 1 on failures.

set testdir [file dirname [file normalize [info script]]]
set build [file normalize [expr {[info exists env(BUILD)] ? $env(BUILD) : "build"}]]
set asan [info exists env(STRONGROOM_ASAN)]
set tsan [info exists env(STRONGROOM_TSAN)]
set valgrind [info exists env(STRONGROOM_VALGRIND)]
set jobs 2
set long [expr {$valgrind || [info exists env(STRONGROOM_ALL)]}]
set deadline [expr {$long ? 3600 : $asan || $tsan ? 1800 : 600}] ;# seconds for one file
set passed 0
set failed 0
set died 0
set running 0
set started [clock milliseconds]

# Where everything that the tests write goes; short, since sockets lie in it.
set base [expr {[info exists env(TMPDIR)] ? $env(TMPDIR) : "/tmp"}]
set scratch [file normalize $base]/sr-check.[pid]
exec mkdir -m 700 -- $scratch

fconfigure stdout -encoding utf-8 -buffering line
if {$asan} {
	set env(ASAN_OPTIONS) detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0
	set env(LSAN_OPTIONS) suppressions=$testdir/lsan.supp:print_suppressions=0
	set env(UBSAN_OPTIONS) print_stacktrace=1:halt_on_error=1
}

# Memcheck's findings give the exit status 99; Tcl itself keeps much to the end.
set wrap [expr {$valgrind ? {valgrind -q --error-exitcode=99 --leak-check=no} : ""}]

proc start {path} {
	global scratch build running job wrap
	set name [file rootname [file tail $path]]
	set dir $scratch/[incr ::serial]
	file mkdir $dir
	# A session of its own: no terminal for prompts to find, and one group to kill.
	set ::env(TMPDIR) $dir
	if {$::tsan} {
		# To files, since a child's words go to a terminal, or nowhere.
		set ::env(TSAN_OPTIONS) log_path=$dir/tsan
	}
	set f [open |[list setsid {*}$wrap $build/testfixture $path </dev/null 2>@1] r]
	fconfigure $f -blocking 0 -encoding utf-8
	incr running
	set job($f) [dict create name $name dir $dir out "" began [clock milliseconds] \
	    pid [lindex [pid $f] 0] timer [after [expr {$::deadline * 1000}] [list expire $f]]]
	fileevent $f readable [list collect $f]
}

proc kill_group {pid} {
	catch {exec kill -9 -- -$pid}
}

proc expire {f} {
	dict append ::job($f) out "\nFAIL [dict get $::job($f) name]:\
	    still running after $::deadline s\n"
	kill_group [dict get $::job($f) pid]
}

proc collect {f} {
	dict append ::job($f) out [read $f]
	if {[eof $f]} {
		finish $f
	}
}

# Whatever a test left behind: terminals, children, files.
proc sweep {j} {
	kill_group [dict get $j pid]
	foreach socket [glob -nocomplain -directory [dict get $j dir] */tmux-*/* tmux-*/*] {
		catch {exec tmux -S $socket kill-server}
	}
	catch {file delete -force [dict get $j dir]}
}

# What ThreadSanitizer wrote of the test and of its children.
proc races {dir} {
	return [join [lmap path [glob -nocomplain -directory $dir tsan.*] {
		exec cat $path
	}] \n]
}

proc finish {f} {
	global job passed failed died running
	set j $job($f)
	unset job($f)
	after cancel [dict get $j timer]
	fconfigure $f -blocking 1
	set bad [catch {close $f} message]
	set races [races [dict get $j dir]]
	sweep $j
	set out [string trimright [dict get $j out]]
	set ms [expr {[clock milliseconds] - [dict get $j began]}]
	if {[regexp {(?:^|\n)(\d+) passed, (\d+) failed$} $out tally p n]} {
		incr passed $p
		incr failed $n
		set out [string range $out 0 end-[string length $tally]]
		set note "$p passed, $n failed"
		if {$p + $n == 0} {
			incr died
			set note "NO CASE"
		} elseif {$bad && $n == 0} {
			incr died
			set note "$note, then ended badly: $message"
		} elseif {$races ne ""} {
			incr died
			set note "$note, but threads race"
		}
	} else {
		incr died
		set note "DIED: $message"
	}
	foreach {line text} [regexp -all -inline -line {^note: (.*)$} $out] {
		append note ", $text"
	}
	puts [format "%-24s %5.1f s  %s" [dict get $j name] [expr {$ms / 1000.0}] $note]
	if {!$bad} {
		foreach {line text} [regexp -all -inline -line {^detail: (.*)$} $out] {
			puts "  $text"
		}
	}
	append out \n $races
	if {[string trim $out] ne "" && ($bad || $races ne "" || $note eq "NO CASE")} {
		puts "  [string map [list \n "\n  "] [string trim $out]]"
	}
	incr running -1
	next
}

proc next {} {
	global queue running jobs
	while {$running < $jobs && $queue ne ""} {
		set queue [lassign $queue path]
		start $path
	}
	if {$running == 0} {
		set ::done 1
	}
}

# A name without a folder is looked for in test/, with or without its suffix.
proc find {name} {
	foreach path [list $name $::testdir/$name $::testdir/$name.test] {
		if {[file isfile $path]} {
			return [file normalize $path]
		}
	}
	puts stderr "run.tcl: no such test file: $name"
	exit 2
}

set queue [expr {$argv eq "" ? [lsort [glob -directory $testdir *.test]] :
    [lmap name $argv {find $name}]}]
next
vwait done
file delete -force $scratch
set wall [expr {([clock milliseconds] - $started) / 1000.0}]
puts [format "wall time %.1f s" $wall]
puts "$passed passed, [expr {$failed + $died}] failed"
exit [expr {$failed + $died > 0}]
