#ifndef UI_FAILED_H
#define UI_FAILED_H

/* Failed attempts to unlock, in words. */

#include "store/vault.h"

#define FAILED_TIMES_LEN 320

/**
 * failed_times(info, most, out):
 * When the first ${most} were, in local time: "2026-01-31 12:00:07, 12:00:31 and 12 more"; the
 * date stands where it changes. "" when no time is known.
 */
void failed_times(
    const struct vault_info *info, int most, char out[FAILED_TIMES_LEN]);

#endif
