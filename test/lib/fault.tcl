# Faults: fail each I/O or allocation of an operation once, and cut the power in each change.
#
#   do_faultsim_test an-insert-survives -faults {ioerr-once oom-once cut} -prep {
#       faultsim_restore; sqlite3 db test.db -vfs sealed
#   } -body {
#       db eval {INSERT INTO t VALUES(1)}
#   } -close {
#       db close
#   } -test {
#       faultsim_result {0 {}} {1 {disk I/O error}}
#       ... ; any error is a failure
#   }
#
# For N = 1, 2, ...: prep, arm the Nth call, body, disarm, test; until the body ends without
# the fault being reached. Each fault is one case; it fails where -test raises an error, and
# where the fault was never reached. In -test stand: faultsim_rc, faultsim_value (of the body)
# and faultsim_fired. For `cut` the files are rewritten as a power cut may leave them, in the
# Nth change and, last, after the body; then -close (by default `catch {db close}`), power
# on, -test.

namespace eval faultsim {
	# What is armed: I/O operations with options, or allocators with options.
	variable kinds
	array set kinds {
		ioerr-once       {io {all} {}}
		ioerr-persistent {io {all} {-persistent}}
		full-once        {io {write} {-code 13}}
		full-persistent  {io {write} {-code 13 -persistent}}
		short-write      {io {write} {-code 13 -short}}
		busy-once        {io {lock shmlock} {-code 5}}
		open-once        {io {open} {}}
		oom-once         {mem {sqlite} {}}
		oom-persistent   {mem {sqlite} {-persistent}}
		malloc-once      {mem {own} {}}
		crypto-once      {mem {openssl} {}}
		cut              {cut {} {}}
		cut-garbage      {cut {} {-garbage}}
	}

	proc arm {kind n seed} {
		variable kinds
		lassign $kinds($kind) layer what options
		switch -- $layer {
			io { fault_arm $what $n {*}$options }
			mem { fault_mem $what $n {*}$options }
			cut {
				fault_track 1
				fault_cut_at $n $seed {*}$options
			}
		}
	}

	# End it; 1 when the fault was reached.
	proc disarm {kind seed} {
		variable kinds
		lassign $kinds($kind) layer what options
		switch -- $layer {
			io { return [expr {[dict get [fault_disarm] fired] > 0}] }
			mem { return [expr {[dict get [fault_mem_disarm] fired] > 0}] }
		}
		set reached [expr {[fault_power] eq "off"}]
		if {!$reached} {
			fault_cut $seed {*}$options
		}
		return $reached
	}

	# One round; 1 when the fault was reached. Errors of -prep and -test go up.
	proc round {kind n seed parts} {
		uplevel #0 [dict get $parts -prep]
		arm $kind $n $seed
		set ::faultsim_rc [catch {uplevel #0 [dict get $parts -body]} ::faultsim_value]
		set ::faultsim_fired [disarm $kind $seed]
		if {[fault_power] eq "off"} {
			uplevel #0 [dict get $parts -close]
			fault_power on
			fault_track 0
		}
		uplevel #0 [dict get $parts -test]
		return $::faultsim_fired
	}

	# All rounds of one kind of fault: "" or what went wrong.
	proc all {kind parts} {
		for {set n 1} {$n <= [dict get $parts -max]} {incr n [dict get $parts -step]} {
			set reached 0
			foreach seed [seeds $kind $n [dict get $parts -seeds]] {
				if {[catch {round $kind $n $seed $parts} result]} {
					fault_disarm
					fault_mem_disarm
					fault_power on
					return "at call $n (seed $seed,\
					    body: $::faultsim_rc {$::faultsim_value}): $result"
				}
				incr reached $result
			}
			if {!$reached} {
				return [expr {$n > 1 ? "" : "the fault was never reached"}]
			}
		}
		return "still reached at call [dict get $parts -max]"
	}

	# The same ones each time; with STRONGROOM_ALL ten times as many.
	proc seeds {kind n count} {
		if {![string match cut* $kind]} {
			return 0
		}
		if {[info exists ::env(STRONGROOM_ALL)]} {
			set count [expr {10 * $count}]
		}
		set seeds {}
		for {set i 0} {$i < $count} {incr i} {
			lappend seeds [expr {1000 * $n + 7 * $i + $n}]
		}
		return $seeds
	}
}

# Options beside those above: -max N (stop with a failure, 5000), -step N (only each Nth call,
# 1), -seeds N (power cuts for each call, 3).
proc do_faultsim_test {name args} {
	set parts [dict merge {-prep {} -body {} -close {catch {db close}} -test {}
	    -faults {ioerr-once ioerr-persistent} -max 5000 -step 1 -seeds 3} $args]
	foreach kind [dict get $parts -faults] {
		tester::judge $name-$kind [faultsim::all $kind $parts] ""
	}
}

# The body must have ended as one of the given {code value} pairs; without a fault: as the
# first. Values are matched as in do_test.
proc faultsim_result {args} {
	if {!$::faultsim_fired} {
		set args [list [lindex $args 0]]
	}
	foreach pair $args {
		lassign $pair rc value
		if {$::faultsim_rc == $rc && [tester::matches $::faultsim_value $value]} {
			return
		}
	}
	error "the body ended as {$::faultsim_rc {$::faultsim_value}}"
}

# Keep the files of a database as they stand, and bring them back for each round.
proc faultsim_save {{path test.db}} {
	db_copy $path saved-[file tail $path]
}

proc faultsim_restore {{path test.db}} {
	db_copy saved-[file tail $path] $path
}

# An error unless SQLite's own check of the connection finds nothing.
proc faultsim_integrity {{db db}} {
	set found [$db eval {PRAGMA integrity_check}]
	if {$found ne "ok"} {
		error "integrity_check: $found"
	}
}
