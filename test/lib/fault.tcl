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
# the fault being reached. Each fault is one case; it fails where -test raises an error, where
# the fault was never reached, and where a fault fired, the body says that it worked, and the
# fault is not one that may be passed over (faultsim::tolerated, or -tolerated). In -test
# stand: faultsim_rc, faultsim_value (of the body), faultsim_fired and faultsim_kind. For
# `cut` the files are rewritten as a power cut may leave them, in the Nth change and, last,
# after the body; then -close (by default `catch {db close}`), power on, -test.

namespace eval faultsim {
	# What is armed: a layer, its operations or allocators, and options.
	variable kinds
	array set kinds {
		ioerr-once       {io {all} {}}
		ioerr-persistent {io {all} {-persistent}}
		full-once        {io {write} {-code 13}}
		full-persistent  {io {write} {-code 13 -persistent}}
		short-write      {io {write} {-code 13 -short}}
		short-persistent {io {write} {-code 13 -short -persistent}}
		busy-once        {io {lock shmlock} {-code 5}}
		busy-persistent  {io {lock shmlock} {-code 5 -persistent}}
		open-once        {io {open} {}}
		open-persistent  {io {open} {-persistent}}
		oom-once         {mem {sqlite} {}}
		oom-persistent   {mem {sqlite} {-persistent}}
		malloc-once      {mem {own} {}}
		malloc-persistent {mem {own} {-persistent}}
		crypto-once      {mem {openssl} {}}
		crypto-persistent {mem {openssl} {-persistent}}
		cipher-once      {cipher {} {}}
		cipher-persistent {cipher {} {-persistent}}
		sys-once         {sys {} {}}
		sys-persistent   {sys {} {-persistent}}
		cut              {cut {} {}}
		cut-garbage      {cut {} {-garbage}}
	}

	# Faults that may be passed over in every operation: {KIND:OPERATION:FILE reason ...},
	# the key matched as by `string match`.
	variable tolerated {
		oom:benign
		    {SQLite declares the allocation harmless: it does without}
		crypto:core_namemap.c
		    {OpenSSL looks the name of the algorithm up without it}
		busy:shmlock:database
		    {SQLite takes another read mark, or tries again}
	}

	variable defaults {-prep {} -body {} -close {catch {db close}} -test {}
	    -faults {ioerr-once ioerr-persistent} -max 5000 -step 1 -strides {} -seeds 3
	    -none {} -tolerated {} -excused {expr 0}}

	# How often each kind fired, of the test that runs; and all of them, of the file.
	variable count
	set ::faultsim_total 0

	proc arm {kind n seed} {
		variable kinds
		lassign $kinds($kind) layer what options
		switch -- $layer {
			io { fault_arm $what $n {*}$options }
			mem { fault_mem $what $n {*}$options }
			cipher - sys { fault_$layer $n {*}$options }
			cut {
				fault_track 1
				fault_cut_at $n $seed {*}$options
			}
		}
	}

	# End it; 1 when the fault was reached. ::faultsim_places: where it fired.
	proc disarm {kind seed} {
		variable kinds
		variable count
		lassign $kinds($kind) layer what options
		set stem [lindex [split $kind -] 0]
		switch -- $layer {
			io {
				set result [fault_disarm]
				set places [fault_places]
			}
			mem {
				set result [fault_mem_disarm]
				set places [mem_places $what $result]
			}
			cipher - sys {
				set result [fault_${layer}_off]
				set places [list [dict get $result source]]
			}
			cut {
				set ::faultsim_places {}
				set reached [expr {[fault_power] eq "off"}]
				if {!$reached} {
					fault_cut $seed {*}$options
				}
				return $reached
			}
		}
		set ::faultsim_places [lmap place $places {string cat $stem: $place}]
		incr count($kind) [dict get $result fired]
		return [expr {[dict get $result fired] > 0}]
	}

	proc mem_places {what result} {
		if {[dict get $result benign]} {
			return benign
		}
		set source [dict get $result source]
		return [expr {$source eq "" ? $what : $source}]
	}

	# An error when a fault fired, the body says it worked, and it may not be passed over.
	proc must_be_reported {tolerated excused} {
		if {!$::faultsim_fired || $::faultsim_rc || [uplevel #0 $excused]} {
			return
		}
		foreach place $::faultsim_places {
			foreach {pattern reason} $tolerated {
				if {[string match $pattern $place]} {
					break
				}
				set reason ""
			}
			if {$reason eq ""} {
				error "$place fired, and nobody reported it"
			}
		}
	}

	# One round; 1 when the fault was reached. Errors of -prep and -test go up.
	proc round {kind n seed parts} {
		variable tolerated
		set ::faultsim_kind $kind
		uplevel #0 [dict get $parts -prep]
		arm $kind $n $seed
		set ::faultsim_rc [catch {uplevel #0 [dict get $parts -body]} ::faultsim_value]
		set ::faultsim_fired [disarm $kind $seed]
		if {[fault_power] eq "off"} {
			uplevel #0 [dict get $parts -close]
			fault_power on
			fault_track 0
		} else {
			must_be_reported [concat $tolerated [dict get $parts -tolerated]] \
			    [dict get $parts -excused]
		}
		uplevel #0 [dict get $parts -test]
		return $::faultsim_fired
	}

	# All rounds of one kind of fault: "" or what went wrong, each thing once.
	proc all {kind parts} {
		variable defaults
		set parts [dict merge $defaults $parts]
		set wrong [dict create]
		set none [expr {$kind in [dict get $parts -none]}]
		set step [stride $kind [dict get $parts -strides] [dict get $parts -step]]
		for {set n 1} {$n <= [dict get $parts -max]} {incr n $step} {
			set reached 0
			foreach seed [seeds $kind $n [dict get $parts -seeds]] {
				if {[catch {round $kind $n $seed $parts} result]} {
					set result [went_wrong $n $seed wrong $result]
				}
				incr reached $result
			}
			if {!$reached} {
				lappend wrong {*}[unreached $n $none]
				return [join [dict values $wrong] "\n"]
			}
		}
		dict set wrong reached "still reached at call [dict get $parts -max]"
		return [join [dict values $wrong] "\n"]
	}

	# With STRONGROOM_ALL each call is failed; else each Nth, for the kinds that match.
	proc stride {kind strides otherwise} {
		foreach {pattern n} $strides {
			if {[string match $pattern $kind] && ![info exists ::env(STRONGROOM_ALL)]} {
				return $n
			}
		}
		return $otherwise
	}

	# Keep what went wrong; 1 when the fault was reached.
	proc went_wrong {n seed to message} {
		upvar 1 $to wrong
		fault_disarm
		fault_mem_disarm
		fault_cipher_off
		fault_sys_off
		fault_power on
		if {![dict exists $wrong $message]} {
			dict set wrong $message "at call $n (seed $seed,\
			    body: $::faultsim_rc {$::faultsim_value}): $message"
		}
		return [expr {[info exists ::faultsim_fired] && $::faultsim_fired}]
	}

	# The round that ended without the fault: what is wrong with that, or "".
	proc unreached {n none} {
		if {$none} {
			set message "reached, and said to make no such call"
		} else {
			set message "the fault was never reached"
		}
		return [expr {$none == ($n == 1) ? "" : [list reached $message]}]
	}

	# How many faults fired, of each kind.
	proc tell {name} {
		variable count
		set all 0
		set each {}
		foreach kind [lsort [array names count]] {
			incr all $count($kind)
			lappend each "$kind $count($kind)"
		}
		if {$all} {
			puts "detail: $name: $all faults fired ([join $each {, }])"
			incr ::faultsim_total $all
		}
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

# Options beside those above: -max N (stop with a failure, 5000), -step N (only each Nth
# call, 1), -strides {KIND N ...} (the same, but for the long run; KIND as by `string match`),
# -seeds N (power cuts for each call, 3), -none KINDS (which make no such call, and must not),
# -tolerated {KIND:OPERATION:FILE reason ...} (faults that may be passed over here), -excused
# SCRIPT (true: it was reported in another way).
proc do_faultsim_test {name args} {
	set parts [dict merge $faultsim::defaults $args]
	array unset faultsim::count
	foreach kind [dict get $parts -faults] {
		tester::judge $name-$kind [faultsim::all $kind $parts] ""
	}
	faultsim::tell $name
}

# Last in a file: how many faults fired in all.
proc faultsim_note {} {
	tester::note "$::faultsim_total faults fired"
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
