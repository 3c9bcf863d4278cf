# A vault and the terminal interface on it, for the tui_*.test files.

set tui_pass "open sesame please"

proc tui_csv {n} {
	set csv "first_name,last_name,email,city,birth_date,notes\n"
	for {set i 1} {$i <= $n} {incr i} {
		append csv "Ann$i,Smith[format %03d $i],ann$i@example.com,"
		append csv "[lindex {Orleans Geneva Lima} [expr {$i % 3}]],"
		append csv "1961-07-[format %02d [expr {$i % 28 + 1}]],the note of $i\n"
	}
	return $csv
}

# A vault PATH with N customers, all made up.
proc tui_vault {path n} {
	set r [run -fd 3 $::tui_pass [program] init --passphrase-fd 3 $path]
	if {[dict get $r status] != 0} {
		error "init: [dict get $r stderr]"
	}
	text_write customers.csv [tui_csv $n]
	set r [run -fd 3 $::tui_pass [program] import --passphrase-fd 3 $path customers.csv]
	if {[dict get $r status] != 0} {
		error "import: [dict get $r stderr]"
	}
}

# What the command line says about the vault.
proc tui_cli {args} {
	return [dict get [run -fd 3 $::tui_pass [program] {*}$args --passphrase-fd 3] stdout]
}

# The interface in terminal NAME, unlocked; ARGS: options of tmux_start, then of the program.
proc tui_start {name cols rows args} {
	tui_locked $name $cols $rows {*}$args
	tui_unlock $name
}

proc tui_locked {name cols rows args} {
	set options {}
	while {[lindex $args 0] in {-term -env}} {
		set count [expr {[lindex $args 0] eq "-term" ? 1 : 2}]
		lappend options {*}[lrange $args 0 $count]
		set args [lrange $args [expr {$count + 1}] end]
	}
	tui_run $name $cols $rows {*}$options [program] {*}$args v.vault
	tmux_wait $name {Enter unlocks}
}

# tmux_start under a shell that stays and writes the exit status on the screen.
proc tui_run {name cols rows args} {
	set at 0
	while {[lindex $args $at] in {-term -env}} {
		incr at [expr {[lindex $args $at] eq "-term" ? 2 : 3}]
	}
	tmux_start $name $cols $rows {*}[lrange $args 0 $at-1] \
	    sh -c {"$@"; echo "[ended $?]"; exec cat} sh {*}[lrange $args $at end]
}

# Wait for the end of the program; its exit status (128 + the signal).
proc tui_end {name} {
	regexp {\[ended (\d+)\]} [tmux_wait $name {\[ended \d+\]}] - status
	return $status
}

proc tui_pid {name} {
	return [exec pgrep -P [tmux_pid $name]]
}

proc tui_unlock {name {pass ""}} {
	tmux_type $name [expr {$pass eq "" ? $::tui_pass : $pass}]
	tmux_keys $name Enter
	tmux_wait $name {Smith001}
}

# Type keys one after the other, then wait for PATTERN.
proc tui_do {name keys pattern} {
	tmux_keys $name {*}$keys
	return [tmux_wait $name $pattern]
}

# The line of the screen that matches.
proc tui_line {name pattern} {
	foreach line [split [tmux_screen $name] \n] {
		if {[regexp -- $pattern $line]} {
			return $line
		}
	}
	return ""
}

# test/lsan.supp names functions of curses, which is built without frame pointers.
if {[info exists env(STRONGROOM_ASAN)]} {
	append env(ASAN_OPTIONS) :fast_unwind_on_malloc=0
}
# One session that stays, so that the server does not end between two terminals.
tmux_start keep 40 10 cat
