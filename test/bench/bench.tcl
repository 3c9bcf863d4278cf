# make bench: strongroom beside plain SQLite on this machine.
#
#   BUILD=build tclsh8.6 test/bench/bench.tcl ?LOAD ...?
#       vfs rotate import export tui lock fresh code; or by name alone: find verify
#       reseal, and of vfs: speedtest bulk scan point update open
#
# Pairs run in turn (A B A B ...), so that a noisy machine disturbs both; what is shown is
# the median of the ratios of CPU time with their spread. ROUNDS (5) and ROWS (100,000) come
# from the environment. Writes bench/results.json. Nothing here ever fails a build.

encoding system utf-8
set top [file dirname [file dirname [file dirname [file normalize [info script]]]]]
set build [file normalize [expr {[info exists env(BUILD)] ? $env(BUILD) : "build"}]]
set program $build/test/strongroom
set rounds [expr {[info exists env(ROUNDS)] ? $env(ROUNDS) : 5}]
set rows [expr {[info exists env(ROWS)] ? $env(ROWS) : 100000}]
set scratch [exec mktemp -d /tmp/sr-bench.XXXXXX]
set results {}
cd $scratch
array set env [list HOME $scratch XDG_STATE_HOME $scratch TMPDIR $scratch LC_ALL C.UTF-8]

proc median {values} {
	return [lindex [lsort -real $values] [expr {[llength $values] / 2}]]
}

# A figure: into the table at once, into the JSON at the end.
proc figure {name value unit {note ""}} {
	puts [format "%-40s %8s %-10s %s" $name $value $unit $note]
	flush stdout
	lappend ::results [format {  {"name": "%s", "value": %s, "unit": "%s", "note": "%s"}} \
	    $name $value $unit $note]
}

proc ratios {pairs} {
	return [lsort -real [lmap pair $pairs {
		expr {[lindex $pair 0] / max(0.1, [lindex $pair 1])}
	}]]
}

# Ratios of pairs {ours plain}, in milliseconds of CPU; beside them those of wall time.
proc figure_ratio {name pairs {walls {}}} {
	set sorted [ratios $pairs]
	set ours [median [lmap pair $pairs {lindex $pair 0}]]
	set plain [median [lmap pair $pairs {lindex $pair 1}]]
	set note [format "%.2f to %.2f; %.0f ms, plain %.0f ms" [lindex $sorted 0] \
	    [lindex $sorted end] $ours $plain]
	if {[llength $walls]} {
		append note [format "; wall x %.2f" [median [ratios $walls]]]
	}
	figure $name [format %.2f [median $sorted]] "x CPU" $note
}

# Run a command; milliseconds of CPU (user and system) and of wall time.
proc timed {args} {
	set began [clock microseconds]
	set out [exec -ignorestderr sh -c {"$@" >out.txt 2>err.txt || exit 1; times} sh {*}$args]
	set wall [expr {([clock microseconds] - $began) / 1000.0}]
	regexp {\n(\d+)m([\d.]+)s (\d+)m([\d.]+)s} $out - um us sm ss
	return [list [expr {1000.0 * (60 * ($um + $sm) + $us + $ss)}] $wall]
}

#---------------------------------------------------------------------------
# The VFS under SQL loads. A row: the figure's name, the load, whether it makes its file
# anew, journal mode, synchronous, cache in KiB.
#
set cases {
	{"speedtest, WAL, 2 MiB"       speedtest   1 WAL    NORMAL 2048}
	{"speedtest, WAL, 64 MiB"      speedtest   1 WAL    NORMAL 65536}
	{"speedtest, DELETE, 2 MiB"    speedtest   1 DELETE NORMAL 2048}
	{"speedtest, DELETE, 64 MiB"   speedtest   1 DELETE NORMAL 65536}
	{"bulk, WAL"                   bulk        1 WAL    NORMAL 65536}
	{"bulk, DELETE"                bulk        1 DELETE NORMAL 65536}
	{"scan, WAL"                   scan        0 WAL    NORMAL 2048}
	{"scan, DELETE"                scan        0 DELETE NORMAL 2048}
	{"point by id, 2 MiB"          point-id    0 WAL    NORMAL 2048}
	{"point by id, 64 MiB"         point-id    0 WAL    NORMAL 65536}
	{"point by e-mail, 2 MiB"      point-email 0 WAL    NORMAL 2048}
	{"point by e-mail, 64 MiB"     point-email 0 WAL    NORMAL 65536}
	{"point by id, DELETE, 2 MiB"  point-id    0 DELETE NORMAL 2048}
	{"update, WAL, NORMAL"         update      0 WAL    NORMAL 65536}
	{"update, WAL, FULL"           update      0 WAL    FULL   65536}
	{"update, DELETE, NORMAL"      update      0 DELETE NORMAL 65536}
	{"update, DELETE, FULL"        update      0 DELETE FULL   65536}
	{"open and 50 rows, WAL"       open        0 WAL    NORMAL 65536}
	{"open and 50 rows, DELETE"    open        0 DELETE NORMAL 65536}
}
set peer_library /usr/lib/[exec uname -m]-linux-gnu/libsqlcipher.so.0

# The peer's library takes the place of libsqlite3 in the program.
proc before_vfs {vfs} {
	return [expr {$vfs eq "sqlcipher" ? [list env LD_PRELOAD=$::peer_library] : {}}]
}

# One run: {cpu wall}.
proc run_vfs {vfs mode sync cache file load} {
	return [exec {*}[before_vfs $vfs] $::build/bench_vfs $vfs $mode $sync $cache $::rows $file $load]
}

# The file that a load works on: made anew, or once by the bulk load.
proc vfs_file {vfs mode fresh} {
	set file $vfs-$mode[expr {$fresh ? "-new" : ""}].db
	if {$fresh} {
		file delete {*}[glob -nocomplain $file*]
	} elseif {![file exists $file]} {
		run_vfs $vfs $mode NORMAL 65536 $file bulk
	}
	return $file
}

proc measure_vfs {name load fresh mode sync cache} {
	set vfss {strongroom unix}
	if {[file exists $::peer_library]} {
		lappend vfss sqlcipher
	}
	for {set i 0} {$i < $::rounds} {incr i} {
		foreach vfs $vfss {
			set got($vfs) [run_vfs $vfs $mode $sync $cache \
			    [vfs_file $vfs $mode $fresh] $load]
		}
		foreach vfs $vfss {
			lappend cpu($vfs) [list [lindex $got($vfs) 0] [lindex $got(unix) 0]]
			lappend wall($vfs) [list [lindex $got($vfs) 1] [lindex $got(unix) 1]]
		}
	}
	foreach vfs [lsearch -all -inline -not $vfss unix] {
		figure_ratio "$name[expr {$vfs eq "strongroom" ? "" : ": $vfs"}]" \
		    $cpu($vfs) $wall($vfs)
	}
}

proc load_vfs {{only ""}} {
	if {![file exists $::peer_library]} {
		puts "sqlcipher: skipped, $::peer_library is not there"
	}
	foreach case $::cases {
		if {$only eq "" || [string match $only* [lindex $case 1]]} {
			measure_vfs {*}$case
		}
	}
	file delete {*}[glob -nocomplain *-new.db*]
}

foreach name {speedtest bulk scan point update open} {
	proc load_$name {} [list load_vfs $name]
}

#---------------------------------------------------------------------------
# New keys for a whole file: how fast, and how long another process waits meanwhile. The peer
# writes the file again in one transaction, and whoever is at work in it has the old key then.
#
proc measure_rotate {vfs mode} {
	set from [vfs_file $vfs $mode 0]
	for {set i 0} {$i < $::rounds} {incr i} {
		file delete {*}[glob -nocomplain rotate.db* stop]
		file copy $from rotate.db
		exec sync rotate.db
		set beside [open "|[list {*}[before_vfs $vfs] $::build/bench_vfs $vfs $mode NORMAL \
		    2048 $::rows rotate.db beside]"]
		after 200
		set wall [lindex [run_vfs $vfs $mode NORMAL 65536 rotate.db rotate] 1]
		close [open stop w]
		lassign [read $beside] reads writes
		catch {close $beside}
		lappend speed [expr {[file size $from] / 1000.0 / $wall}]
		lappend read $reads
		lappend write $writes
	}
	set size [expr {[file size $from] >> 20}]
	figure "new keys, $vfs, $mode" [format %.0f [median $speed]] MB/s "$size MiB, beside a process at work"
	figure "  the other's longest read" [format %.0f [median $read]] ms
	figure "  the other's longest write" [format %.0f [median $write]] ms
}

proc load_rotate {} {
	measure_rotate strongroom DELETE
	measure_rotate strongroom WAL
	if {[file exists $::peer_library]} {
		measure_rotate sqlcipher DELETE
	} else {
		puts "sqlcipher: skipped, $::peer_library is not there"
	}
	file delete {*}[glob -nocomplain rotate.db* stop]
}

#---------------------------------------------------------------------------
# Import and export of customers with twelve columns, of which a vault seals three, beside
# sqlite3's shell on a table with the same indexes and FTS where nothing is sealed.
#
proc customers {} {
	if {![file exists customers.csv]} {
		exec tclsh8.6 $::top/test/gen_customers.tcl 1 $::rows -twelve >customers.csv
		exec head -c 64 /dev/urandom >key
		exec chmod 600 key
	}
}

proc vault_new {} {
	file delete {*}[glob -nocomplain bench.vault*]
	exec -ignorestderr $::program init bench.vault --key-file key >/dev/null
}

proc vault_import {} {
	return [timed $::program import bench.vault customers.csv --key-file key]
}

proc vault_full {} {
	customers
	if {![file exists bench.vault]} {
		vault_new
		vault_import
	}
}

proc plain_import {} {
	file delete {*}[glob -nocomplain plain.db*]
	return [timed sqlite3 plain.db ".read $::top/test/bench/plain.sql"]
}

# The most memory that a command has held, in KiB, as the kernel says while it runs.
proc peak {args} {
	set pid [exec {*}$args >/dev/null 2>/dev/null &]
	set most 0
	while {![catch {open /proc/$pid/status} f]} {
		set there [regexp {VmHWM:\s+(\d+)} [read $f] - most]
		close $f
		if {!$there} {
			break ;# it has ended, and waits for us to hear of it
		}
		after 20
	}
	return $most
}

proc load_import {} {
	customers
	set pairs {}
	set walls {}
	for {set i 0} {$i < $::rounds} {incr i} {
		vault_new
		lassign [vault_import] ours wall
		lappend walls $wall
		lappend pairs [list $ours [lindex [plain_import] 0]]
	}
	figure "import of $::rows customers" [format %.0f [expr {
	    1000.0 * $::rows / [median $walls]}]] rows/s
	figure_ratio "import beside sqlite3 .import" $pairs
	vault_new
	figure "  its memory" [expr {[peak $::program import bench.vault customers.csv \
	    --key-file key] >> 10}] MiB
}

proc load_export {} {
	vault_full
	if {![file exists plain.db]} {
		plain_import
	}
	set pairs {}
	set walls {}
	for {set i 0} {$i < $::rounds} {incr i} {
		lassign [timed $::program export bench.vault out.csv --plaintext \
		    --reason bench --force --key-file key] ours wall
		lappend walls $wall
		lappend pairs [list $ours [lindex [timed sqlite3 -csv plain.db \
		    "SELECT * FROM rows"] 0]]
	}
	figure "export of $::rows customers" [format %.0f [expr {
	    1000.0 * $::rows / [median $walls]}]] rows/s "what is sealed stays masked"
	figure_ratio "export beside sqlite3 -csv" $pairs
}

#---------------------------------------------------------------------------
# Questions to a vault, and all of it looked over.
#
proc load_find {} {
	vault_full
	foreach line [split [exec $::build/testfixture $::top/test/bench/find.tcl bench.vault \
	    key $::rows 2>@stderr] \n] {
		figure {*}$line
	}
}

proc load_verify {} {
	vault_full
	foreach {what options} {{of all} {} {of pages, values and audit} --quick} {
		set walls [lmap i [lrepeat $::rounds x] {
			lindex [timed $::program verify bench.vault {*}$options --key-file key] 1
		}]
		figure "verify $what" [format %.0f [expr {
		    [file size bench.vault] / 1000.0 / [median $walls]}]] MB/s \
		    [format "%.0f ms" [median $walls]]
	}
}

#---------------------------------------------------------------------------
# The terminal UI.
#
proc load_tui {} {
	vault_full
	set got [exec expect -f $::top/test/bench/tui.exp $::program bench.vault key]
	figure "unlock to first paint" [dict get $got paint] ms "key file: no KDF; 100x30"
	figure "cursor move" [dict get $got bytes] bytes "most of 20 moves within a screen"
	figure "cursor move, scrolling" [dict get $got scroll] bytes "most of 20 moves"
	figure "key to paint, p50" [dict get $got p50] ms
	figure "key to paint, p95" [dict get $got p95] ms
	figure "letter of a search to its hits, p50" [dict get $got typed50] ms
	figure "letter of a search to its hits, p95" [dict get $got typed95] ms \
	    "[dict get $got cpu] ms of CPU on average"
}

# New keys for a vault with sealed values, which are all sealed again.
proc load_reseal {} {
	vault_full
	foreach how {{} --master} {
		# Master keys are replaced while nobody else has it open.
		file delete stop
		set beside [expr {$how eq "" ? [open "|[list $::build/testfixture \
		    $::top/test/bench/reseal.tcl bench.vault key $::rows]"] : ""}]
		set wall [lindex [timed $::program rotate bench.vault {*}$how --json --key-file key] 1]
		close [open stop w]
		set f [open out.txt]
		regexp {"values":(\d+)} [read $f] - values
		close $f
		figure "new [expr {$how eq "" ? {} : {master }}]keys, sealed values" \
		    [format %.1f [expr {$wall / 1000}]] s "$values values, [expr {
		    [file size bench.vault] >> 20}] MiB, [format %.0f [expr {
		    1000 * $values / $wall}]] values/s"
		if {$beside eq ""} {
			continue
		}
		lassign [read $beside] reads writes read write read95 write95 failed
		close $beside
		figure "  a read beside it" [format %.0f $read] ms \
		    "the longest of $reads; p95 [format %.1f $read95] ms"
		figure "  a write beside it" [format %.0f $write] ms \
		    "the longest of $writes, $failed failed; p95 [format %.1f $write95] ms"
	}
	file delete stop
}

source $top/test/bench/lock.tcl

# What freshness costs; FRESH_MIB (1,024): the size of the vault.
proc load_fresh {} {
	set mib [expr {[info exists ::env(FRESH_MIB)] ? $::env(FRESH_MIB) : 1024}]
	foreach line [split [exec $::build/testfixture $::top/test/bench/fresh.tcl $mib \
	    2>@stderr] \n] {
		figure {*}$line
	}
	file delete {*}[glob -nocomplain big.db*]
}

#---------------------------------------------------------------------------
# The code.
#
proc load_code {} {
	foreach floor {keyring vfs store ui test} {
		set files [split [exec find $::top/$floor -name *.\[ch\]] \n]
		set lines 0
		foreach path $files {
			set f [open $path]
			foreach line [split [read $f] \n] {
				incr lines [expr {[string trim $line] ne ""}]
			}
			close $f
		}
		figure "code of $floor/" $lines lines "[llength $files] files, without blank lines"
	}
}

proc results_write {} {
	file mkdir $::top/bench
	set f [open $::top/bench/results.json w]
	puts $f "\[\n[join $::results ,\n]\n\]"
	close $f
}

set loads [expr {$argv eq "" ? {vfs rotate import export tui lock fresh code} : $argv}]
puts "[exec uname -m], [exec nproc] processors, SQLite [exec sqlite3 --version | cut -c 1-6],\
    $rows rows, $rounds rounds"
foreach load $loads {
	if {[catch {load_$load} message]} {
		puts "$load: not measured: $message"
	}
}
results_write
cd /
file delete -force $scratch
