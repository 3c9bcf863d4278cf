# strongroom: see `make help`. No configure; variants have their own build folder.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
SHARE    = $(PREFIX)/share

# Everything that apt installs, in one list. `make deps` installs what is missing.
DEPS_BUILD := gcc make pkg-config libsqlite3-dev libssl-dev libargon2-dev libncurses-dev \
	libutf8proc-dev libzxcvbn-dev libjansson-dev libseccomp-dev
DEPS_TEST  := tcl8.6 tcl8.6-dev libsqlite3-tcl expect tmux sqlite3 ncurses-term procps
DEPS_LINT  := clang clang-tidy cppcheck
DEPS_ALL   := $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_LINT)

# As many jobs as processors, unless the caller said how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
SUBMAKE = $(MAKE) --no-print-directory $(JOBS)

CC       ?= cc
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
HARDEN   := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LDHARDEN := -pie -Wl,-z,relro -Wl,-z,now
OPT      ?= -O2 -g
BUILD    ?= build

# The commands are shown with V=1.
Q := $(if $(V),,@)

# `make asan check` and `make coverage`: the same goals in a build folder of their own.
ifneq ($(filter asan,$(MAKECMDGOALS)),)
BUILD  := build-asan
OPT    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
HARDEN := -fPIE -fstack-protector-strong
export STRONGROOM_ASAN := 1
endif
ifneq ($(filter tsan,$(MAKECMDGOALS)),)
BUILD  := build-tsan
OPT    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
HARDEN := -fPIE
export STRONGROOM_TSAN := 1
endif
ifneq ($(filter coverage,$(MAKECMDGOALS)),)
BUILD := build-coverage
OPT   := -O0 -g --coverage
HARDEN := -fPIE
endif
ifdef WERROR
WARN += -Werror
endif

PKGS     := sqlite3 libcrypto libargon2 ncursesw panelw libutf8proc jansson libseccomp
# Confined as it is, the program still writes down there what of it has run.
CPPFLAGS += $(if $(filter build-coverage,$(BUILD)),-DCOVERAGE -DSANDBOX_ALSO='"$(CURDIR)/$(BUILD)"')
CPPFLAGS += -I. -D_GNU_SOURCE -DSTRONGROOM_VERSION='"$(VERSION)"'
# Looked up once the packages are there; `make deps` and `make help` need none of it.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lzxcvbn -lm -lpthread)$(PKG_LIBS)
TCL_CFLAGS = $(shell pkg-config --cflags tcl8.6 2>/dev/null || echo -I/usr/include/tcl8.6)
TCL_LIBS   = -ltcl8.6
CFLAGS_ALL = -std=c11 $(OPT) $(WARN) $(HARDEN) $(CPPFLAGS) $(CFLAGS)

SRC_FLOORS := $(wildcard keyring/*.c vfs/*.c store/*.c)
SRC_EXT    := $(wildcard vfs/extension*.c)
SRC_UI     := $(wildcard ui/*.c ui/cli/*.c ui/tui/*.c)
SRC_TEST   := $(wildcard test/*.c)
SRC_FUZZ   := $(wildcard test/fuzz/*.c)
SRC_BENCH  := $(wildcard test/bench/*.c)
SRC_TRY    := $(wildcard test/try/*.c)
SRC_ALL    := $(SRC_FLOORS) $(SRC_UI) $(SRC_TEST) $(SRC_FUZZ) $(SRC_BENCH) $(SRC_TRY)
HEADERS    := $(wildcard keyring/*.h vfs/*.h store/*.h ui/*.h ui/cli/*.h ui/tui/*.h test/*.h test/bench/*.h)

# The extension alone has its own files, and neither program nor fixture has them.
OBJ_FLOORS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(SRC_EXT),$(SRC_FLOORS)))
OBJ_UI     := $(SRC_UI:%.c=$(BUILD)/%.o)
OBJ_TEST   := $(SRC_TEST:%.c=$(BUILD)/%.o)
FLOOR_SHIP := $(BUILD)/keyring/kdf_floor.o
FLOOR_TEST := $(filter %/kdf_floor_test.o,$(OBJ_TEST))
OBJ_SHARED := $(filter-out $(FLOOR_SHIP),$(OBJ_FLOORS))
OBJ_FACES  := $(filter-out $(BUILD)/ui/main.o,$(OBJ_UI))

PROG      := $(BUILD)/strongroom
MAN       := $(BUILD)/strongroom.1
PROG_TEST := $(BUILD)/test/strongroom
FIXTURE   := $(BUILD)/testfixture
REPLAYS   := $(patsubst test/%.c,$(BUILD)/%,$(wildcard test/fuzz/fuzz_*.c))
TRIES     := $(BUILD)/try/try_sandbox $(BUILD)/try/without $(BUILD)/try/attach $(BUILD)/try/stop_at_exit.so
EXT       := $(BUILD)/strongroom_vfs.so
EXT_TEST  := $(BUILD)/test/strongroom_vfs.so
OBJ_PIC   := $(patsubst %.c,$(BUILD)/pic/%.o,$(wildcard keyring/*.c vfs/*.c))
ARCHIVE   := $(BUILD)/all.a
FUZZ_MAIN := $(BUILD)/test/fuzz/replay.o

.PHONY: all
all: $(PROG) extension ## build the program and the extension (the default)
	@ln -sf $(PROG) strongroom

.PHONY: extension
extension: $(EXT) ## build strongroom_vfs.so, for any program with SQLite (doc/extension.md)

$(PROG): $(OBJ_FLOORS) $(OBJ_UI)
	@echo "  LD $@"
	$(Q)$(CC) $(OPT) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The same objects with the test-only floor of the KDF.
$(PROG_TEST): $(OBJ_SHARED) $(OBJ_UI) $(FLOOR_TEST)
	@echo "  LD $@"
	$(Q)$(CC) $(OPT) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# SQLite is the one that the program has loaded, by its name.
EXT_LINK = $(CC) $(OPT) -shared -Wl,-z,relro -Wl,-z,now $(LDFLAGS) -o $@ $^ \
	$(shell pkg-config --libs sqlite3 libcrypto libargon2 libutf8proc) -lzxcvbn -lm -lpthread

$(EXT): $(OBJ_PIC)
	@echo "  LD $@"
	$(Q)$(EXT_LINK)

$(EXT_TEST): $(filter-out %/kdf_floor.o,$(OBJ_PIC)) $(BUILD)/pic/test/kdf_floor_test.o
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(EXT_LINK)

$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(filter-out -fPIE,$(CFLAGS_ALL)) -fPIC -fvisibility=hidden $(PKG_CFLAGS) \
		-MMD -MP -c -o $@ $<

# The project's own allocations go by test/faultmem.c, which can make them fail.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
# And what the keyring calls of its libraries by test/faultcipher.c.
WRAP_CIPHER := EVP_CipherInit_ex2 EVP_CipherUpdate EVP_CipherFinal_ex EVP_CIPHER_CTX_ctrl \
	EVP_CIPHER_CTX_set_padding EVP_CIPHER_CTX_new EVP_CIPHER_fetch EVP_MAC_fetch EVP_MAC_CTX_new \
	EVP_MAC_init EVP_MAC_update EVP_MAC_final EVP_Q_mac EVP_Q_digest \
	EVP_MD_CTX_new EVP_DigestInit_ex2 EVP_DigestUpdate EVP_DigestFinal_ex EVP_KDF_derive \
	EVP_KDF_CTX_new PKCS5_PBKDF2_HMAC argon2id_ctx RAND_priv_bytes_ex CRYPTO_secure_zalloc
# What the system's log is told, by test/testfixture_audit.c.
WRAP += -Wl,--wrap=notice_send
# And its own calls to the system by test/faultsys.c.
WRAP_SYS := open openat read write fsync fstat stat lstat link linkat renameat renameat2 \
	realpath
WRAP += $(WRAP_CIPHER:%=-Wl,--wrap=%) $(WRAP_SYS:%=-Wl,--wrap=%)

# Of the faces it takes the worker alone.
$(FIXTURE): $(OBJ_SHARED) $(OBJ_TEST) $(BUILD)/test/fuzz/memvfs.o $(BUILD)/ui/tui/worker.o
	@echo "  LD $@"
	$(Q)$(CC) $(OPT) $(LDHARDEN) $(WRAP) $(LDFLAGS) -o $@ $^ $(TCL_LIBS) $(PKG_LIBS)

# For programs that need a part of it: the linker takes that part.
$(ARCHIVE): $(OBJ_SHARED) $(OBJ_FACES) $(FLOOR_TEST)
	@rm -f $@
	@echo "  AR $@"
	$(Q)ar rcs $@ $^

# Programs of the tests that do what the shipped one never would.
$(BUILD)/try/%.so: test/try/%.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) -std=c11 $(WARN) -fPIC -shared -Wl,-z,now -o $@ $<

$(BUILD)/try/%: $(BUILD)/test/try/%.o $(ARCHIVE)
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/test/%.o: test/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CFLAGS_ALL) $(PKG_CFLAGS) $(TCL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CFLAGS_ALL) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

-include $(SRC_ALL:%.c=$(BUILD)/%.d) $(OBJ_PIC:%.o=%.d)

.PHONY: deps
deps: ## install with apt what is missing (says what it will do; nothing when all is there)
	@test/deps.sh $(DEPS_ALL)

.PHONY: check
check: ## install what the tests need, build, run all tests (TESTS="a b": only these)
	@test/deps.sh $(DEPS_BUILD) $(DEPS_TEST)
	@$(SUBMAKE) BUILD=$(BUILD) OPT="$(OPT)" HARDEN="$(HARDEN)" tests-built
	@BUILD=$(BUILD) tclsh8.6 test/run.tcl $(TESTS)

.PHONY: check-all
check-all: ## the threads (make tsan), then check with the long loops (1,000 kills, 100,000 power cuts)
	@$(MAKE) --no-print-directory tsan
	@STRONGROOM_ALL=1 $(MAKE) --no-print-directory check

.PHONY: tests-built
tests-built: $(PROG) $(PROG_TEST) $(FIXTURE) $(REPLAYS) $(TRIES) $(EXT) $(EXT_TEST)

.PHONY: asan
asan: ## with another goal (`make asan check`): address and undefined-behaviour sanitizers
	@$(SUBMAKE) BUILD=$(BUILD) OPT="$(OPT)" HARDEN="$(HARDEN)" tests-built

# What has threads: many connections to a vault, and the worker of the terminal interface.
THREADED := vfs_threads store_verify tui_list tui_record tui_edit tui_export tui_lock tui_unlock tui_signal tui_audit

.PHONY: tsan
tsan: ## run the tests that have threads (TESTS="a b": only these) under ThreadSanitizer
	@test/deps.sh $(DEPS_BUILD) $(DEPS_TEST)
	@$(SUBMAKE) BUILD=$(BUILD) OPT="$(OPT)" HARDEN="$(HARDEN)" tests-built
	@BUILD=$(BUILD) tclsh8.6 test/run.tcl $(or $(TESTS),$(THREADED))

.PHONY: valgrind
valgrind: ## run the tests (TESTS="a b": only these) under valgrind's memcheck
	@test/deps.sh $(DEPS_BUILD) $(DEPS_TEST) valgrind
	@$(SUBMAKE) tests-built
	@STRONGROOM_VALGRIND=1 BUILD=$(BUILD) tclsh8.6 test/run.tcl $(TESTS)

.PHONY: coverage
coverage: ## run the tests, print the lines and branches of each floor they reach
	@test/deps.sh $(DEPS_BUILD) $(DEPS_TEST)
	@find $(BUILD) -name '*.gcda' -delete 2>/dev/null || :
	@$(SUBMAKE) BUILD=$(BUILD) OPT="$(OPT)" HARDEN="$(HARDEN)" tests-built
	@BUILD=$(BUILD) tclsh8.6 test/run.tcl $(TESTS) || echo "coverage: some tests fail"
	@test/coverage.sh $(BUILD) keyring vfs store ui ui/cli ui/tui

# Each test/fuzz/fuzz_NAME.c twice: with libFuzzer, to look for new inputs, and with any
# compiler, to replay the corpus in `make check`.
FUZZ_SECONDS ?= 20

$(BUILD)/fuzz/%: $(BUILD)/test/fuzz/%.o $(BUILD)/test/fuzz/memvfs.o $(FUZZ_MAIN) $(ARCHIVE)
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(OPT) $(FUZZ_LINK) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.SECONDARY: $(patsubst %.c,$(BUILD)/%.o,$(SRC_FUZZ) $(SRC_BENCH) $(SRC_TRY))

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZ_SECONDS (20) on its corpus (needs clang)
	@test/deps.sh $(DEPS_BUILD) clang
	@$(SUBMAKE) CC=clang BUILD=build-fuzz HARDEN= FUZZ_MAIN= \
		OPT="-O1 -g -fsanitize=fuzzer-no-link,address,undefined" \
		FUZZ_LINK=-fsanitize=fuzzer $(REPLAYS:$(BUILD)/%=build-fuzz/%)
	@test/fuzz.sh build-fuzz/fuzz $(FUZZ_SECONDS)

$(BUILD)/bench_vfs: $(SRC_BENCH:%.c=$(BUILD)/%.o) $(ARCHIVE)
	@echo "  LD $@"
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: bench
bench: ## measure against plain SQLite: a table, and bench/results.json
	@test/deps.sh $(DEPS_BUILD) $(DEPS_TEST)
	@$(SUBMAKE) tests-built $(BUILD)/bench_vfs
	@BUILD=$(BUILD) tclsh8.6 test/bench/bench.tcl $(LOADS)

.PHONY: demo
demo: ## install what is missing, build, open a demonstration vault of 2,000 customers
	@test/deps.sh $(DEPS_BUILD) tcl8.6
	@$(SUBMAKE) all
	@test/demo.sh

.PHONY: lint
lint: ## clang-tidy, cppcheck and a build with clang; every warning is an error
	@test/deps.sh $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_LINT)
	@$(SUBMAKE) CC=clang BUILD=build-clang WERROR=1 all tests-built >/dev/null
	@cppcheck -j $(shell nproc) --quiet --error-exitcode=1 --std=c11 --inline-suppr \
		--enable=warning,performance,portability -I. -D_GNU_SOURCE $(SRC_ALL)
	@$(SUBMAKE) $(SRC_ALL:%.c=build/lint/%.ok)
	@echo "lint: clang, cppcheck and clang-tidy have nothing to say"

# Kept per file, so that only what changed is looked at again.
build/lint/%.ok: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- -std=c11 $(WARN) $(CPPFLAGS) $(PKG_CFLAGS) $(TCL_CFLAGS) \
		2>$@.err || { cat $@.err; exit 1; }
	@rm -f $@.err; touch $@

.PHONY: layers
layers: ## check that each floor includes only the floors below it
	@test/layers.sh

.PHONY: headers
headers: ## check that every header compiles alone
	@for h in $(HEADERS); do \
		$(CC) -std=c11 $(WARN) -Werror $(CPPFLAGS) $(PKG_CFLAGS) $(TCL_CFLAGS) \
			-fsyntax-only -x c $$h || exit 1; done; echo "headers: each compiles alone"

$(MAN): $(PROG)
	@echo "  MAN $@"
	$(Q)$(PROG) help --man >$@.new && mv $@.new $@

.PHONY: man
man: $(MAN) ## print the manual page from the table of operations: build/strongroom.1

.PHONY: install
install: $(PROG) $(EXT) $(MAN) ## install program, extension, man page, completion: PREFIX (/usr/local), DESTDIR
	install -D -m 0755 $(PROG) $(DESTDIR)$(PREFIX)/bin/strongroom
	install -D -m 0755 $(EXT) $(DESTDIR)$(PREFIX)/lib/strongroom_vfs.so
	install -D -m 0644 $(MAN) $(DESTDIR)$(SHARE)/man/man1/strongroom.1
	install -d $(DESTDIR)$(SHARE)/bash-completion/completions \
		$(DESTDIR)$(SHARE)/zsh/site-functions $(DESTDIR)$(SHARE)/fish/vendor_completions.d
	$(PROG) help --completion bash \
		>$(DESTDIR)$(SHARE)/bash-completion/completions/strongroom
	$(PROG) help --completion zsh >$(DESTDIR)$(SHARE)/zsh/site-functions/_strongroom
	$(PROG) help --completion fish \
		>$(DESTDIR)$(SHARE)/fish/vendor_completions.d/strongroom.fish

.PHONY: dist
dist: ## pack what is committed as strongroom-VERSION.tar.gz
	git archive --prefix=strongroom-$(VERSION)/ -o strongroom-$(VERSION).tar.gz HEAD

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: clean
clean: ## remove what was built
	rm -rf build build-* strongroom
