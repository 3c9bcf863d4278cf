# testfixture reseal.tcl VAULT KEYFILE ROWS: one who reads and writes records of an imported vault,
# one after the other, until the file "stop" is there. Every other write seals a note anew. Prints
# {reads writes longest-read longest-write p95-read p95-write failures}, times in ms.

vault_setup
lassign $argv path keyfile rows
set f [open $keyfile rb]
vault_open v $path [read $f] keyfile
close $f

proc ms {script} {
	set began [clock microseconds]
	uplevel 1 $script
	return [expr {([clock microseconds] - $began) / 1000.0}]
}
proc p95 {list} {
	return [lindex [lsort -real $list] [expr {[llength $list] * 95 / 100}]]
}

set id 1
set failed 0
while {![file exists stop]} {
	lappend read [ms {set r [record_get v $id]}]
	set change [list city "Town $id"]
	if {$id % 2} {
		lappend change notes "written while it turned $id"
	}
	lappend write [ms {incr failed [catch {record_edit v $id [dict get $r version] $change}]}]
	set id [expr {$id * 7919 % $rows + 1}]
	after 5
}
vault_close v
puts [list [llength $read] [llength $write] [lindex [lsort -real $read] end] \
    [lindex [lsort -real $write] end] [p95 $read] [p95 $write] $failed]
