# What the tests of the command line share; source it after tester.tcl.

# Run the program on a vault whose passphrase is PASS, given on descriptor 3: run's dict.
set PASS "correct horse battery staple"

proc sr {args} {
	return [run -fd 3 $::PASS\n [program] --passphrase-fd 3 {*}$args]
}

# Standard output when the status is 0, else "STATUS standard error".
proc sr_out {args} {
	set r [sr {*}$args]
	if {[dict get $r status] ne "0"} {
		return "[dict get $r status] [dict get $r stderr]"
	}
	return [string trimright [dict get $r stdout] \n]
}

# "STATUS standard error": how it failed.
proc sr_fails {args} {
	set r [sr {*}$args]
	return "[dict get $r status] [string trimright [dict get $r stderr] \n]"
}

# The same without any secret.
proc bare {args} {
	set r [run [program] {*}$args]
	return "[dict get $r status] [string trimright [dict get $r stdout][dict get $r stderr] \n]"
}

# A new vault NAME with the records of CSV (may be empty).
proc vault_with {name csv} {
	db_delete $name
	set made [sr_fails init $name --quiet]
	if {![string match 0* $made]} {
		error "init: $made"
	}
	if {$csv ne ""} {
		text_write $name.csv $csv
		set made [sr_fails import $name $name.csv --quiet]
		if {![string match 0* $made]} {
			error "import: $made"
		}
	}
}

set THREE "first_name,last_name,company,email,phone,city,region,birth_date
Ancor,Ellison,Anvil GmbH,a@mail.example,+1 555 0100,New Orleans,LA,1980-01-31
Noemi,Müller,Timber Works,n@mail.example,+1 555 0101,Boston,MA,1981-02-28
Daza,O'Brien,\"Beta, \"\"Co\"\"\",d@mail.example,+1 555 0102,New Orleans,LA,1982-03-31
"
