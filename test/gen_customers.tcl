# Prints a CSV of made-up customers: tclsh8.6 gen_customers.tcl SEED N ?-sealed | -twelve?
#
# The same SEED and N give the same bytes. The rows have what makes real files hard: names of
# many scripts, quotes, commas, line breaks inside a cell, empty cells, leading zeros. Nobody
# real is meant: mail goes to example domains, telephones are 555-01xx. With -sealed there are
# columns ssn (numbers that are never issued: 9xx and 000), card (public test numbers) and notes.
# With -twelve there are these three, and nine of the others.

# Whatever the locale says, this file is UTF-8.
if {[encoding system] ne "utf-8"} {
	encoding system utf-8
	source -encoding utf-8 [info script]
	return
}

namespace eval gen {
	variable state 1
	variable columns {
		first_name last_name company email phone phone_alt address city region postcode
		country url birth_date
	}
	variable columns_sealed {ssn card notes}
	variable left_out {phone_alt region country url} ;# of -twelve

	variable first {
		Ada Noemi Ulan Daza Ancor Zoë José Łukasz Siân Jürgen Ngọc Sofía Björn Chloé Máire
		Søren Žaneta İpek Dmitri Aoife Mireille Tomás Hana Kwame Amara Yusuf Leila Priya
		Arjun Wei Mei Kenji Yuki Min-jun Seo-yeon Olga Ivan Nadia Omar Fatima Grace Henry
		Ruth Walter Edith Carl Rosa Hugo Clara Ethan Lily Marcus Nina Oscar Paula Quentin
		Rhoda Simon Tessa Ursula Victor Wanda Xenia Yann Zelda Ольга Дмитрий Ελένη Γιώργος
		明 花子 민준 שירה ليلى Jean-Luc Anne-Marie {Mary Jo} De'Andre
	}
	variable last {
		Ellison O'Brien D'Angelo Müller Núñez Kowalski Nguyễn {van der Berg} {de la Cruz}
		Smith Johnson Garcia Okafor Østergård Šimić Åkesson Çelik Ivanova Петров Иванова
		Παπαδόπουλος 山田 王 김 כהן حداد Fitzgerald MacLeod Lindqvist Fernández Rossi Dubois
		Schmidt Novák Horváth Popescu Silva Santos Andersen Virtanen Jansen Peeters Weber
		Keller Huber Moser {St. John} Abbott Baker Carver Dyer Eaton Fuller Glover Harper
		Ingram Jarvis Knight Lawson Mercer Norris Osborne Porter Quigley Ramsey Sawyer
		Turner Underwood Vaughan Whitaker Young Zimmerman Hernández-López Smith-Jones
	}
	variable noun {
		Anvil Beacon Cedar Delta Ember Falcon Granite Harbor Indigo Juniper Keystone Lantern
		Meridian Northwind Orchard Pioneer Quarry Ridge Summit Timber Union Vista Willow
	}
	variable trade {
		{& Sons} {Logistics} {Supply, Inc.} {Bäckerei} {"Quality" Goods} {Partners, LLC}
		{Café} {Works} {S.A. de C.V.} {GmbH & Co. KG} {Press} {Freight}
	}
	variable street {
		{Oak St} {Maple Ave} {Main St} {Rue de l'Église} {Königsallee} {Calle Mayor} {High St}
		{Elm Dr} {Cedar Ln} {2nd Ave} {Church Rd} {Mill Ln} {Station Rd} {Ulica Długa}
	}
	# City, region, postcode pattern (# is a digit), country.
	variable place {
		{{New Orleans} LA 701## US} {Boston MA 021## US} {Newark NJ 071## US}
		{{San José} CA 951## US} {Chicago IL 606## US} {Houston TX 770## US}
		{Albany NY 122## US} {Portland OR 972## US} {Denver CO 802## US}
		{{St. Louis} MO 631## US} {Hartford CT 061## US} {Montréal QC {H2X 1Y#} CA}
		{Zürich ZH 80## CH} {Köln NW 506## DE} {München BY 803## DE} {Lyon ARA 690## FR}
		{Málaga AN 290## ES} {Łódź LD {90-0##} PL} {Århus {} 80## DK} {Dublin D {} IE}
		{London {} {N# 7GB} GB} {東京 {} {100-00##} JP} {Αθήνα I {104 ##} GR}
	}
	variable domain {example.com example.org example.net mail.example shop.example}
	variable note {
		{Prefers to be called in the morning.} {Asked for a "callback", twice.}
		{Moved; the new address\nis not confirmed.} {Pays late, but pays.}
		{Line one\nline two\nline three} {Discount of 10 %, agreed on the phone}
		{Speaks français and Deutsch.} {See invoice 2019/044; complaint is settled}
	}
	variable card {
		4242424242424242 4111111111111111 5555555555554444 378282246310005
		6011111111111117 3530111333300000 4000056655665556 5105105105105100
	}
}

# A number from 0 to N-1 (Park and Miller's generator).
proc gen::draw {n} {
	variable state
	set state [expr {$state * 48271 % 2147483647}]
	return [expr {$state * $n / 2147483647}]
}

proc gen::one {listvar} {
	variable $listvar
	return [lindex [set $listvar] [draw [llength [set $listvar]]]]
}

proc gen::digits {pattern} {
	while {[set at [string first # $pattern]] >= 0} {
		set pattern [string replace $pattern $at $at [draw 10]]
	}
	return $pattern
}

# A column that is empty in PERCENT of the rows.
proc gen::maybe {percent script} {
	return [expr {[draw 100] < $percent ? "" : [uplevel 1 $script]}]
}

proc gen::phone {country} {
	set number 555-01[format %02d [draw 100]]
	return [expr {$country in {US CA} ? "([expr {200 + [draw 700]}]) $number" :
	    "+[expr {30 + [draw 60]}] [expr {10 + [draw 90]}] $number"}]
}

# ASCII, so that the address is one that mail servers of old would take.
proc gen::mail {first last serial} {
	set name [regsub -all {[^a-z]} [string tolower $first.$last] ""]
	if {$name eq ""} {
		set name customer
	}
	return $name$serial@[one domain]
}

proc gen::address {} {
	set line "[expr {1 + [draw 9900]}] [one street]"
	switch [draw 12] {
		0 { append line ", Apt [expr {1 + [draw 60]}]" }
		1 { append line "\nFloor [expr {1 + [draw 9]}], \"Rear\"" }
		2 { append line " #[expr {1 + [draw 99]}]" }
	}
	return $line
}

proc gen::date {} {
	return [format %04d-%02d-%02d [expr {1930 + [draw 76]}] [expr {1 + [draw 12]}] \
	    [expr {1 + [draw 28]}]]
}

proc gen::ssn {} {
	set area [expr {[draw 10] ? 900 + [draw 100] : 0}]
	return [format %03d-%02d-%04d $area [expr {1 + [draw 99]}] [expr {1 + [draw 9999]}]]
}

proc gen::row {serial sealed} {
	set first [one first]
	set last [one last]
	lassign [one place] city region postcode country
	set cells [list $first $last \
	    [maybe 35 {return -level 0 "[one noun] [one trade]"}] \
	    [maybe 3 {mail $first $last $serial}] \
	    [maybe 5 {phone $country}] [maybe 60 {phone $country}] \
	    [maybe 2 {address}] $city $region [digits $postcode] $country \
	    [maybe 70 {return -level 0 https://www.[string tolower [one noun]].example/}] \
	    [maybe 10 {date}]]
	if {$sealed} {
		lappend cells [maybe 20 {ssn}] [maybe 30 {one card}] \
		    [maybe 75 {string map [list \\n \n] [one note]}]
	}
	return $cells
}

proc gen::line {cells} {
	set out {}
	foreach cell $cells {
		if {[string match "*\[\",\n\]*" $cell]} {
			set cell \"[string map {\" \"\"} $cell]\"
		}
		lappend out $cell
	}
	return [join $out ,]
}

proc gen::main {argv} {
	variable state
	variable columns
	variable columns_sealed
	variable left_out
	if {[llength $argv] < 2 || [catch {expr {[lindex $argv 0] + [lindex $argv 1]}}]} {
		puts stderr "usage: gen_customers.tcl SEED N ?-sealed | -twelve?"
		exit 2
	}
	lassign $argv seed rows
	set twelve [expr {"-twelve" in $argv}]
	set sealed [expr {$twelve || "-sealed" in $argv}]
	set all [concat $columns [expr {$sealed ? $columns_sealed : ""}]]
	set which {}
	foreach name $all {
		if {!$twelve || $name ni $left_out} {
			lappend which [lsearch $all $name]
		}
	}
	set state [expr {$seed % 2147483645 + 1}]
	draw 2 ;# neighbouring seeds begin alike
	draw 2
	fconfigure stdout -encoding utf-8 -translation lf -buffersize 1000000
	puts [join [lmap i $which {lindex $all $i}] ,]
	for {set i 1} {$i <= $rows} {incr i} {
		set cells [row $i $sealed]
		puts [line [expr {$twelve ? [lmap at $which {lindex $cells $at}] : $cells}]]
	}
}

gen::main $argv
