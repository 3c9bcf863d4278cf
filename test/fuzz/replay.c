/*
 * Runs one fuzz target over the files named on the command line, without libFuzzer: so
 * the corpus is replayed by `make check` whatever the compiler, and under the sanitizers.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX (16u * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(INPUT_MAX);
	size_t len;
	int bad = 1;

	if (f && data) {
		len = fread(data, 1, INPUT_MAX, f);
		bad = ferror(f) || LLVMFuzzerTestOneInput(data, len) != 0;
	}
	if (bad)
		fprintf(stderr, "replay: %s failed\n", path);
	free(data);
	if (f)
		fclose(f);
	return bad;
}

int
main(int argc, char **argv)
{
	int i, bad = 0;

	for (i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	printf("%d inputs\n", argc - 1);
	return bad;
}
