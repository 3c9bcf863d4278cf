# Bytes of files: read, write, flip, copy, search.

proc file_read {path} {
	set f [open $path rb]
	try {
		return [read $f]
	} finally {
		close $f
	}
}

proc file_write {path bytes} {
	set f [open $path wb]
	try {
		puts -nonewline $f $bytes
	} finally {
		close $f
	}
}

# The same as UTF-8 text.
proc text_write {path text} {
	file_write $path [encoding convertto utf-8 $text]
}

proc text_read {path} {
	return [encoding convertfrom utf-8 [file_read $path]]
}

# LENGTH bytes at OFFSET as lower-case hexadecimal.
proc hexio_read {path offset length} {
	set f [open $path rb]
	try {
		seek $f $offset
		return [binary encode hex [read $f $length]]
	} finally {
		close $f
	}
}

# Overwrite in place; the file grows when it must.
proc hexio_write {path offset hex} {
	set f [open $path r+b]
	try {
		seek $f $offset
		puts -nonewline $f [binary decode hex $hex]
	} finally {
		close $f
	}
}

# A big-endian integer of a file.
proc hexio_int {path offset length} {
	return [expr {"0x[hexio_read $path $offset $length]" + 0}]
}

# Flip BIT (0..7) of the byte at OFFSET (negative: from the end).
proc flip_bit {path offset {bit 0}} {
	if {$offset < 0} {
		incr offset [file size $path]
	}
	scan [hexio_read $path $offset 1] %x byte
	hexio_write $path $offset [format %02x [expr {$byte ^ (1 << $bit)}]]
}

proc file_truncate {path size} {
	set f [open $path r+b]
	chan truncate $f $size
	close $f
}

# Vaults are put back to earlier states on purpose.
proc forget_seen {} {
	file delete -- {*}[glob -nocomplain -directory $::env(XDG_STATE_HOME)/strongroom */seen */audit]
}

# Copy a database and what lies beside it (log, shared memory, journal); what the target
# had of these is removed.
proc db_copy {from to} {
	forget_seen
	foreach suffix {"" -wal -shm -journal} {
		file delete -- $to$suffix
		if {[file exists $from$suffix]} {
			file copy -- $from$suffix $to$suffix
		}
	}
}

proc db_delete {path} {
	file delete -- $path $path-wal $path-shm $path-journal
}

# Whether the file holds the byte string.
proc file_contains {path bytes} {
	return [expr {[string first $bytes [file_read $path]] >= 0}]
}

# The files under the folders that hold the byte string.
proc files_with {bytes args} {
	set found {}
	foreach dir $args {
		foreach path [glob -nocomplain -directory $dir -types f -- * .*] {
			if {![catch {file_contains $path $bytes} yes] && $yes} {
				lappend found $path
			}
		}
		foreach sub [glob -nocomplain -directory $dir -types d -- *] {
			lappend found {*}[files_with $bytes $sub]
		}
	}
	return $found
}
