# testfixture find.tcl VAULT KEY ROWS: what a session at a vault asks all day, each many times
# in one process, by the store's own calls. The caches are warm: each list of questions is
# asked once before it is measured. Prints {name value unit note} in lines: milliseconds of wall
# time, and in the note those of CPU, which other work on the machine does not lengthen.

vault_setup
lassign $argv path key rows

proc ms {script} {
	set ::cpu [cpu_clock]
	set began [clock microseconds]
	uplevel 1 $script
	set ms [expr {([clock microseconds] - $began) / 1000.0}]
	set ::cpu [expr {([cpu_clock] - $::cpu) / 1000.0}]
	return $ms
}

proc of {times percent} {
	return [lindex $times [expr {min([llength $times] * $percent / 100, [llength $times] - 1)}]]
}

# The 95th of a hundred of the times that SCRIPT takes for each x of LIST.
proc p95 {name list script} {
	foreach x $list {
		eval $script
	}
	foreach x $list {
		lappend walls [ms $script]
		lappend cpus $::cpu
	}
	set walls [lsort -real $walls]
	set cpus [lsort -real $cpus]
	say "$name, p95" [of $walls 95] [format "median %.2f, longest %.2f, of %d; CPU %.2f" \
	    [of $walls 50] [of $walls 100] [llength $walls] [of $cpus 95]]
}

proc say {name value note} {
	puts [list $name [format %.2f $value] ms $note]
}

set f [open $key rb]
set secret [read $f]
close $f
say "open by a key file, first 50 by name" [ms {
	vault_open v $path $secret keyfile
	search_page v {sort last_name} first 0 50
}] "no KDF"

set words {
	knight weber oak maple boston köln anvil supply logistics london søren quentin church
	station union 明 de smith jansen garcia johnson pioneer nobody
}
set pairs {}
foreach a {a b c d e i k m o p s t v w 1 2 5 9} {
	foreach b {a e i n o r u 0 1 5} {
		lappend pairs $a$b*
	}
}
set some {} ;# records, all over the vault
for {set i 0} {$i < 100} {incr i} {
	lappend some [expr {1 + ($i * 1037389) % $rows}]
}
p95 "first 50 hits of a word" $words {search_page v [list query $x] first 0 50}
p95 "first 50 hits of two letters" $pairs {search_page v [list query $x] first 0 50}
p95 "the same by name" $pairs {search_page v [list query $x sort last_name] first 0 50}
p95 "the best 50 hits of a word" $words {search_page v [list query $x sort -rank] first 0 50}
p95 "hits counted up to 1,000" $pairs {search_count v [list query $x] 1000}
p95 "page down by id" $some {search_page v {} after $x 50}
p95 "page down by name" $some {search_page v {sort last_name} after $x 50}
p95 "page up by name" $some {search_page v {sort last_name} before $x 50}
p95 "page down by last change" $some {search_page v {sort -updated descending 1} after $x 50}
p95 "page down by city (no index)" [lrange $some 0 9] {search_page v {sort city} after $x 50}
p95 "look-up by blind index, audited" $some {
	search_page v [list query [format ssn:9%02d-%02d-%04d [expr {$x * 37 % 100}] \
	    [expr {1 + $x * 7 % 99}] [expr {1 + $x * 997 % 9999}]]] first 0 50
}
p95 "reveal, audited" $some {catch {record_reveal v $x ssn bench}}
# The interrupt comes 20 ms after the question.
p95 "cancel of a sort of everything" [lrange $some 0 9] {
	catch {vault_interrupt_during v {search_page v {sort city} after 1 50}}
}
say "close" [ms {vault_close v}] "checkpoint and seal"
