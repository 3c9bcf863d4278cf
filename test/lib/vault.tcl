# Vaults for the tests. The commands are of test/testfixture_store.c and _record.c.

set vault_pass "a passphrase of the tests"

# With ::vault_base the vaults lie on that VFS: the fault VFS.
if {[info exists vault_base]} {
	fault_register
	vault_setup $vault_base
} else {
	vault_setup
}

# A new vault called NAME, open; OPTIONS are those of vault_create.
proc vault_make {name path {options {}}} {
	vault_create $name $path $::vault_pass $options
	return
}

# One more connection called NAME on the vault that is open as OTHER.
proc vault_reopen {name other} {
	vault_clone $name $other
	return
}

# The entries of one kind of event, newest first; without it all.
proc audit_entries {name {event ""}} {
	return [audit_list $name [expr {$event eq "" ? {} : [list event $event]}]]
}

# The events, oldest first.
proc audit_events {name} {
	return [lreverse [lmap e [audit_entries $name] {dict get $e event}]]
}

# "ok", or what the verification found.
proc vault_integrity {name} {
	set verdict [vault_verify $name]
	return [expr {[dict get $verdict rc] eq "OK" ? "ok" : $verdict}]
}

# Run SCRIPT: OK, or the code that it failed with.
proc code_of {script} {
	if {[catch {uplevel 1 $script} result]} {
		return [lindex $result 0]
	}
	return OK
}

# Run SCRIPT, which must fail: its sentence.
proc sentence_of {script} {
	if {[catch {uplevel 1 $script} result]} {
		return [lindex $result 1]
	}
	return "it worked: $result"
}
