# Tests and measurements; included by the Makefile.
#
# tests/unit/test_X.c is linked with all of src but main.o; tests/term/test_X.c also with the
# terminal harness; both are cmocka programs of their own.

T := $(BUILD)/tests
TEST_CFLAGS := $(ALL_CFLAGS) -Itests/term -Itests/bench -Itests/unit -Icontent/include
TEST_LIBS := $(LIBS) -lcmocka -lvterm

UNIT := $(patsubst tests/unit/%.c,$(T)/%,$(wildcard tests/unit/test_*.c))
TERM_TESTS := $(patsubst tests/term/%.c,$(T)/%,$(wildcard tests/term/test_*.c))
CLI := $(patsubst tests/cli/%.c,$(T)/%,$(wildcard tests/cli/test_*.c))
VT_SRC := $(filter-out tests/term/test_%.c tests/term/screenshots.c,$(wildcard tests/term/*.c))
VT_OBJ := $(VT_SRC:%.c=$(BUILD)/%.o) $(BUILD)/src/base.o $(BUILD)/src/buf.o

$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -c -o $@ $<

# The demo library is tested without the tutor, whose names it need not avoid; instrumented as a
# whole, since a sanitizer that does not see its locks would see races.
$(T)/demolib.o: content/lib/demo.c content/include/demo.h Makefile
	@mkdir -p $(@D)
	$(CC) $(DEMO_CFLAGS) $(SANF) -c -o $@ $<

$(T)/test_demolib: $(BUILD)/tests/unit/test_demolib.o $(T)/demolib.o
	@mkdir -p $(@D)
	$(CC) $(SANF) -o $@ $^ -lcmocka -lcjson -lunistring -pthread

$(filter-out $(T)/test_demolib,$(UNIT)): $(T)/%: $(BUILD)/tests/unit/%.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(SANF) -o $@ $^ $(TEST_LIBS)

$(TERM_TESTS): $(T)/%: $(BUILD)/tests/term/%.o $(VT_OBJ)
	@mkdir -p $(@D)
	$(CC) $(SANF) -o $@ $^ -lcmocka -lvterm -lutil -lsqlite3 -lcjson

$(CLI): $(T)/%: $(BUILD)/tests/cli/%.o
	@mkdir -p $(@D)
	$(CC) $(SANF) -o $@ $^ -lcmocka -lcjson

# Programs that behave badly, for the tests of what the tutor does about them.
BAD := $(patsubst tests/bad/%.c,$(T)/bad/%,$(wildcard tests/bad/*.c))
$(BAD): $(T)/bad/%: tests/bad/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O1 -o $@ $<

TESTS := $(UNIT) $(TERM_TESTS) $(CLI)

check: all $(TESTS) $(BAD)
	@SYSTUTOR_BIN=$(BIN) SYSTUTOR_BAD=$(T)/bad SYSTUTOR_SRC=. sh tests/run.sh $(BIN) $(TESTS)

# The stored answers of golden tests written anew: look at the difference before you commit it.
golden: all $(TERM_TESTS) $(CLI) $(BAD)
	@for t in $(TERM_TESTS) $(CLI); do \
		GENERATE=1 SYSTUTOR_BIN=$(BIN) SYSTUTOR_BAD=$(T)/bad SYSTUTOR_SRC=. $$t || exit 1; done

screenshots: all $(T)/screenshots
	SYSTUTOR_BIN=$(BIN) $(T)/screenshots man/screenshots

$(T)/screenshots: $(BUILD)/tests/term/screenshots.o $(VT_OBJ)
	@mkdir -p $(@D)
	$(CC) $(SANF) -o $@ $^ -lcmocka -lvterm -lutil

# ---- measured ----

BENCH_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/bench/floor.c $(wildcard tests/bench/bench_*.c),$(wildcard tests/bench/*.c)))

$(T)/floor: $(BUILD)/tests/bench/floor.o
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LIBS)

$(T)/measure: $(BENCH_OBJ) $(BUILD)/tests/term/pty.o $(BUILD)/src/base.o $(BUILD)/src/buf.o
	@mkdir -p $(@D)
	$(CC) -o $@ $^ -lvterm -lm

$(T)/bench_store: $(BUILD)/tests/bench/bench_store.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LIBS)

$(T)/bench_model: $(BUILD)/tests/bench/bench_model.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LIBS)

# The demo library alone, with the flags of demos.
$(T)/bench_trace: tests/bench/bench_trace.c $(BUILD)/demos/demo.o
	@mkdir -p $(@D)
	$(CC) $(DEMO_CFLAGS) -o $@ $^

bench: all $(T)/floor $(T)/measure $(T)/bench_store $(T)/bench_model $(T)/bench_trace
	$(T)/measure $(BUILD) --floor $(T)/floor
	$(T)/bench_store
	$(T)/bench_model
	$(T)/bench_trace

# ---- linted ----

C_FILES = $(wildcard src/*.c src/*/*.c tests/*/*.c content/lib/*.c content/*/*/*.c)
H_FILES = $(wildcard src/*.h src/*/*.h tests/*/*.h content/include/*.h)

lint: lint-format lint-cppcheck lint-tidy lint-analyzer

lint-format:
	clang-format --dry-run -Werror $(C_FILES) $(H_FILES)

lint-cppcheck:
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppressions-list=tests/cppcheck.txt -D_GNU_SOURCE -Isrc \
		-Icontent/include src content

# One file a run: with several, clang-tidy 14 carries state over and warns of what is not there.
lint-tidy:
	@printf '%s\n' $(wildcard src/*.c src/*/*.c) | xargs -P$$(nproc) -I{} clang-tidy --quiet \
		--warnings-as-errors='*' {} -- $(STD) -Isrc -Icontent/include \
		$$(pkg-config --cflags $(PKGS)) 2>&1 | grep -v 'warnings* generated'; test $$? -eq 1

lint-analyzer:
	$(MAKE) --no-print-directory all BUILD=build/analyzer CFLAGS='-O1 -g -fanalyzer'

fuzz: $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

$(BUILD)/fuzz/%: tests/fuzz/%.c $(filter-out src/main.c,$(SRC))
	@mkdir -p $(@D)
	clang $(STD) -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -Itests/unit \
		$(shell pkg-config --cflags $(PKGS)) -o $@ $^ $(LIBS)

.PHONY: check golden screenshots bench lint lint-format lint-cppcheck lint-tidy lint-analyzer fuzz
-include $(wildcard $(BUILD)/tests/*/*.d)
