# Power cuts by the thousand: what a body writes to a disk in memory is recorded once, and then
# the power is cut at its syncs and changes, each time leaving the disk in another state.
#
#   do_cut_test an-insert -cuts 60 -setup {
#       sqlite3 db t.db -vfs sealed; ...; db close
#   } -body {
#       sqlite3 db t.db -vfs sealed
#       db eval {INSERT INTO t VALUES(1)}
#       cut_mark                                ;# acknowledged
#       db close
#   } -test {
#       ... with $cut_marks of the body's marks passed, after $cut_at changes; an error fails
#   }
#
# Each do_cut_test is one case. -again N: after a cut the script -recover is recorded too, and
# N further cuts are made in it, each with -test. STRONGROOM_SEED=N chooses other cuts; it is
# printed with a failure. STRONGROOM_ALL makes 25 times as many.

namespace eval cut {
	variable seed [expr {[info exists ::env(STRONGROOM_SEED)] ? $::env(STRONGROOM_SEED) : 1}]
	variable factor [expr {[info exists ::env(STRONGROOM_ALL)] ? 25 : 1}]

	# Where to cut, COUNT times in N changes: before each sync and after it, then in each
	# change, then anywhere.
	proc places {level n count} {
		set places {}
		foreach at [cut_syncs $level $n] {
			lappend places $at [expr {$at + 1}]
		}
		for {set i 0} {$i <= $n && [llength $places] + $n < $count} {incr i} {
			lappend places $i
		}
		while {[llength $places] < $count} {
			lappend places [expr {int(rand() * ($n + 1))}]
		}
		return $places
	}

	proc recorded {level script} {
		cut_record $level
		try {
			uplevel #0 $script
		} finally {
			set ::cut_changes [cut_stop]
		}
	}

	# One cut and its test; 0 and nothing, or 1 and what went wrong.
	proc once {level at seed script} {
		set ::cut_at $at
		set ::cut_marks [cut_power $level $at $seed]
		if {[catch {uplevel #0 $script} message]} {
			foreach db {db look} {
				catch {$db close}
			}
			error "cut after change $at of $::cut_changes, state $seed,\
			    $::cut_marks acknowledged: $message"
		}
	}

	# Cuts while it recovers from a cut.
	proc again {parts at seed} {
		set ::cut_marks [cut_power 0 $at $seed]
		recorded 1 [dict get $parts -recover]
		set first $::cut_marks
		foreach place [places 1 $::cut_changes [dict get $parts -again]] {
			set ::cut_first $first
			once 1 $place [incr seed 7919] [dict get $parts -test]
		}
	}

	proc run {parts} {
		variable seed
		variable factor
		expr {srand($seed)}
		cut_clear
		uplevel #0 [dict get $parts -setup]
		recorded 0 [dict get $parts -body]
		set n $::cut_changes
		set state [expr {$seed * 1000003}]
		foreach at [places 0 $n [expr {[dict get $parts -cuts] * $factor}]] {
			set ::cut_changes $n
			if {[dict get $parts -again]} {
				again $parts $at [incr state]
			} else {
				once 0 $at [incr state] [dict get $parts -test]
			}
		}
		return ""
	}
}

# Say how many cuts this file has made: test/run.tcl shows it.
proc cut_note {} {
	set n [cut_count]
	while {[regsub {^(\d+)(\d{3})} $n {\1,\2} n]} {}
	puts "note: $n power cuts"
}

proc do_cut_test {name args} {
	set parts [dict merge {-setup {} -body {} -test {} -recover {} -cuts 40 -again 0} $args]
	if {[catch {cut::run $parts} message]} {
		append message " (STRONGROOM_SEED=$cut::seed)"
	}
	tester::judge $name $message ""
}
