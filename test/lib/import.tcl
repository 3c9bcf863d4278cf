# Small files to import into a vault made afresh, and what is counted.

proc import {text {opts {}}} {
	text_write in.csv $text
	return [import_run v in.csv $opts]
}

proc counts {report} {
	return [lmap k {rows added updated duplicates rejected invalid} {dict get $report $k}]
}

proc fresh {} {
	catch {vault_close v}
	db_delete t.vault
	vault_make v t.vault
}

set head "first_name,last_name,email"

# The second says some of the first again.
set first "$head,city\nA,B,a@x.example,Old\nC,D,c@x.example,\n"
set second "$head,city\nA,B,A@X.example,New\nE,F,e@x.example,\nE2,F,e@x.example,Twice\nN,N,,\nN,N,,\n"
