# A terminal for the tests: one private tmux server, one session per terminal.
#
#   tmux_start t 100 30 [program] demo.vault
#   tmux_wait t {Passphrase}
#   tmux_type t "secret"; tmux_keys t Enter
#
# Nothing sleeps: tmux_wait polls the screen until a deadline.

namespace eval tmux {
	variable sessions {}

	# How long a screen is waited for: only a test that fails waits so long. Sanitizers are slow,
	# and the more so on a machine that has other work.
	variable patience 60000
	foreach name {STRONGROOM_ASAN STRONGROOM_TSAN STRONGROOM_VALGRIND} {
		if {[info exists ::env($name)]} {
			set patience 240000
		}
	}

	proc call {args} {
		return [exec -ignorestderr tmux -L sr -f /dev/null {*}$args]
	}

	proc quote {word} {
		return '[string map {' '\\''} $word]'
	}
}

# Start COMMAND in a terminal NAME of COLS x ROWS. Before the command, -term TERM and
# -env NAME VALUE may stand. The pane stays when the program ends; tui_run shows its exit status.
proc tmux_start {name cols rows args} {
	set term xterm-256color
	set env {}
	while {[lindex $args 0] in {-term -env}} {
		if {[lindex $args 0] eq "-term"} {
			set args [lassign $args - term]
		} else {
			set args [lassign $args - key value]
			append env " $key=[tmux::quote $value]"
		}
	}
	set command "exec env -u TMUX -u TMUX_PANE TERM=$term$env"
	foreach word $args {
		append command " [tmux::quote $word]"
	}
	# In one call, so that a program that ends at once still leaves its screen.
	tmux::call new-session -d -s $name -x $cols -y $rows -c [pwd] cat \; \
	    set-option -g remain-on-exit on \; set-option -g status off \; \
	    set-option -g escape-time 0 \; set-option -g history-limit 5000 \; \
	    respawn-pane -k -t $name: -c [pwd] $command
	lappend tmux::sessions $name
}

# Named keys of tmux: Enter, Escape, C-x, F1, PageDown ...
proc tmux_keys {name args} {
	tmux::call send-keys -t $name: {*}$args
}

# Literal text.
proc tmux_type {name text} {
	tmux::call send-keys -t $name: -l -- $text
}

# What the screen shows, lines without trailing blanks.
proc tmux_screen {name} {
	return [tmux::call capture-pane -p -t $name:]
}

# The same with the escape sequences of colours and attributes.
proc tmux_attributes {name} {
	return [tmux::call capture-pane -p -e -t $name:]
}

# Screen and everything that has scrolled away.
proc tmux_scrollback {name} {
	return [tmux::call capture-pane -p -S - -t $name:]
}

# Poll until the screen matches the regular expression (with -not: no longer matches) and
# stands still, for a picture may be taken in the middle of a paint; returns the screen.
# On the deadline an error that shows the screen.
proc tmux_wait {name pattern {ms ""} {not ""}} {
	if {$ms eq ""} {
		set ms $tmux::patience
	}
	set deadline [expr {[clock milliseconds] + $ms}]
	set last ""
	while {1} {
		set screen [tmux_screen $name]
		if {[regexp -- $pattern $screen] != ($not eq "-not") && $screen eq $last} {
			return $screen
		}
		set last $screen
		if {[clock milliseconds] > $deadline} {
			error "after $ms ms the screen shows [expr {$not eq "" ? "no" : "still"}]\
			    $pattern:\n$screen"
		}
		after 20
	}
}

proc tmux_resize {name cols rows} {
	tmux::call resize-window -t $name: -x $cols -y $rows
}

# The process in the terminal.
proc tmux_pid {name} {
	return [tmux::call display-message -p -t $name: "#{pane_pid}"]
}

# Column and row of the cursor, from 0.
proc tmux_cursor {name} {
	return [tmux::call display-message -p -t $name: "#{cursor_x} #{cursor_y}"]
}

# Whether the alternate screen is on.
proc tmux_alternate {name} {
	return [tmux::call display-message -p -t $name: "#{alternate_on}"]
}

proc tmux_kill {name} {
	catch {tmux::call kill-session -t $name}
	set tmux::sessions [lsearch -all -inline -not -exact $tmux::sessions $name]
}

proc tmux_kill_all {} {
	if {$tmux::sessions ne ""} {
		catch {tmux::call kill-server}
		set tmux::sessions {}
	}
}
