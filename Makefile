# systutor: build, test, install. One file, no recursion; everything made goes to build/.
#
#   make            the tutor and its demos          make check      all tests (SAN=... as well)
#   make run        build and open the tutor         make lint       clang-tidy, cppcheck, format
#   make install    DESTDIR= PREFIX=/usr/local       make bench      measured, both sides
#   make screenshots  pictures of the README         make clean
#
# SAN=address,undefined or SAN=thread builds into a folder of its own.

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
CFLAGS  ?= -O2 -g
SAN     ?=

comma := ,
BUILD := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
PKGS  := ncursesw libcjson md4c # for their headers; how they are linked is said in LIBS

WARN  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
STD   := -std=gnu11 -D_GNU_SOURCE -DNCURSES_NOMACROS
# gcc 12 sees null formats where UBSan has looked.
SANF  := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -Wno-format-truncation -Wno-format-overflow)
ALL_CFLAGS := $(STD) $(WARN) $(CFLAGS) $(SANF) -Isrc -MMD -MP $(shell pkg-config --cflags $(PKGS))
# The large libraries are linked statically, and all symbols bound at the start: fewer pages to map
# and to touch before the first frame, which takes a quarter less time for it.
LIBS  := -lcjson -lmd4c -Wl,-Bstatic -lncursesw -ltinfo -lsqlite3 -lunistring -Wl,-Bdynamic -lm \
	-Wl,-z,now

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- the tutor ----

SRC := $(wildcard src/*.c src/*/*.c)
OBJ := $(SRC:%.c=$(BUILD)/%.o)
LIB_OBJ := $(filter-out $(BUILD)/src/main.o,$(OBJ))
BIN := $(BUILD)/systutor

# ---- demos: content/TRACK/NN-SLUG/NAME.c -> build/demos/SLUG/NAME; q-*.c belong to questions ----

DEMO_SRC := $(filter-out content/include/% content/lib/%,$(wildcard content/*/*/*.c))
DEMO_SRC := $(foreach f,$(DEMO_SRC),$(if $(filter q-%,$(notdir $(f))),,$(f)))
slug = $(shell echo $(notdir $(patsubst %/,%,$(dir $(1)))) | sed 's/^[0-9]*-//')
DEMOS := $(foreach f,$(DEMO_SRC),$(BUILD)/demos/$(call slug,$(f))/$(basename $(notdir $(f))))
DEMO_CFLAGS := -std=gnu11 $(WARN) -O2 -g -pthread -Icontent/include

all: $(BIN) $(DEMOS)

$(BIN): $(OBJ)
	$(CC) $(SANF) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The flags decide too what an object is.
$(OBJ): Makefile

$(BUILD)/demos/demo.o: content/lib/demo.c content/include/demo.h Makefile
	@mkdir -p $(@D)
	$(CC) $(DEMO_CFLAGS) -c -o $@ $<

# A demo that needs more than libc says so in its opening comment: " * Links: -lcrypto".
LINKS_ALLOWED := -lcrypto -lm -lrt
links_of = $(shell sed -n '/\*\//q; s/^ \* Links: *//p' $(1))
links = $(if $(filter-out $(LINKS_ALLOWED),$(links_of)),$(error $(1): Links: only $(LINKS_ALLOWED)))$(links_of)

define demo_rule
$(BUILD)/demos/$(call slug,$(1))/$(basename $(notdir $(1))): $(1) $(BUILD)/demos/demo.o content/include/demo.h
	@mkdir -p $$(@D)
	$(CC) $(DEMO_CFLAGS) -o $$@ $$< $(BUILD)/demos/demo.o $$(call links,$(1))
endef
$(foreach f,$(DEMO_SRC),$(eval $(call demo_rule,$(f))))

run: all
	@$(BIN)

# ---- tests ----

include tests/tests.mk

# ---- installing ----

ROOT = $(DESTDIR)$(PREFIX)

install: all
	install -d "$(ROOT)/bin" "$(ROOT)/share/man/man1" \
		"$(ROOT)/share/man/man5" "$(ROOT)/share/systutor" \
		"$(ROOT)/libexec/systutor" \
		"$(ROOT)/share/bash-completion/completions" \
		"$(ROOT)/share/zsh/site-functions" \
		"$(ROOT)/share/fish/vendor_completions.d"
	install -m 755 $(BIN) "$(ROOT)/bin/systutor"
	rm -rf "$(ROOT)/share/systutor/content" "$(ROOT)/share/systutor/data" \
		"$(ROOT)/libexec/systutor/demos"
	cp -R content data "$(ROOT)/share/systutor/"
	rm -rf "$(ROOT)/share/systutor/data/completions"
	cp -R $(BUILD)/demos "$(ROOT)/libexec/systutor/"
	rm -f "$(ROOT)/libexec/systutor/demos/demo.o" "$(ROOT)/libexec/systutor/demos/demo.d"
	install -m 644 man/systutor.1 "$(ROOT)/share/man/man1/systutor.1"
	install -m 644 man/systutor-content.5 "$(ROOT)/share/man/man5/systutor-content.5"
	install -m 644 data/completions/systutor.bash "$(ROOT)/share/bash-completion/completions/systutor"
	install -m 644 data/completions/_systutor "$(ROOT)/share/zsh/site-functions/_systutor"
	install -m 644 data/completions/systutor.fish "$(ROOT)/share/fish/vendor_completions.d/systutor.fish"

uninstall:
	rm -f "$(ROOT)/bin/systutor" \
		"$(ROOT)/share/man/man1/systutor.1" \
		"$(ROOT)/share/man/man5/systutor-content.5" \
		"$(ROOT)/share/bash-completion/completions/systutor" \
		"$(ROOT)/share/zsh/site-functions/_systutor" \
		"$(ROOT)/share/fish/vendor_completions.d/systutor.fish"
	rm -rf "$(ROOT)/share/systutor" "$(ROOT)/libexec/systutor"

clean:
	rm -rf build

.PHONY: all run install uninstall clean
-include $(OBJ:.o=.d)
