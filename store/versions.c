/* Which libraries do the work: the ones that are loaded, not the ones compiled against. */

#include "store/versions.h"

#include <sqlite3.h>

#include "keyring/crypto.h"
#include "keyring/kdf.h"

void
versions_of(struct versions *out)
{
	out->sqlite = sqlite3_libversion();
	out->openssl = crypto_version();
	out->argon2 = kdf_version();
}
