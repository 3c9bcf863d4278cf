# Vaults with old keys.

# The header of the vault PATH, which PASS opens, as if its first page epoch had begun DAYS ago.
proc vault_age {path days pass} {
	set kr [keyring_parse [string range [file_read $path] 0 65535]]
	keyring_unlock $kr -1 1 $pass
	set key [keyring_derive $kr header 32]
	set bytes [file_read $path]
	set then [binary format W [expr {([clock seconds] - $days * 86400) * 1000000}]]
	foreach copy {0 32768} {
		set raw [string range $bytes $copy [expr {$copy + 32703}]]
		set raw [string replace $raw 16648 16655 $then]
		append raw [sha256 $raw]
		append raw [hmac_sha256 $key $raw]
		set bytes [string replace $bytes $copy [expr {$copy + 32767}] $raw]
	}
	keyring_free $kr
	file_write $path $bytes
}
