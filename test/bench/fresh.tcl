# testfixture fresh.tcl MIB: what freshness costs (doc/vfs.md): syncs of each step, counted on a
# disk in memory, and times on a vault of MIB. Prints {name value unit note} in lines.

set mib [lindex $argv 0]
proc ms {script} {
	set began [clock microseconds]
	uplevel 1 $script
	return [expr {([clock microseconds] - $began) / 1000.0}]
}
proc say {name value unit note} {
	puts [list $name $value $unit $note]
	flush stdout
}

#---------------------------------------------------------------------------
# Syncs, of the file and its log.
#
cut_register cutdisk
vfs_register_test counted cutdisk
proc syncs {script} {
	cut_record 0
	uplevel #0 $script
	return [llength [cut_syncs 0 [cut_stop]]]
}
proc open_counted {} {
	sqlite3 db t.db -vfs counted
	db eval {PRAGMA synchronous=FULL}
}
foreach mode {WAL DELETE} {
	cut_clear
	open_counted
	db eval "PRAGMA journal_mode=$mode; CREATE TABLE t(a); INSERT INTO t VALUES(1)"
	db close
	say "syncs: a reader, $mode" [syncs {
		open_counted
		db eval {SELECT * FROM t}
		db close
	}] syncs "opens a sealed vault and closes it"
	open_counted
	say "syncs: first write, $mode" [syncs {db eval {INSERT INTO t VALUES(2)}}] syncs \
	    "2 of the header, for the lease; the others are SQLite's"
	say "syncs: a write, $mode" [syncs {db eval {INSERT INTO t VALUES(3)}}] syncs \
	    "all are SQLite's"
	if {$mode eq "WAL"} {
		db eval {PRAGMA wal_checkpoint(FULL)}
		say "syncs: first write of a new log" [syncs {db eval {INSERT INTO t VALUES(4)}}] \
		    syncs "2 of the header, for the log"
	}
	say "syncs: the last close, $mode" [syncs {db close}] syncs \
	    "2 of the header, which give the lease back and seal; that of the folder is not counted"
}

#---------------------------------------------------------------------------
# Times.
#
vfs_register_test sealed
sqlite3 db big.db -vfs sealed
db eval "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
    CREATE TABLE t(a INTEGER PRIMARY KEY, b)"
for {set i 0} {$i < $mib} {incr i 4} {
	db eval {WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<1024)
	    INSERT INTO t(b) SELECT randomblob(3900) FROM c}
}
db eval {PRAGMA wal_checkpoint(TRUNCATE)}
set size "[expr {[file size big.db] >> 20}] MiB, [db eval {PRAGMA page_count}] pages"
db close
sqlite3 db big.db -vfs sealed
say "freshness: the check behind the unlock" [format %.2f [expr {[ms {
	set state [vfs_fresh db]}] / 1000}]] s "$size: $state"
say "  beside a look at all tags" [format %.2f [expr {[ms {vfs_verify db}] / 1000}]] s ""
db eval {INSERT INTO t(b) VALUES('one more')}
say "freshness: the close that seals" [format %.1f [ms {db close}]] ms "the sum is known"
set f [open "|[list [info nameofexecutable] << {
	vfs_register_test sealed
	sqlite3 db big.db -vfs sealed
	db eval {INSERT INTO t(b) VALUES('lost its process')}
	exec kill -9 [pid]
}]"]
catch {read $f; close $f}
sqlite3 db big.db -vfs sealed
db eval {INSERT INTO t(b) VALUES('after it')}
say "freshness: the close after a crash" [format %.1f [ms {db close}]] ms \
    "the sum is made: the file is read once"
