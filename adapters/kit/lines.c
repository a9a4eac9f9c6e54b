#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef _WIN32
#include <io.h>
#endif

static int to_tool = -1;
static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;

bool lines_open(void)
{
#ifdef _WIN32
    to_tool = _dup(STDOUT_FILENO);
    _setmode(STDIN_FILENO, _O_BINARY);
    _setmode(to_tool, _O_BINARY);
#else
    signal(SIGPIPE, SIG_IGN);
    to_tool = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
#endif
    return to_tool >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

const char *lines_read(size_t *length)
{
    static char buffer[LONGEST_LINE + 2];
    static size_t start, end;
    bool overlong = false;
    for (size_t seen = start;;) {
        char *stop = memchr(buffer + seen, '\n', end - seen);
        if (stop) {
            const char *line = buffer + start;
            *stop = '\0';
            *length = overlong ? LONGEST_LINE + 1 : (size_t)(stop - line);
            start = (size_t)(stop - buffer) + 1;
            return line;
        }
        memmove(buffer, buffer + start, end -= start);
        start = 0;
        seen = end;
        if (end > LONGEST_LINE) {
            overlong = true;
            seen = end = 0;
        }
        ssize_t got = read(STDIN_FILENO, buffer + end, sizeof buffer - end);
        if (got > 0)
            end += (size_t)got;
        else if (got == 0 || errno != EINTR)
            return NULL;
    }
}

void lines_send(struct json_out *lines)
{
    const char *at = lines->bytes;
    pthread_mutex_lock(&sending);
    for (size_t left = lines->used; left;) {
        ssize_t sent = write(to_tool, at, left);
        if (sent < 0 && errno != EINTR)
            _Exit(0);
        at += sent > 0 ? sent : 0;
        left -= sent > 0 ? (size_t)sent : 0;
    }
    pthread_mutex_unlock(&sending);
    free(lines->bytes);
    *lines = (struct json_out){0};
}
