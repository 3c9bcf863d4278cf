#!/bin/sh
# deps.sh PACKAGE ...: install with apt what is missing of the packages. Says what it will
# do before it does it; says nothing and touches nothing when all are there.
set -eu

say() {
	echo "deps: $*"
}

fail() {
	say "$*" >&2
	exit 1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
	say "there is no apt here, nothing is installed; this needs what Debian calls: $*"
	exit 0
fi

missing=
for package; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=none
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

# sudo asks for a password only where somebody can type it.
as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null ||
		fail "missing:$missing. As root run: apt-get install$missing"
	as_root=sudo
	[ -t 0 ] || as_root="sudo -n"
fi
say "installs with apt${as_root:+ as root}:$missing"

apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

update() {
	say "fetches the package lists (apt-get update)"
	apt update || fail "apt-get update failed (its words are above); is there a network?"
}

# Lists that lack a package were never fetched, or are old.
fresh=
for package in $missing; do
	if ! apt-cache show "$package" >/dev/null 2>&1; then
		update
		fresh=1
		break
	fi
done

# Packages of an old list may be gone from the server: then fetch the lists and try again.
# shellcheck disable=SC2086
apt install --no-install-recommends $missing && exit 0
if [ -z "$fresh" ]; then
	update
	# shellcheck disable=SC2086
	apt install --no-install-recommends $missing && exit 0
fi
fail "apt-get could not install:$missing (its words are above)"
