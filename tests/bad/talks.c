/*
 * talks.c: a demo as it should be whose run is there to be looked at: turns=N questions and
 * answers between two lanes, with a note "turn", a snapshot, a point and a counter each. With
 * SYSTUTOR_TEST_GATE in the environment, the name of a FIFO, each turn waits until a byte has been
 * written there, so that a test can look at a run that goes on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE(ph, tid, us, rest)                                                                    \
    "{\"ph\":\"" ph "\",\"pid\":1,\"tid\":" tid ",\"ts\":%d" us "," rest "}\n"

static const char names[] =
    "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":\"talk\"}}\n"
    "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":1,\"args\":{\"name\":\"asker\"}}\n"
    "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":2,\"args\":{\"name\":\"worker\"}}\n";

/* Of one turn; %d: its number, which is also its time in milliseconds. */
static const char *const lines[] = {
    LINE("i", "1", "100", "\"name\":\"turn\",\"args\":{\"text\":\"another one\"}"),
    LINE("s", "1", "200", "\"name\":\"ask\",\"id\":%d,\"args\":{\"text\":\"what now?\"}"),
    LINE("f", "2", "300", "\"name\":\"ask\",\"id\":%d"),
    LINE("B", "2", "300", "\"cat\":\"run\",\"name\":\"work\""),
    LINE("O", "2", "400",
         "\"name\":\"heap\",\"id\":1,\"args\":{\"snapshot\":{\"name\":\"done so far\",\"nodes\":"
         "[{\"id\":\"n\",\"label\":\"work done\",\"fields\":\"turns=%d\"}]}}"),
    LINE("C", "2", "500", "\"name\":\"turns\",\"args\":{\"value\":%d}"),
    LINE("C", "2", "600", "\"name\":\"progress\",\"args\":{\"series\":\"work\",\"x\":%d,\"y\":1}"),
    LINE("E", "2", "700", "\"name\":\"work\""),
};

static int param(int argc, char **argv, const char *name, int fallback)
{
    const size_t n = strlen(name);

    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
            return atoi(argv[i] + n + 1);
    return fallback;
}

static void wait_at_gate(int gate)
{
    char byte;

    if (gate >= 0 && read(gate, &byte, 1) != 1)
        _exit(4);
}

int main(int argc, char **argv)
{
    const char *trace = getenv("SYSTUTOR_TRACE_FD"), *gate_path = getenv("SYSTUTOR_TEST_GATE");
    const int fd = trace ? atoi(trace) : STDOUT_FILENO;
    /* Open for writing as well: the end of a writer is no end of input. */
    const int gate = gate_path ? open(gate_path, O_RDWR | O_CLOEXEC) : -1;
    const int turns = param(argc, argv, "turns", 3);

    dprintf(fd, "%s", names);
    for (int turn = 1; turn <= turns; turn++) {
        wait_at_gate(gate);
        for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
            dprintf(fd, lines[i], turn, turn);
        printf("turn %d\n", turn);
        fflush(stdout);
    }
    wait_at_gate(gate);
    dprintf(fd,
            LINE("i", "1", "000",
                 "\"cat\":\"verdict\",\"name\":\"talk-ends\",\"args\":{\"result\":\"pass\","
                 "\"measured\":\"yes\",\"rule\":\"nobody asks again\"}"),
            turns + 1);
    return 0;
}
