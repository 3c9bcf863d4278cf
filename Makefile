# strongroom: see `make help`. No configure; variants have their own build folder.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=

# Everything that apt installs, in one list. `make deps` installs what is missing.
DEPS_BUILD := gcc make pkg-config libsqlite3-dev libssl-dev libargon2-dev libncurses-dev \
	libutf8proc-dev libzxcvbn-dev libjansson-dev
DEPS_TEST  := tcl8.6 tcl8.6-dev libsqlite3-tcl expect tmux sqlite3 ncurses-term procps
DEPS_LINT  := clang clang-tidy cppcheck
DEPS_ALL   := $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_LINT)

CC       ?= cc
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
HARDEN   := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LDHARDEN := -pie -Wl,-z,relro -Wl,-z,now
OPT      ?= -O2 -g
BUILD    ?= build

# `make asan check` and `make coverage`: the same goals in a build folder of their own.
ifneq ($(filter asan,$(MAKECMDGOALS)),)
BUILD  := build-asan
OPT    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
HARDEN := -fPIE -fstack-protector-strong
export STRONGROOM_ASAN := 1
endif
ifneq ($(filter coverage,$(MAKECMDGOALS)),)
BUILD := build-coverage
OPT   := -O0 -g --coverage
HARDEN := -fPIE
endif
ifdef WERROR
WARN += -Werror
endif

PKGS     := sqlite3 libcrypto libargon2 ncursesw panelw libutf8proc jansson
CPPFLAGS += -I. -D_GNU_SOURCE -DSTRONGROOM_VERSION='"$(VERSION)"'
# Looked up once the packages are there; `make deps` and `make help` need none of it.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lzxcvbn -lm -lpthread)$(PKG_LIBS)
TCL_CFLAGS = $(shell pkg-config --cflags tcl8.6 2>/dev/null || echo -I/usr/include/tcl8.6)
TCL_LIBS   = -ltcl8.6
CFLAGS_ALL = -std=c11 $(OPT) $(WARN) $(HARDEN) $(CPPFLAGS) $(CFLAGS)

SRC_FLOORS := $(wildcard keyring/*.c vfs/*.c store/*.c)
SRC_UI     := $(wildcard ui/*.c ui/cli/*.c ui/tui/*.c)
SRC_TEST   := $(wildcard test/*.c)
HEADERS    := $(wildcard keyring/*.h vfs/*.h store/*.h ui/*.h ui/cli/*.h ui/tui/*.h test/*.h)

OBJ_FLOORS := $(SRC_FLOORS:%.c=$(BUILD)/%.o)
OBJ_UI     := $(SRC_UI:%.c=$(BUILD)/%.o)
OBJ_TEST   := $(SRC_TEST:%.c=$(BUILD)/%.o)
FLOOR_SHIP := $(BUILD)/keyring/kdf_floor.o
FLOOR_TEST := $(BUILD)/test/kdf_floor_test.o
OBJ_SHARED := $(filter-out $(FLOOR_SHIP),$(OBJ_FLOORS))

PROG      := $(BUILD)/strongroom
PROG_TEST := $(BUILD)/test/strongroom
FIXTURE   := $(BUILD)/testfixture

.PHONY: all
all: $(PROG) ## build the program (the default)
	@ln -sf $(PROG) strongroom

$(PROG): $(OBJ_FLOORS) $(OBJ_UI)
	$(CC) $(OPT) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The same objects with the test-only floor of the KDF.
$(PROG_TEST): $(OBJ_SHARED) $(OBJ_UI) $(FLOOR_TEST)
	$(CC) $(OPT) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(FIXTURE): $(OBJ_SHARED) $(OBJ_TEST)
	$(CC) $(OPT) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(TCL_LIBS) $(PKG_LIBS)

$(BUILD)/test/%.o: test/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(PKG_CFLAGS) $(TCL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJ_FLOORS:.o=.d) $(OBJ_UI:.o=.d) $(OBJ_TEST:.o=.d)

.PHONY: deps
deps: ## install with apt what is missing (says what it will do; nothing when all is there)
	@test/deps.sh $(DEPS_ALL)

.PHONY: check
check: deps ## install what the tests need, build, run all tests
	@$(MAKE) --no-print-directory BUILD=$(BUILD) OPT="$(OPT)" HARDEN="$(HARDEN)" tests-built
	@BUILD=$(BUILD) tclsh8.6 test/run.tcl $(TESTS)

.PHONY: tests-built
tests-built: $(PROG) $(PROG_TEST) $(FIXTURE)

.PHONY: asan
asan: ## with another goal (`make asan check`): address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory BUILD=$(BUILD) OPT="$(OPT)" HARDEN="$(HARDEN)" tests-built

.PHONY: layers
layers: ## check that each floor includes only the floors below it
	@test/layers.sh

.PHONY: headers
headers: ## check that every header compiles alone
	@for h in $(HEADERS); do \
		$(CC) -std=c11 $(WARN) -Werror $(CPPFLAGS) $(PKG_CFLAGS) $(TCL_CFLAGS) \
			-fsyntax-only -x c $$h || exit 1; done; echo "headers: each compiles alone"

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: clean
clean: ## remove what was built
	rm -rf build build-* strongroom
