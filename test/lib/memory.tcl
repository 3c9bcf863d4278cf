# Secrets in the memory of another process, for store_memory.test and tui_memory.test.

# Whether it can be looked into: by root, and without a sanitizer, which keeps what is freed.
proc memory_possible {} {
	return [expr {[exec id -u] == 0 && ![info exists ::env(STRONGROOM_ASAN)]
	    && ![info exists ::env(STRONGROOM_TSAN)] && ![info exists ::env(STRONGROOM_VALGRIND)]}]
}

# {NAME BYTES ...}: the passphrase, and keys of the vault PATH that it opens.
proc memory_keys {path pass} {
	set kr [keyring_parse [string range [file_read $path] 0 65535]]
	keyring_unlock $kr -1 1 $pass
	set needles [list passphrase [encoding convertto utf-8 $pass] \
	    page-key [keyring_page_key $kr [dict get [keyring_info $kr] epoch]] \
	    header-key [keyring_derive $kr header 32] \
	    blind-key [keyring_derive_field $kr blind 32]]
	keyring_lock $kr
	return $needles
}

# The names of what is found, each once; with MEMORY_SAY in the environment where, too.
proc memory_names {pid needles} {
	set names {}
	foreach hit [memory_find $pid $needles] {
		if {[info exists ::env(MEMORY_SAY)]} {
			puts "  $hit"
		}
		lappend names [lindex $hit 0]
	}
	return [lsort -unique $names]
}
