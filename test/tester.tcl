# What every test file sources first: cases, a scratch folder, and the helpers.
#
#   source [file join [file dirname [info script]] tester.tcl]
#   do_test wrong-passphrase-is-told-apart { body } {expected}
#   finish_test
#
# Names of cases are sentences. The script runs in a scratch folder of its own, which is
# removed at the end. The last line of the output is `N passed, N failed`.

encoding system utf-8
fconfigure stdout -encoding utf-8
fconfigure stderr -encoding utf-8

namespace eval tester {
	variable passed 0 failed 0 cleanup {}
	variable testdir [file dirname [file normalize [info script]]]
	variable build [file dirname [file normalize [info nameofexecutable]]]
	variable file [file normalize [info script]]

	# A folder that is nobody else's: mode 0700, and a new name.
	proc scratch_new {} {
		set base [expr {[info exists ::env(TMPDIR)] ? $::env(TMPDIR) : "/tmp"}]
		set base [file normalize $base]
		for {set i 0} {$i < 100} {incr i} {
			set dir $base/sr[pid].$i
			if {![catch {exec mkdir -m 700 -- $dir}]} {
				return $dir
			}
		}
		error "no scratch folder can be made in $base"
	}

	# Children see no more of the user's surroundings than the script does.
	proc surroundings {scratch} {
		foreach name {NO_COLOR DISPLAY WAYLAND_DISPLAY TMUX TMUX_PANE COLORTERM
			STRONGROOM_ASKPASS LINES COLUMNS} {
			unset -nocomplain ::env($name)
		}
		array set ::env [list HOME $scratch TMPDIR $scratch SQLITE_TMPDIR $scratch \
		    XDG_STATE_HOME $scratch/state XDG_CONFIG_HOME $scratch/config \
		    XDG_DATA_HOME $scratch/share XDG_CACHE_HOME $scratch/cache \
		    XDG_RUNTIME_DIR $scratch TMUX_TMPDIR $scratch \
		    LC_ALL C.UTF-8 TZ UTC TERM xterm-256color]
	}

	proc report {name got expected} {
		puts "FAIL $name"
		puts "  expected: [indent $expected]"
		puts "       got: [indent $got]"
	}

	proc indent {text} {
		if {[string length $text] > 4000} {
			set text "[string range $text 0 3999]... ([string length $text] characters)"
		}
		return [string map [list \n "\n            "] $text]
	}

	# Expected: text, or /regexp/, or ~/regexp/ (must not match).
	proc matches {got expected} {
		if {[regexp {^(~?)/(.*)/$} $expected -> not re]} {
			return [expr {[regexp -- $re $got] != ($not eq "~")}]
		}
		return [expr {$got eq $expected}]
	}

	# A line that is shown also when all passes.
	proc note {text} {
		puts "note: $text"
	}

	proc judge {name got expected} {
		variable passed
		variable failed
		if {[matches $got $expected]} {
			incr passed
		} else {
			incr failed
			report $name $got $expected
		}
	}
}

set testdir $tester::testdir
set scratch [tester::scratch_new]
tester::surroundings $scratch
cd $scratch

# Run BODY in the caller's scope; its result must be EXPECTED (text, /regexp/, ~/regexp/).
proc do_test {name body expected} {
	if {[catch {uplevel 1 $body} got options]} {
		if {[dict get $options -code] == 1} {
			set got "error: $got"
		}
	}
	tester::judge $name $got $expected
}

# Run SQL on connection `db`; EXPECTED is the list of all values.
proc do_execsql_test {name sql expected} {
	if {[catch {uplevel 1 [list db eval $sql]} got]} {
		set got "error: $got"
	} elseif {![regexp {^~?/.*/$} $expected]} {
		set got [list {*}$got]
		set expected [list {*}$expected]
	}
	tester::judge $name $got $expected
}

# The same with {0 values} or {1 message}.
proc do_catchsql_test {name sql expected} {
	set got [list [catch {uplevel 1 [list db eval $sql]} result] $result]
	tester::judge $name $got $expected
}

proc execsql {sql {db db}} {
	return [uplevel 1 [list $db eval $sql]]
}

proc catchsql {sql {db db}} {
	return [list [catch {uplevel 1 [list $db eval $sql]} result] $result]
}

# Run SCRIPT when the file ends, however it ends with finish_test (last one first).
proc at_finish {script} {
	lappend tester::cleanup $script
}

proc finish_test {} {
	foreach script [lreverse $tester::cleanup] {
		catch {uplevel #0 $script}
	}
	catch {tmux_kill_all}
	cd /
	# A child that was just killed may still put a file there.
	catch {wait_until 5000 {![catch {file delete -force $::scratch}]}}
	puts "$tester::passed passed, $tester::failed failed"
	exit [expr {$tester::failed > 0}]
}

foreach tester::part {files process tmux prompt fault cut} {
	if {[file exists $testdir/lib/$tester::part.tcl]} {
		source $testdir/lib/$tester::part.tcl
	}
}
