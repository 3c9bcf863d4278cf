# make bench LOADS=lock: how long a lock takes while nothing runs, with the caches filled by a
# look at all of the vault, and in the middle of each kind of long work. The program is the
# shipped one, for the sake of its key derivation.

set lock_pass "four words for a lock"

# Name, then keys and what the screen says when they have done their work.
set lock_cases {
	{"lock, idle"}
	{"lock, caches full"     :verify\r        {chain holds}}
	{"lock, search"          /                {}  an    {}}
	{"lock, verify"          :verify\r        {\^G cancels}}
	{"lock, rotation"        K {page}  r {destroy the old}  y {\^G pauses}}
	{"lock, key derivation"  K {page}  jt {Esc: leave}  {four words for a lock\r} {working}}
}

proc lock_vault {} {
	customers
	if {[file exists lock.vault]} {
		return
	}
	set program $::build/strongroom
	exec -ignorestderr $program init lock.vault --key-file key >/dev/null
	exec -ignorestderr $program import lock.vault customers.csv --key-file key >/dev/null
	exec -ignorestderr $program key add lock.vault --type passphrase --label typed \
	    --key-file key --new-passphrase-fd 0 << $::lock_pass >/dev/null
}

proc load_lock {} {
	lock_vault
	foreach case $::lock_cases {
		set steps [lassign $case name]
		set screens {}
		set closes {}
		for {set i 0} {$i < $::rounds} {incr i} {
			set got [exec expect -f $::top/test/bench/lock.exp \
			    $::build/strongroom lock.vault key {*}$steps]
			lappend screens [dict get $got screen]
			lappend closes [dict get $got closed]
		}
		figure $name [format %.1f [median $closes]] ms "until keys and connections are gone; the\
		    most [format %.1f [lindex [lsort -real $closes] end]], the screen after\
		    [format %.1f [median $screens]]"
	}
}
