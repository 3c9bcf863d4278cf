#ifndef STORE_CSV_DETECT_H
#define STORE_CSV_DETECT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * csv_sep(s, len, delimiter): bytes of the line "sep=;" that ${s} begins with, quoted or not,
 * with its line end; ${delimiter} is what it names. 0: there is none.
 * csv_detect(s, len, whole):
 * Which of , ; tab | delimits the rows of ${s}, the beginning of a file (all of it when
 * ${whole}): the one that cuts most rows into as many columns as the first row. ',' when
 * none does.
 */
size_t csv_sep(const char *s, size_t len, char *delimiter);
char csv_detect(const char *s, size_t len, bool whole);

#endif
